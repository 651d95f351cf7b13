"""What a loss of one's own wants, found by experiment: which input, which target, which reduction.

The loss is called with good and with bad predictions, each sent through several activations. An activation fits when
the loss stays finite, is bounded below, and is lowest for good predictions; of those that fit, the one that tells good
from bad most sharply is what the loss was made for.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import torch
from torch import Tensor

from lossadvisor.late import dataclass
from lossadvisor.runtime.battery.chains import Chain, chain
from lossadvisor.runtime.battery.problems import Problem
from lossadvisor.runtime.battery.subject import Subject
from lossadvisor.runtime.battery.subjects import SUBJECTS
from lossadvisor.runtime.battery.trial import Function

# (kind of target, activation) -> the contract of torch that asks for the same.
_NEAREST = {
    ("indices", "scores"): "cross_entropy",
    ("indices", "log-probabilities"): "nll",
    ("indices", "probabilities"): "nll",
    ("bits", "scores"): "bce_with_logits",
    ("bits", "element probabilities"): "bce",
    ("bits", "probabilities"): "bce",
    ("distribution", "log-probabilities"): "kl_div",
    ("distribution", "scores"): "kl_div",
    ("distribution", "probabilities"): "kl_div",
    ("signs", "scores"): "soft_margin",
    ("values", "scores"): "mse",
}
_ACTIVATIONS: dict[str, tuple[str, ...]] = {
    "scores": (),
    "log-probabilities": ("torch.log_softmax",),
    "element probabilities": ("torch.sigmoid",),
    "probabilities": ("torch.softmax",),
}
_KINDS = {
    "indices": "cross_entropy", "bits": "bce_with_logits", "distribution": "kl_div", "signs": "soft_margin",
    "values": "mse",
}  # fmt: skip
_ROWS, _CLASSES = 16, 5
_TINY = 1e-3


@dataclass(frozen=True)
class Inferred:
    """What the experiments say. `wants` and `target` are words of _ACTIVATIONS and _KINDS."""

    wants: str
    target: str
    contract: str
    reduction: str
    bounded: bool
    batch_consistent: bool
    shift_invariant: bool
    same_as_torch: bool

    def words(self) -> tuple[str, ...]:
        """The result in sentences."""
        say = {True: "is", False: "is not"}
        return (
            f"wants {self.wants} with {self.target} as target, as {self.contract} of torch does",
            f"returns {self.reduction}",
            f"{say[self.bounded]} bounded below",
            f"{say[self.batch_consistent]} consistent over batch sizes",
            f"{say[self.shift_invariant]} unchanged when a constant is added to the scores of a row",
            f"{say[self.same_as_torch]} equal to {self.contract} of torch",
        )


@dataclass(frozen=True)
class _Fit:
    target: str
    wants: str
    good: float  # the loss of good predictions
    sharpness: float  # how much more bad ones cost
    subject: Subject


class NotInferred(ValueError):
    """No experiment made sense of the loss; the message is one line."""


def infer(function: Function) -> tuple[Inferred, Subject, Chain]:
    """The contract of `function(prediction, target)`, the subject to try it with, and the chain that feeds it right.

    Raises NotInferred when the loss refuses every kind of target or prefers bad predictions to good ones.
    """
    fits = [fit for target in _KINDS for wants in _ACTIVATIONS if (fit := _fit(function, target, wants)) is not None]
    if not fits:
        raise NotInferred("the loss accepts none of the tried inputs and targets, or prefers wrong predictions")
    best = _choose(fits)
    contract = _NEAREST.get((best.target, best.wants), _KINDS[best.target])
    fed = chain(_ACTIVATIONS[best.wants])
    problem = best.subject.make(_ROWS, _CLASSES, torch.Generator().manual_seed(3))
    found = Inferred(
        best.wants, best.target, contract, _reduction(function, best.subject, problem, fed),
        _bounded(function, best.subject, problem, fed), _consistent(function, best.subject, problem, fed),
        _shift_invariant(function, problem, fed, best.subject), _same(function, contract, fed),
    )  # fmt: skip
    subject = replace(best.subject, contract=contract, recommended=_ACTIVATIONS[best.wants])
    return found, subject, fed


def _choose(fits: list[_Fit]) -> _Fit:
    """The first kind of target that fits at all, floats of 0/1 and of -1/+1 competing; within it the best input.

    Likelihoods are not negative, so inputs on which the loss stays at or above 0 go first; then those on which good
    predictions cost least; then the sharpest; plain scores win ties.
    """
    for kinds in (("values",), ("indices",), ("distribution",), ("bits", "signs")):
        same = [fit for fit in fits if fit.target in kinds]
        proper = [fit for fit in same if fit.good >= -_TINY] or same
        if proper:
            least = min(fit.good for fit in proper)
            close = [fit for fit in proper if fit.good <= least + _TINY]
            sharpest = max(fit.sharpness for fit in close)
            return next(fit for fit in close if fit.sharpness >= sharpest * (1 - 1e-6))
    return fits[0]


def _value(function: Function, problem: Problem, scores: Tensor, fed: Chain) -> float:
    """The mean of what the loss returns; nan when it refuses or has no gradient path from the scores."""
    leaf = scores.detach().clone().requires_grad_()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = function(*problem.arguments(fed(leaf, 1)))
    except Exception:
        return math.nan
    if not isinstance(result, Tensor) or not result.requires_grad:
        return math.nan
    return float(result.detach().double().mean())


def _fit(function: Function, target: str, wants: str) -> _Fit | None:
    subject = SUBJECTS[_KINDS[target]]
    fed = chain(_ACTIVATIONS[wants])
    problem = subject.make(_ROWS, _CLASSES, torch.Generator().manual_seed(0))
    if target == "values":
        return _regression(function, subject, problem) if wants == "scores" else None
    direction = subject.right(problem)
    if target == "distribution":
        return _divergence(function, subject, problem, wants)
    sizes = (6.0, 30.0)
    good = [_value(function, problem, direction * size, fed) for size in sizes]
    bad = [_value(function, problem, -direction * size, fed) for size in sizes]
    chance = _value(function, problem, direction * 0, fed)
    if not all(math.isfinite(value) for value in (*good, *bad, chance)):
        return None
    if not (good[1] <= good[0] + 1e-6 and good[0] < chance < bad[0] + 1e-9):
        return None
    if good[1] < good[0] - 5:  # goes on falling: unbounded on this input
        return None
    return _Fit(target, wants, good[1], bad[0] - good[0], subject)


def _regression(function: Function, subject: Subject, problem: Problem) -> _Fit | None:
    fed = chain(())
    exact = _value(function, problem, problem.target, fed)
    apart = [_value(function, problem, problem.target + shift, fed) for shift in (0.5, -0.5, 3.0)]
    if not all(math.isfinite(value) for value in (exact, *apart)):
        return None
    symmetric = abs(apart[0] - apart[1]) <= 1e-6 * max(1.0, abs(apart[0]))
    return _Fit("values", "scores", exact, apart[2] - exact, subject) if symmetric and exact < min(apart) else None


def _divergence(function: Function, subject: Subject, problem: Problem, wants: str) -> _Fit | None:
    fed = chain(_ACTIVATIONS[wants])
    exact = _value(function, problem, problem.target.log(), fed)
    other = _value(function, problem, problem.target.roll(1, 0).log(), fed)
    moved = _value(function, problem, problem.target.log() + 3, fed)  # unnormalised input must not pay
    if not (math.isfinite(exact) and math.isfinite(other) and abs(exact) < 1e-6 < other and moved > -_TINY):
        return None
    return _Fit("distribution", wants, exact, other - exact, subject)


def _reduction(function: Function, subject: Subject, problem: Problem, fed: Chain) -> str:
    result = function(*problem.arguments(fed(problem.scores, subject.axis)))
    if result.dim():
        return f"one value per {'sample' if result.dim() == 1 else 'element'}"
    twice = Problem(torch.cat([problem.scores] * 2), torch.cat([problem.target] * 2))
    double = function(*twice.arguments(fed(twice.scores, subject.axis)))
    ratio = float(double / result) if float(result) else 1.0
    return "a mean" if abs(ratio - 1) < 1e-6 else ("a sum" if abs(ratio - 2) < 1e-6 else "a number of its own kind")


def _bounded(function: Function, subject: Subject, problem: Problem, fed: Chain) -> bool:
    direction = subject.right(problem)
    near, far = (_value(function, problem, direction * size, fed) for size in (50.0, 500.0))
    return not far < near - 1


def _consistent(function: Function, subject: Subject, problem: Problem, fed: Chain) -> bool:
    """Whether the mean over two halves is the value of the whole (or the sum, for a sum)."""
    half = _ROWS // 2
    parts = [Problem(problem.scores[i : i + half], problem.target[i : i + half]) for i in (0, half)]
    whole, *halves = (
        function(*part.arguments(fed(part.scores, subject.axis))).double().mean() for part in (problem, *parts)
    )
    mean = (halves[0] + halves[1]) / 2
    return min(abs(float(whole - mean)), abs(float(whole - 2 * mean))) <= 1e-6 * max(1.0, abs(float(whole)))


def _shift_invariant(function: Function, problem: Problem, fed: Chain, subject: Subject) -> bool:
    before, after = (_value(function, problem, problem.scores + shift, fed) for shift in (0.0, 10.0))
    return abs(before - after) <= 1e-6 * max(1.0, abs(before))


def _same(function: Function, contract: str, fed: Chain) -> bool:
    subject = SUBJECTS[contract]
    problem = subject.make(_ROWS, _CLASSES, torch.Generator().manual_seed(5))
    given = fed(problem.scores, subject.axis)
    try:
        value = float(function(*problem.arguments(given)).double().mean())
        expected = float(subject.reference(given, problem, {}).mean())
    except Exception:
        return False
    return abs(value - expected) <= 1e-6 * max(1.0, abs(expected))
