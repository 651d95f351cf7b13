"""`lossadvisor check`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from lossadvisor.cli.bar import Bar
from lossadvisor.cli.options import (
    Failure,
    Scope,
    outcome,
    project_options,
    rule_names,
    scope,
    settings_for,
    unexcluded,
)
from lossadvisor.config import OUTPUT_FORMATS, ConfigError, Settings
from lossadvisor.engine import Analysis, analysis
from lossadvisor.findings import Confidence, Severity
from lossadvisor.reporters import Medium, render
from lossadvisor.reporters.colours import wanted
from lossadvisor.source import memory

_RANK = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def _choice(kind: type[Confidence] | type[Severity]) -> click.Choice[str]:
    return click.Choice([member.value for member in kind])


@click.command(epilog="Example:  lossadvisor check src tests --select LA1 --output-format concise")
@click.option("--select", "-s", multiple=True, shell_complete=rule_names, metavar="RULE",
              help="Rules to run: codes, prefixes, names or ALL.")
@click.option("--ignore", "-i", multiple=True, shell_complete=rule_names, metavar="RULE", help="Rules not to run.")
@click.option("--extend-select", multiple=True, shell_complete=rule_names, metavar="RULE",
              help="Rules to run besides those.")
@click.option("--min-confidence", type=_choice(Confidence), help="Least confidence to report (default: likely).")
@click.option("--fail-on", type=_choice(Severity), help="Least severity that fails the run (default: warning).")
@click.option("--output-format", "-f", type=click.Choice(OUTPUT_FORMATS), help="How to report (default: full).")
@click.option("--output-file", "-o", type=click.Path(path_type=Path), help="Write the report to a file.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even with findings.")
@click.option("--statistics", is_flag=True, help="Show how often each rule was found instead of the findings.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Report only what this file does not list.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="List all present findings in this file.")
@click.option("--add-noqa", is_flag=True, help="Silence all present findings with a comment on their lines.")
@click.option("--fix", is_flag=True, help="Make the fixes that cannot change training.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: make the other fixes, too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change as a unified diff, and change nothing.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked, and stop.")
@click.option("--show-settings", is_flag=True, help="Show the settings that hold here, and stop.")
@project_options
def check(**options: Any) -> int:
    """Report losses that do not get what they expect.

    PATHS are files and folders (default: the current folder; '-' is standard input). Exit status: 0 nothing to report,
    1 findings, 2 wrong usage or configuration or a file that could not be read.
    """
    _compatible(options)
    where = scope(options["paths"], options["stdin_filename"])
    for name, kind in (("min_confidence", Confidence), ("fail_on", Severity)):
        if options[name] is not None:
            options[name] = kind(options[name])
    settings = settings_for(options, where.cwd)
    where = unexcluded(where, settings)
    if options["show_settings"]:
        return _show_settings(settings)
    if options["show_files"]:
        return _show_files(where, settings)
    if options["write_baseline"] is not None or options["add_noqa"]:
        settings = replace(settings, baseline=None if options["write_baseline"] else settings.baseline)
    memory.limit(settings.max_memory)
    try:
        with Bar(sys.stderr) as bar:
            found = analysis(where.paths, settings, where.cwd, overlays=where.overlays, tell=bar)
        if options["write_baseline"] is not None:
            return _write_baseline(options["write_baseline"], found)
    except ConfigError as error:
        raise Failure(str(error)) from None
    outcome(found.report.problems, found.notices)
    if options["add_noqa"]:
        return _add_noqa(found, settings, where)
    if options["diff"]:
        return _diff(found, settings, where, options)
    if options["fix"]:
        found = _fix(found, settings, where, options)
    text = _text(found, settings, where, options)
    if options["fix"] and where.stdin is not None and options["output_file"] is None:
        sys.stderr.write(text)  # standard output holds the mended text
    else:
        _write(text, options["output_file"])
    return _status(found, settings, options["exit_zero"])


def _compatible(options: dict[str, Any]) -> None:
    """Options that cannot be meant together. Raises Failure."""
    if not options["add_noqa"]:
        return
    for name in ("diff", "fix", "write_baseline"):
        if options[name]:
            raise Failure(f"--add-noqa writes comments: give it or --{name.replace('_', '-')}, not both")
    if "-" in options["paths"] or options["stdin_filename"] is not None:
        raise Failure("--add-noqa writes into files: name one instead of standard input")


def _text(found: Analysis, settings: Settings, where: Scope, options: dict[str, Any]) -> str:
    if options["statistics"]:
        from lossadvisor.reporters.summary import statistics, statistics_json

        as_json = settings.output_format in {"json", "json-lines"}
        return (statistics_json if as_json else statistics)(found.report.findings)
    to_terminal = options["output_file"] is None
    width = _columns() if to_terminal and sys.stdout.isatty() else 120
    medium = Medium(colour=to_terminal and wanted(sys.stdout), width=width, folder=where.cwd)
    return render(settings.output_format, found, medium)


def _columns() -> int:
    import shutil  # with four modules for compression, which nobody else needs

    return shutil.get_terminal_size((120, 24)).columns


def _write(text: str, file: Path | None) -> None:
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{file}: {error.strerror or error}") from None


def _status(found: Analysis, settings: Settings, exit_zero: bool) -> int:
    if found.report.problems:
        return 2
    failing = any(_RANK[finding.severity] >= _RANK[settings.fail_on] for finding in found.report.findings)
    return 1 if failing and not exit_zero else 0


def _write_baseline(file: Path, found: Analysis) -> int:
    from lossadvisor.engine.baseline import write
    from lossadvisor.reporters.summary import counted

    outcome(found.report.problems, found.notices)
    number = write(file, found.report.findings, found.documents)
    print(f"{file}: {counted(number, 'finding')} listed; use --baseline {file} from now on", file=sys.stderr)
    return 2 if found.report.problems else 0


def _add_noqa(found: Analysis, settings: Settings, where: Scope) -> int:
    from lossadvisor.cli.fixing import root_of
    from lossadvisor.engine.adding import add_comments
    from lossadvisor.reporters.summary import counted

    added = add_comments(found, lambda path: root_of(path, settings, where.cwd))
    for line in added.left:
        print(f"warning: {line}", file=sys.stderr)
    print(f"{counted(added.number, 'finding')} silenced in {counted(added.files, 'file')}", file=sys.stderr)
    return 2 if found.report.problems else 0


def _fix(found: Analysis, settings: Settings, where: Scope, options: dict[str, Any]) -> Analysis:
    """Make the fixes; the analysis of what is left."""
    from lossadvisor.cli.fixing import repaired, say, write

    done = repaired(found, settings, where, options["unsafe_fixes"])
    write(done, found, settings, where)
    if where.stdin is not None:
        name = where.overlays[0].filename if where.overlays else ""  # an excluded text comes back as it was
        sys.stdout.buffer.write(done.contents.get(name, where.stdin))
    say(done, "Fixed")
    if not done.contents:
        return found
    return analysis(where.paths, settings, where.cwd, overlays=where.overlays, revised=done.documents)


def _diff(found: Analysis, settings: Settings, where: Scope, options: dict[str, Any]) -> int:
    """Show the fixes; 1 when there are some."""
    from lossadvisor.cli.fixing import differences, repaired, say

    done = repaired(found, settings, where, options["unsafe_fixes"])
    _write(differences(done, found, settings, where), options["output_file"])
    say(done, "Would fix")
    if found.report.problems:
        return 2
    return 1 if done.contents and not options["exit_zero"] else 0


def _show_files(where: Scope, settings: Settings) -> int:
    from lossadvisor.source.discovery import discover

    found = discover(where.paths, where.cwd, settings.excludes())
    for file in found.files:
        print(file.filename)
    outcome(found.problems, ())
    return 2 if found.problems else 0


def _show_settings(settings: Settings) -> int:
    from lossadvisor.cli.showing import lines

    for line in lines(settings):
        print(line)
    return 0
