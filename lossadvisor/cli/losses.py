"""`lossadvisor losses`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from lossadvisor.cli.bar import Bar
from lossadvisor.cli.options import Failure, outcome, project_options, scope, settings_for, unexcluded
from lossadvisor.config import ConfigError
from lossadvisor.engine import analysis
from lossadvisor.findings import LossVerdict
from lossadvisor.reporters.jsons import loss_as_json
from lossadvisor.reporters.model import place
from lossadvisor.reporters.summary import loss_counts
from lossadvisor.source import memory


@click.command(epilog="Example:  lossadvisor losses src --output-format json")
@click.option("--output-format", "-f", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@project_options
def losses(form: str, **options: Any) -> int:
    """List every loss call with its verdict: consistent, finding, or unknown with the reason."""
    where = scope(options["paths"], options["stdin_filename"])
    settings = settings_for(options, where.cwd)
    where = unexcluded(where, settings)
    memory.limit(settings.max_memory)
    try:
        with Bar(sys.stderr) as bar:
            found = analysis(where.paths, settings, where.cwd, overlays=where.overlays, tell=bar)
    except ConfigError as error:
        raise Failure(str(error)) from None
    outcome(found.report.problems, found.notices)
    if form == "json":
        rows = [loss_as_json(loss) for loss in found.report.losses]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False, default=str) + "\n")
    else:
        for loss in found.report.losses:
            print(_line(loss))
        print(loss_counts(found.report.losses))
    return 2 if found.report.problems else 0


def _line(loss: LossVerdict) -> str:
    """`train.py:88:16: consistent torch.nn.CrossEntropyLoss: input scores over axis 1, target indices`."""
    codes = f" {', '.join(loss.codes)}" if loss.codes else ""
    axis = "" if loss.input.axis is None else f" over axis {loss.input.axis}"
    known = f"input {loss.input.domain.value}{axis}, target {loss.target.domain.value}"
    reason = f" ({loss.reason})" if loss.reason else ""
    return f"{place(loss.span)}: {loss.verdict.value}{codes} {loss.loss}: {known}{reason}"
