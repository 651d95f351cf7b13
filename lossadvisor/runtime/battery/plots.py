"""Curves of loss and gradient against the score, the chain as written beside the right chain. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from lossadvisor.contracts import by_id
from lossadvisor.runtime.battery.battery import trial_of
from lossadvisor.runtime.battery.chains import Chain
from lossadvisor.runtime.battery.result import Outcome, Validation
from lossadvisor.runtime.battery.tables import spelled
from lossadvisor.runtime.battery.trial import Trial
from lossadvisor.runtime.requirements import require_matplotlib

_SPAN = 10.0
_POINTS = 81


def curve(trial: Trial, chain: Chain) -> tuple[list[float], list[float], list[float]]:
    """(scores, losses, gradients): one sample whose right score runs from -10 to 10, all else being 0.

    Where the loss refuses the input, value and gradient are nan.
    """
    problem = trial.problem(rows=1, seed=1)
    direction = trial.subject.right(problem)
    if not bool((direction != 0).any()):
        direction = torch.ones_like(problem.scores)
    unit = direction.clamp(min=0) if bool((direction > 0).any()) else direction
    scores = torch.linspace(-_SPAN, _SPAN, _POINTS, dtype=torch.float64)
    losses, gradients = [], []
    for score in scores:
        value, slope = _at(trial, chain, score, unit)
        losses.append(value)
        gradients.append(slope)
    return scores.tolist(), losses, gradients


def _at(trial: Trial, chain: Chain, score: Tensor, unit: Tensor) -> tuple[float, float]:
    problem = trial.problem(rows=1, seed=1)
    leaf = score.clone().requires_grad_()
    try:
        value = trial.loss(leaf * (unit > 0).double(), problem, chain)
        slope = torch.autograd.grad(value, leaf)[0] if value.requires_grad else torch.zeros(())
        return float(value.detach()), float(slope)
    except Exception:
        return float("nan"), float("nan")


def draw(validations: Sequence[Validation], folder: Path) -> list[Path]:
    """One PNG per distinct validation in `folder` (made if missing); the paths written."""
    require_matplotlib("validate --plot")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for number, validation in enumerate(validations, 1):
        contract = by_id.get(validation.contract)
        if contract is None or validation.outcome is Outcome.SKIPPED:
            continue
        trial = trial_of(contract, validation.chain, validation.options, validation.classes)
        figure, panels = pyplot.subplots(1, 2, figsize=(10, 4))
        rows = ((trial.written, "as written", "-", "o"), (trial.right, "right", "--", "s"))
        for chain, label, line, marker in rows:
            scores, losses, gradients = curve(trial, chain)
            text = f"{label}: {spelled(chain.names)}"
            for panel, values in zip(panels, (losses, gradients), strict=True):
                panel.plot(
                    scores, values, line, marker=marker, markevery=10, color="black", label=text, fillstyle="none"
                )
        for panel, title in zip(panels, ("loss", "gradient of the loss"), strict=True):
            panel.set_xlabel("score of the right answer")
            panel.set_title(title)
            panel.legend()
            panel.grid(visible=True, alpha=0.3)
        figure.suptitle(_title(validation))
        figure.tight_layout()
        path = folder / f"{number:02d}-{validation.contract}.png"
        figure.savefig(path, dpi=120)
        pyplot.close(figure)
        written.append(path)
    return written


def _title(validation: Validation) -> str:
    place = "" if validation.span is None else f"{validation.span.filename}:{validation.span.start.row}  "
    return f"{place}{validation.loss}, {validation.classes} classes"
