"""Values: against the reference, at chance, at the lowest point; and the gradient against finite differences."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lossadvisor.runtime.battery.chains import Chain
from lossadvisor.runtime.battery.result import Check, Outcome
from lossadvisor.runtime.battery.trial import Trial, attempt

_CLOSE = 1e-8
_FLOOR_SLACK = 1e-2


def against_reference(trial: Trial) -> Check | None:
    """The loss on its own input against the formula written out in float64, where there is one."""
    if not trial.subject.referenced:
        return None
    problem = trial.problem()
    given = trial.written(problem.scores, trial.subject.axis)
    name = "value against a float64 reference"
    measured = attempt(lambda: _mean(trial.function(*problem.arguments(given), **_unreduced(trial))))
    expected = float(trial.subject.reference(given, problem, trial.options).mean())
    if isinstance(measured, str):
        return Check(name, measured, expected, Outcome.WRONG, "the loss refuses what the chain hands it")
    if math.isnan(expected) and math.isnan(measured):
        return Check(name, measured, expected, Outcome.WRONG, "the formula itself is undefined on this input")
    same = abs(measured - expected) <= _CLOSE * max(1.0, abs(expected))
    text = "the formula written out gives the same" if same else "the formula written out gives another value"
    return Check(name, measured, expected, Outcome.OK if same else Outcome.WRONG, text)


def _differentiates(trial: Trial, chain: Chain) -> bool:
    """Whether autograd and central differences agree; for other packages in one random direction, as some are slow."""
    problem = trial.problem(rows=4)
    scores = problem.scores.clone().requires_grad_()
    try:
        return torch.autograd.gradcheck(
            lambda s: trial.loss(s, problem, chain), (scores,), eps=1e-6, atol=1e-5, raise_exception=False,
            fast_mode=trial.subject.foreign,
        )  # fmt: skip
    except RuntimeError:  # the quick form refuses what changes its type inside
        if trial.subject.foreign:
            return False
        raise


def _unreduced(trial: Trial) -> dict[str, object]:
    options = trial.neutral()
    if "reduction" in options:
        options["reduction"] = "none"
    return options


def _mean(result: Tensor) -> Tensor:
    return result.mean()


def gradcheck(trial: Trial) -> Check:
    """autograd against central differences in float64, through the chain as written."""
    problem = trial.problem(rows=4)
    name = "gradient against finite differences"
    scores = problem.scores.clone().requires_grad_()
    try:
        if not trial.loss(scores, problem).requires_grad:
            return Check(name, 0.0, None, Outcome.WRONG, "no gradient comes back: the chain is cut")
        agrees = _differentiates(trial, trial.written)
    except Exception as error:
        return Check(
            name, f"raises {type(error).__name__}", "agree", Outcome.WRONG, "the loss cannot be evaluated here"
        )
    if not agrees and trial.subject.foreign and not _differentiates(trial, trial.right):
        text = "with the right chain too: the package computes in float32 or stops a gradient on purpose"
        return Check(name, "differ", "differ", Outcome.NOTE, text)
    text = "autograd and differences agree" if agrees else "autograd and differences disagree"
    return Check(name, "agree" if agrees else "differ", "agree", Outcome.OK if agrees else Outcome.WRONG, text)


def at_chance(trial: Trial) -> Check | None:
    """The value when all scores are equal, against the closed form for an uninformed model."""
    problem = trial.problem(rows=64)
    expected = trial.subject.chance(problem, trial.options)
    if expected is None:
        return None
    zeros = torch.zeros_like(problem.scores)
    measured = attempt(lambda: trial.loss(zeros, problem))
    same = isinstance(measured, float) and abs(measured - expected) < 1e-6
    right = attempt(lambda: trial.loss(zeros, problem, trial.right))
    text = "as an uninformed model should score" if same else "not what an uninformed model scores"
    if not isinstance(right, float) or abs(right - expected) > 1e-6:
        return Check("value at chance", measured, right, Outcome.NOTE, "options move the value at chance")
    return Check("value at chance", measured, expected, Outcome.OK if same else Outcome.NOTE, text)


def lowest(trial: Trial) -> Check:
    """The least value that scores can reach through the chain, against the closed form of a right construction."""
    problem = trial.problem(rows=32)
    name = "lowest reachable value"
    expected = trial.subject.floor(problem, trial.options)
    reached = attempt(lambda: torch.tensor(_least(trial, written=True)))
    right = attempt(lambda: torch.tensor(_least(trial, written=False)))
    goal = right if expected is None else expected
    if isinstance(reached, str) or isinstance(goal, str):
        return Check(name, reached, goal, Outcome.WRONG, "the loss cannot be evaluated on what the chain hands it")
    if reached < goal - 1 and _falls_on(trial):
        falling = f"it falls to {reached:.4g} and on with larger scores: no lower bound"
        return Check(name, reached, goal, Outcome.WRONG, falling)
    if reached < goal - _FLOOR_SLACK:
        return Check(name, reached, goal, Outcome.WRONG, "it falls below the bound of a right construction")
    if reached > goal + _FLOOR_SLACK:
        return Check(name, reached, goal, Outcome.WRONG, "even perfect scores cannot bring the loss to its floor")
    return Check(name, reached, goal, Outcome.OK, "perfect scores reach the floor")


def _least(trial: Trial, written: bool) -> float:
    """The least of: ideal scores of growing size, and where gradient descent from zero gets."""
    problem = trial.problem(rows=32)
    chain = trial.written if written else trial.right
    subject = trial.subject
    candidates = [] if subject.best is None else subject.best(problem)
    direction = subject.right(problem)
    if bool((direction != 0).any()):
        candidates = [*candidates, *(direction * size for size in (1.0, 5.0, 20.0, 50.0, 500.0))]
    values = [float(trial.loss(scores, problem, chain).detach()) for scores in candidates]
    if not subject.slow:
        values.append(_descend(trial, written))
    return min(value for value in values if not math.isnan(value))


def _falls_on(trial: Trial) -> bool:
    """Whether ever larger scores go on lowering the loss."""
    problem = trial.problem(rows=32)
    direction = trial.subject.right(problem)
    near, far = (float(trial.loss(direction * size, problem).detach()) for size in (100.0, 1000.0))
    return far < near - 1


def _descend(trial: Trial, written: bool) -> float:
    problem = trial.problem(rows=32)
    chain = trial.written if written else trial.right
    scores = (problem.scores * 0.1).clone().requires_grad_()
    rate = torch.optim.Adam([scores], lr=0.3)
    value = trial.loss(scores, problem, chain)
    for _ in range(60):
        if not value.requires_grad:
            break
        rate.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        rate.step()
        value = trial.loss(scores, problem, chain)
    return float(value.detach())
