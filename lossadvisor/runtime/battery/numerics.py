"""Extreme scores in every floating format: where values or gradients stop being finite."""

from __future__ import annotations

import torch

from lossadvisor.late import dataclass
from lossadvisor.runtime.battery.chains import Chain
from lossadvisor.runtime.battery.problems import Problem
from lossadvisor.runtime.battery.result import Check, Outcome
from lossadvisor.runtime.battery.trial import Trial


@dataclass(frozen=True, slots=True)
class _Format:
    """A way of computing: the dtype of the scores, and whether autocast to bfloat16 is on."""

    name: str
    dtype: torch.dtype
    autocast: bool = False


_FORMATS = (
    _Format("in float32", torch.float32),
    _Format("in float16", torch.float16),
    _Format("in bfloat16", torch.bfloat16),
    _Format("under autocast", torch.float32, autocast=True),
)
_GAPS = (1.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 1000.0, 10000.0)
FINE = "finite"


def extremes(trial: Trial) -> list[Check]:
    """One check per format and one under autocast: the smallest score gap that breaks value or gradient."""
    if trial.subject.slow:
        return []
    checks = []
    for form in _FORMATS:
        written, right = (_first_bad(trial, chain, form) for chain in (trial.written, trial.right))
        checks.append(_check(f"extreme scores {form.name}", written, right))
    return checks


def _check(name: str, written: float | str, right: float | str) -> Check:
    if written == right:
        text = "every gap up to 10000 stays finite" if written == FINE else "no worse than the right chain"
        return Check(name, written, right, Outcome.OK, text)
    if isinstance(written, float) and (right == FINE or (isinstance(right, float) and right > written)):
        text = f"nan or inf from a score gap of {written:g}"
        return Check(name, written, right, Outcome.WRONG, text)
    if isinstance(written, str) and written != FINE:
        return Check(name, written, right, Outcome.WRONG, "the loss cannot be evaluated in this format")
    return Check(name, written, right, Outcome.OK, "holds longer than the right chain")


def _first_bad(trial: Trial, chain: Chain, form: _Format) -> float | str:
    """The first gap with a non-finite value or gradient, "finite" when there is none, or what is raised."""
    problem = trial.problem(rows=8)
    for gap in _GAPS:
        if gap > torch.finfo(form.dtype).max / 4:
            break
        try:
            if not _finite(trial, chain, problem, gap, form):
                return gap
        except Exception as error:
            return f"raises {type(error).__name__}"
    return FINE


def _finite(trial: Trial, chain: Chain, problem: Problem, gap: float, form: _Format) -> bool:
    direction = trial.subject.right(problem)
    if not bool((direction != 0).any()):
        direction = problem.scores.sign()
    for sign in (1.0, -1.0):  # confidently right, confidently wrong
        scores = (direction * sign * gap).to(form.dtype).requires_grad_()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=form.autocast):
            value = trial.loss(scores, problem, chain)
        if not bool(torch.isfinite(value)):
            return False
        if value.requires_grad:
            (gradient,) = torch.autograd.grad(value, scores)
            if not bool(torch.isfinite(gradient).all()):
                return False
    return True
