"""What `check` and `losses` share: options that become settings, and where the paths come from."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from lossadvisor.config import ConfigError, Layer, Settings, load_settings
from lossadvisor.config.selection import verify
from lossadvisor.late import dataclass
from lossadvisor.source import Document, load_bytes
from lossadvisor.source.discovery import excluded

F = TypeVar("F", bound=Callable[..., Any])


class Failure(click.ClickException):
    """A wrong configuration: one line, exit status 2."""

    exit_code = 2


def project_options(function: F) -> F:
    """The options about which files are analysed and how."""
    path = click.Path(path_type=Path)
    number = click.IntRange(min=0)
    for option in reversed(
        (
            click.argument("paths", nargs=-1, type=click.Path(allow_dash=True)),
            click.option("--config", type=path, help="Configuration file to use instead of the nearest one."),
            click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
            click.option("--exclude", multiple=True, metavar="PATTERN", help="Replace the patterns to exclude."),
            click.option("--extend-exclude", multiple=True, metavar="PATTERN", help="Exclude more."),
            click.option("--force-exclude", is_flag=True, help="Exclude files that are named, too."),
            click.option("--project-root", type=path, help="Folder to index around files that are named."),
            click.option("--max-file-size", type=number, metavar="BYTES", help="Leave larger files out."),
            click.option("--max-memory", type=number, metavar="MB", help="Stop before taking more."),
            click.option("--stdin-filename", metavar="NAME", help="Name of the text read from standard input ('-')."),
            click.option("--no-cache", is_flag=True, help="Neither use results of earlier runs nor keep these."),
            click.option("--cache-dir", type=path, help="Where results are kept (default: .lossadvisor_cache)."),
            click.option("--jobs", "-j", type=click.IntRange(min=0), metavar="N",
                         help="Processes for a large project (default: one per processor)."),
        )
    ):
        function = option(function)
    return function


def rule_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """For the shell: the codes that begin so, and the names."""
    from lossadvisor.catalogue import headings

    begun = incomplete.casefold()
    known = [rule.code for rule in headings()] + [rule.name for rule in headings()]
    return [text for text in known if text.casefold().startswith(begun)]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files: the paths that remain, and the document from standard input with its bytes."""

    paths: tuple[str, ...]
    overlays: tuple[Document, ...]
    cwd: Path
    stdin: bytes | None = None


def scope(paths: Sequence[str], stdin_filename: str | None) -> Scope:
    """The paths of the command line, `.` when there are none; `-`, or a name for it alone, is standard input."""
    cwd = Path.cwd()
    if "-" not in paths:
        if stdin_filename is None:
            return Scope(tuple(paths) or (".",), (), cwd)
        if paths:
            raise Failure("--stdin-filename names the text of standard input: give '-' instead of the paths")
    name = stdin_filename or "stdin.py"
    rest = tuple(path for path in paths if path != "-")
    data = sys.stdin.buffer.read()
    return Scope(rest, (load_bytes(data, name, cwd / name),), cwd, data)


def unexcluded(where: Scope, settings: Settings) -> Scope:
    """Without the text of standard input where its name is excluded and `force-exclude` holds."""
    excludes = settings.excludes()
    if not excludes.force:
        return where
    return replace(where, overlays=tuple(one for one in where.overlays if not excluded(one.path, excludes)))


def settings_for(options: dict[str, Any], cwd: Path) -> Settings:
    """The settings of a run: the configuration file nearest to the paths, then the command line. Raises Failure."""
    try:
        if options.get("isolated") and options.get("config") is not None:
            raise ConfigError("--isolated ignores all configuration files: give it or --config, not both")
        nearest = _nearest(options.get("paths", ()), cwd, options.get("stdin_filename"))
        base = load_settings(nearest, options.get("config"), options.get("isolated", False))
        layer = _layer(options)
    except ConfigError as error:
        raise Failure(str(error)) from None
    changes: dict[str, Any] = {"root": cwd} if base.source is None else {}
    names = ("min_confidence", "fail_on", "output_format", "jobs", "cache_dir", "baseline", "project_root")
    for name in (*names, "max_file_size", "max_memory"):
        if options.get(name) is not None:
            changes[name] = options[name]
    if options.get("exclude"):
        changes["exclude"] = options["exclude"]
    if options.get("project_root") is not None:
        changes["project_root"] = cwd / options["project_root"]
        if not changes["project_root"].is_dir():
            raise Failure(f"--project-root: {options['project_root']}: no such folder")
    return replace(
        base,
        layers=(*base.layers, layer),
        extend_exclude=(*base.extend_exclude, *options.get("extend_exclude", ())),
        force_exclude=base.force_exclude or options.get("force_exclude", False),
        cache=base.cache and not options.get("no_cache", False),
        **changes,
    )


def _nearest(paths: Sequence[str], cwd: Path, stdin_filename: str | None) -> Path:
    """The folder that all the paths have in common; where there is none, the working directory."""
    folders = []
    stdin = stdin_filename or "stdin.py"
    for path in paths or ((stdin,) if stdin_filename else ()):
        full = Path(os.path.normpath(cwd / (stdin if path == "-" else path)))
        folders.append(full if os.path.isdir(full) else full.parent)
    try:
        return Path(os.path.commonpath([str(folder) for folder in folders]))
    except ValueError:  # no paths, or paths on several drives
        return cwd


def _layer(options: dict[str, Any]) -> Layer:
    select, extend, ignore = (_split(options.get(name, ())) for name in ("select", "extend_select", "ignore"))
    for name, selectors in (("--select", select), ("--extend-select", extend), ("--ignore", ignore)):
        verify(selectors, name)
    return Layer(select or None, extend, ignore)


def _split(values: Sequence[str]) -> tuple[str, ...]:
    """Selectors may be given one by one or with commas."""
    return tuple(part for value in values for part in value.replace(",", " ").split())


def outcome(problems: Sequence[str], notices: Sequence[str]) -> None:
    """What is no finding goes to standard error, so that standard output stays what the format promises."""
    for notice in notices:
        print(f"warning: {notice}", file=sys.stderr)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
