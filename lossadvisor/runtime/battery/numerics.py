"""Extreme scores in every floating format: where values or gradients stop being finite."""

from __future__ import annotations

import torch
from torch import Tensor

from lossadvisor.runtime.battery.chains import Chain
from lossadvisor.runtime.battery.result import Check, Outcome
from lossadvisor.runtime.battery.subjects import Problem
from lossadvisor.runtime.battery.trial import Trial

_FORMATS = (("float32", torch.float32), ("float16", torch.float16), ("bfloat16", torch.bfloat16))
_GAPS = (1.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 1000.0, 10000.0)
FINE = "finite"


def extremes(trial: Trial) -> list[Check]:
    """One check per format and one under autocast: the smallest score gap that breaks value or gradient."""
    checks = []
    for name, dtype in _FORMATS:
        written, right = (_first_bad(trial, chain, dtype, False) for chain in (trial.written, trial.right))
        checks.append(_check(f"extreme scores in {name}", written, right))
    written, right = (_first_bad(trial, chain, torch.float32, True) for chain in (trial.written, trial.right))
    checks.append(_check("extreme scores under autocast", written, right))
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


def _first_bad(trial: Trial, chain: Chain, dtype: torch.dtype, autocast: bool) -> float | str:
    """The first gap with a non-finite value or gradient, "finite" when there is none, or what is raised."""
    problem = trial.problem(rows=8)
    for gap in _GAPS:
        if gap > torch.finfo(dtype).max / 4:
            break
        try:
            if not _finite(trial, chain, problem, gap, dtype, autocast):
                return gap
        except Exception as error:
            return f"raises {type(error).__name__}"
    return FINE


def _finite(
    trial: Trial, chain: Chain, problem: Problem, gap: float, dtype: torch.dtype, autocast: bool
) -> bool:
    direction = trial.subject.right(problem)
    if not bool((direction != 0).any()):
        direction = problem.scores.sign()
    for sign in (1.0, -1.0):  # confidently right, confidently wrong
        scores = (direction * sign * gap).to(dtype).requires_grad_()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            value = trial.loss(scores, problem, chain)
        if not bool(torch.isfinite(value)):
            return False
        if value.requires_grad:
            (gradient,) = torch.autograd.grad(value, scores)
            if not bool(torch.isfinite(gradient).all()):
                return False
    return True


def probabilities_lost(scores: Tensor) -> float:
    """The share of float32 softmax entries of `scores` that underflow to 0; their logarithm is -inf."""
    return float((scores.float().softmax(-1) == 0).double().mean())
