"""`lossadvisor clean`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lossadvisor.cache import NAME, clean
from lossadvisor.cli.options import Failure
from lossadvisor.config import ConfigError, load_settings


@click.command("clean", epilog="Example:  lossadvisor clean src")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--cache-dir", type=click.Path(path_type=Path), help="The folder to delete, if it is not the usual one.")
def clean_command(paths: tuple[Path, ...], cache_dir: Path | None) -> int:
    """Delete the cache of the projects that hold the PATHS (default: the current folder).

    Only what lossadvisor has written is deleted.
    """
    folders = [cache_dir] if cache_dir is not None else [_folder(path) for path in paths or (Path(),)]
    status = 0
    for folder in dict.fromkeys(folders):
        cleaned = clean(folder)
        if cleaned is None:
            print(f"{folder}: no cache of lossadvisor")
            continue
        print(f"{folder}: {cleaned.entries} {'entry' if cleaned.entries == 1 else 'entries'}, {cleaned.size:,} bytes")
        for line in cleaned.left:
            print(f"warning: left: {line}", file=sys.stderr)
            status = 2
    return status


def _folder(path: Path) -> Path:
    """The cache of a run with the working directory `path`."""
    start = path.resolve()
    if not start.is_dir():
        raise Failure(f"{path}: no such folder")
    try:
        settings = load_settings(start)
    except ConfigError as error:
        raise Failure(str(error)) from None
    return settings.cache_dir or settings.root / NAME
