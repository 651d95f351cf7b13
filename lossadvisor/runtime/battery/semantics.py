"""What the options mean: reduction, weight, ignore_index, label_smoothing, and batches with nothing in them."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from lossadvisor.runtime.battery.problems import Problem
from lossadvisor.runtime.battery.result import Check, Outcome
from lossadvisor.runtime.battery.trial import Trial, attempt

_IGNORE = -100


def _agree(name: str, measured: float | str, expected: float, right: str, wrong: str) -> Check:
    if isinstance(measured, str):
        return Check(name, measured, expected, Outcome.WRONG, wrong)
    same = (math.isnan(measured) and math.isnan(expected)) or abs(measured - expected) <= 1e-8 * max(1.0, abs(expected))
    return Check(name, measured, expected, Outcome.OK if same else Outcome.WRONG, right if same else wrong)


def reductions(trial: Trial) -> list[Check]:
    """sum is the sum of the unreduced elements, mean their mean (weighted, or per label for CTC, where documented)."""
    if not trial.accepts("reduction"):
        return []
    problem, chain = trial.problem(rows=8), trial.right
    scores = problem.scores
    elements = trial.elementwise(scores, problem, chain, reduction="none")
    total = attempt(lambda: trial.elementwise(scores, problem, chain, reduction="sum"))
    mean = attempt(lambda: trial.elementwise(scores, problem, chain, reduction="mean"))
    divided = elements / problem.more[1] if trial.subject.contract == "ctc" else elements
    found = [
        _agree(
            "reduction='sum'", total, float(elements.sum()), "the sum of the elements", "not the sum of the elements"
        ),
        _agree(
            "reduction='mean'", mean, float(divided.mean()), "the mean of the elements", "not the mean of the elements"
        ),
    ]
    return [replace(one, outcome=Outcome.NOTE) for one in found] if _own(trial, found) else found


def _own(trial: Trial, found: list[Check]) -> bool:
    """Whether another package reduces in its own way, which is worth knowing and no mistake."""
    return trial.subject.foreign and any(check.outcome is Outcome.WRONG for check in found)


def class_weights(trial: Trial) -> Check | None:
    """With weights 1 ... C the mean is a weighted mean: divided by the weights of the targets, not by their number."""
    if not trial.subject.weighted or not trial.accepts("weight") or trial.options.get("label_smoothing"):
        return None
    problem = trial.problem(rows=16)
    weight = torch.arange(1, trial.classes + 1, dtype=torch.float64)
    elements = trial.elementwise(problem.scores, problem, trial.right, reduction="none")
    factors = weight[problem.target]
    expected = float((elements * factors).sum() / factors.sum())
    measured = attempt(lambda: trial.loss(problem.scores, problem, trial.right, weight=weight))
    return _agree("class weights", measured, expected, "a weighted mean", "not the weighted mean")


def ignored(trial: Trial) -> list[Check]:
    """ignore_index leaves out the samples; a batch of nothing else is 0 / 0."""
    if not trial.accepts("ignore_index"):
        return []
    index = trial.options.get("ignore_index", _IGNORE)
    problem = trial.problem(rows=16)
    target = problem.target.clone()
    keep = torch.arange(16) % 2 == 0
    if 0 <= index < trial.classes:
        keep = keep & (target != index)
    target[~keep] = index
    half = replace(problem, target=target)
    kept = Problem(problem.scores[keep], problem.target[keep])
    expected = float(trial.loss(kept.scores, kept, trial.right).detach())
    measured = attempt(lambda: trial.loss(problem.scores, half, trial.right))
    nothing = replace(problem, target=torch.full_like(target, index))
    void = attempt(lambda: trial.loss(problem.scores, nothing, trial.right))
    return [
        _agree("ignore_index", measured, expected, "ignored samples do not count", "ignored samples count"),
        _void("every target ignored", void),
    ]


def label_smoothing(trial: Trial) -> Check | None:
    """Smoothing by s lifts the floor to the entropy of the smoothed target."""
    if trial.subject.contract != "cross_entropy" or not trial.accepts("label_smoothing"):
        return None
    smoothing, classes = 0.1, trial.classes
    right, rest = 1 - smoothing + smoothing / classes, smoothing / classes
    expected = -(right * math.log(right) + (classes - 1) * rest * math.log(rest))
    problem = trial.problem(rows=8)
    q = torch.full_like(problem.scores, rest).scatter(1, problem.target[:, None], right)
    measured = attempt(lambda: trial.loss(q.log(), problem, trial.right, label_smoothing=smoothing))
    return _agree(
        "floor with label_smoothing=0.1", measured, expected, "the entropy of the smoothed target", "unlike it"
    )


def empty(trial: Trial) -> Check | None:
    """A batch of no samples."""
    if not trial.subject.batchwise:
        return None
    problem = trial.problem(rows=2)

    def cut(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(tensor[:0] for tensor in tensors)

    nothing = Problem(problem.scores[:0], problem.target[:0], cut(problem.more), cut(problem.before))
    return _void("empty batch", attempt(lambda: trial.loss(nothing.scores, nothing, trial.right)))


def _void(name: str, measured: float | str) -> Check:
    if isinstance(measured, str):
        return Check(name, measured, None, Outcome.NOTE, "the loss refuses it")
    if math.isnan(measured):
        return Check(name, measured, None, Outcome.NOTE, "0 / 0 gives nan: skip such a batch")
    return Check(name, measured, None, Outcome.OK, "a number")
