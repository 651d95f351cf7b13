"""`lossadvisor run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from lossadvisor.cli.options import Failure
from lossadvisor.findings import Severity
from lossadvisor.runtime.requirements import MissingTorch, require_torch


@click.command(
    epilog="Example:  lossadvisor run --steps 50 train.py --epochs 1",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--steps", type=click.IntRange(min=1), help="End the script after so many optimizer steps.")
@click.option("--first", type=click.IntRange(min=0), default=5, show_default=True, help="Calls to look at first.")
@click.option("--every", type=click.IntRange(min=1), default=200, show_default=True, help="Then every so many.")
@click.option(
    "--compiled",
    type=click.Choice(["skip", "eager"]),
    default="skip",
    show_default=True,
    help="What to do with losses inside torch.compile; eager runs the first steps uncompiled to look at them.",
)
@click.option("--output-format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report here.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note"]), default="warning", show_default=True)
@click.argument("script", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(script: Path, arguments: tuple[str, ...], **options: Any) -> int:
    """Run SCRIPT with its ARGUMENTS, unchanged, and report what its losses were really given.

    This executes the script. Exit status 0: nothing to report, 1: findings, 2: wrong usage or the script failed.
    """
    try:
        require_torch("lossadvisor run")
    except MissingTorch as error:
        raise Failure(str(error)) from None
    if not script.is_file():
        raise Failure(f"no such script: {script}")
    from lossadvisor.runtime.script import run_script
    from lossadvisor.runtime.watching.watch import watch

    watching = watch(first=options["first"], every=options["every"], compiled=options["compiled"])
    done = run_script(script, list(arguments), watching, options["steps"])
    text = done.report.to_json() if options["form"] == "json" else done.report.text()
    if options["output_file"] is not None:
        options["output_file"].write_text(text + "\n", encoding="utf-8")
    else:
        sys.stdout.flush()
        print(text)
    if done.status:
        print(f"error: {script} ended with status {done.status}", file=sys.stderr)
        return 2
    return 1 if done.report.fails(Severity(options["fail_on"])) else 0
