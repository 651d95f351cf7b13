"""Curves of loss and gradient against the score, the chain as written beside the right chain. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from lossadvisor.contracts import by_id
from lossadvisor.late import dataclass
from lossadvisor.runtime.battery.battery import trial_of
from lossadvisor.runtime.battery.chains import Chain
from lossadvisor.runtime.battery.result import Outcome, Validation
from lossadvisor.runtime.battery.tables import spelled
from lossadvisor.runtime.battery.trial import Trial
from lossadvisor.runtime.requirements import require_matplotlib

_SPAN = 10.0
_POINTS = 81


@dataclass(frozen=True, slots=True)
class _Style:
    """How one curve is drawn. Nothing hangs on colour: line, width and marker differ, and the marks do not coincide."""

    label: str
    written: bool
    line: str
    marker: str
    width: float
    every: tuple[int, int]


_STYLES = (
    _Style("as written", True, "-", "o", 2.2, (0, 10)),
    _Style("right", False, "--", "s", 1.2, (5, 10)),
)


def curve(trial: Trial, chain: Chain) -> tuple[list[float], list[float], list[float]]:
    """(scores, losses, gradients): one sample whose right score runs from -10 to 10, all else being 0.

    For losses without a right score, what runs from -10 to 10 is the length of a step from a random input against the
    gradient of the right chain. Where the loss refuses the input, value and gradient are nan.
    """
    start, unit = _line(trial)
    scores = torch.linspace(-_SPAN, _SPAN, _POINTS, dtype=torch.float64)
    points = [_at(trial, chain, start, unit, score) for score in scores]
    return scores.tolist(), [value for value, _ in points], [slope for _, slope in points]


def has_right_score(trial: Trial) -> bool:
    """Whether more is better for some score: not so for regressions and distances, whose best input is a point."""
    return trial.subject.best is None and bool((trial.subject.right(trial.problem(rows=1, seed=1)) != 0).any())


def _line(trial: Trial) -> tuple[Tensor, Tensor]:
    """The input at score 0, and what one unit of score adds to it."""
    problem = trial.problem(rows=1, seed=1)
    if not has_right_score(trial):
        back = -trial.gradient(problem.scores, problem, trial.right)
        return problem.scores, back / back.abs().max().clamp(min=1e-12)
    direction = trial.subject.right(problem)
    unit = direction.clamp(min=0) if bool((direction > 0).any()) else direction
    return torch.zeros_like(problem.scores), (unit > 0).double()


def _at(trial: Trial, chain: Chain, start: Tensor, unit: Tensor, score: Tensor) -> tuple[float, float]:
    problem = trial.problem(rows=1, seed=1)
    leaf = score.clone().requires_grad_()
    try:
        value = trial.loss(start + leaf * unit, problem, chain)
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
        figure, panels = pyplot.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
        for style in _STYLES:
            chain = trial.written if style.written else trial.right
            scores, losses, gradients = curve(trial, chain)
            text = f"{style.label}: {spelled(chain.names)}"
            for panel, values in zip(panels, (losses, gradients), strict=True):
                panel.plot(
                    scores, values, style.line, marker=style.marker, markevery=style.every, color="black",
                    linewidth=style.width, label=text, fillstyle="none",
                )  # fmt: skip
        along = "score of the right answer" if has_right_score(trial) else "step against the gradient"
        for panel, title in zip(panels, ("loss", "gradient of the loss"), strict=True):
            panel.set_xlabel(along)
            panel.set_ylabel(title)
            panel.grid(visible=True, alpha=0.3)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        figure.suptitle(_title(validation))
        path = folder / f"{number:02d}-{validation.contract}.png"
        figure.savefig(path, dpi=120)
        pyplot.close(figure)
        written.append(path)
    return written


def _title(validation: Validation) -> str:
    place = "" if validation.span is None else f"{validation.span.filename}:{validation.span.start.row}  "
    return f"{place}{validation.loss}, {validation.classes} classes"
