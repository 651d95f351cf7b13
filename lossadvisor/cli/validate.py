"""`lossadvisor validate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lossadvisor.cli.options import Failure, outcome, project_options, scope, settings_for, unexcluded
from lossadvisor.config import ConfigError
from lossadvisor.engine import analysis
from lossadvisor.runtime.requirements import MissingTorch, require_matplotlib, require_torch

if TYPE_CHECKING:
    from lossadvisor.runtime.battery.result import Validation


@click.command(epilog="Example:  lossadvisor validate src --plot curves")
@click.option("--output-format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--plot", type=click.Path(path_type=Path, file_okay=False), help="Folder for curves of loss and gradient."
)
@click.option(
    "--import", "name", metavar="MODULE:FACTORY", help="Import this loss of your own and try it. This runs your code."
)
@project_options
def validate(form: str, plot: Path | None, name: str | None, **options: Any) -> int:
    """Prove each loss with numbers: its value, floor, gradient and options, beside those of the right chain.

    The losses and what feeds them are read from the code and tried on synthetic tensors; nothing of the code is run,
    except with --import. Exit status 0: all right, 1: a loss is wrong, 2: wrong usage or an unreadable file.
    """
    try:
        require_torch("lossadvisor validate")
        if plot is not None:
            require_matplotlib("lossadvisor validate --plot")
    except MissingTorch as error:
        raise Failure(str(error)) from None
    if name is not None:
        if options["paths"]:
            raise click.UsageError("give either PATHS or --import, not both")
        validations, failed = [_own(name)], False
    else:
        validations, failed = _found(options)
    _show(validations, form, plot)
    if failed:
        return 2
    return 1 if any(validation.outcome.value == "wrong" for validation in validations) else 0


def _own(name: str) -> Validation:
    from lossadvisor.runtime.battery.infer import NotInferred
    from lossadvisor.runtime.battery.own import NotImported, validate_own

    try:
        return validate_own(name, Path.cwd())
    except (NotImported, NotInferred) as error:
        raise Failure(str(error)) from None


def _found(options: dict[str, Any]) -> tuple[list[Validation], bool]:
    """The validations of the losses under the paths, and whether a file could not be analysed."""
    from lossadvisor.runtime.battery.project import validate_losses

    where = scope(options["paths"], options["stdin_filename"])
    settings = settings_for(options, where.cwd)
    where = unexcluded(where, settings)
    try:
        found = analysis(where.paths, settings, where.cwd, overlays=where.overlays)
    except ConfigError as error:
        raise Failure(str(error)) from None
    validations = validate_losses(found.report.losses)
    outcome(found.report.problems, found.notices)
    return validations, bool(found.report.problems)


def _show(validations: list[Validation], form: str, plot: Path | None) -> None:
    from lossadvisor.runtime.battery.tables import as_json, as_text

    sys.stdout.write((as_json(validations) if form == "json" else as_text(validations)) + "\n")
    if plot is not None:
        from lossadvisor.runtime.battery.plots import draw

        for path in draw(validations, plot):
            print(f"wrote {path}", file=sys.stderr)
