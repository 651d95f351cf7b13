"""Learning: does the gradient point the right way, how much of it is left, does the loss notice wrong targets?"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from lossadvisor.runtime.battery.problems import Problem
from lossadvisor.runtime.battery.result import Check, Outcome
from lossadvisor.runtime.battery.trial import Trial

_LITTLE = 0.5


def gradient_kept(trial: Trial) -> Check:
    """Median over samples of |gradient as written| / |gradient of the right chain|, at normal scores."""
    problem = trial.problem(rows=64)
    name = "gradient kept"
    try:
        written = trial.gradient(problem.scores, problem)
    except Exception as error:
        return Check(name, f"raises {type(error).__name__}", 1.0, Outcome.WRONG, "no gradient can be computed")
    right = trial.gradient(problem.scores, problem, trial.right)
    axis = trial.subject.axis
    norms = [g.norm(dim=axis) if g.dim() > 1 else g.abs() for g in (written, right)]
    usable = norms[1] > 1e-12
    if not bool(usable.any()):
        return Check(name, None, 1.0, Outcome.SKIPPED, "the right chain has no gradient here either")
    kept = float((norms[0] / norms[1])[usable].median())
    if math.isnan(kept):
        return Check(name, kept, 1.0, Outcome.WRONG, "the gradient is not a number")
    if abs(kept - 1) < 1e-6:
        return Check(name, kept, 1.0, Outcome.OK, "all of the gradient arrives")
    outcome = Outcome.WRONG if kept < _LITTLE else Outcome.NOTE
    return Check(name, kept, 1.0, outcome, f"{kept:.2%} of the gradient of the right chain arrives at the scores")


def step_raises_right_score(trial: Trial) -> Check | None:
    """The share of samples whose right score rises when the scores step against the gradient."""
    problem = trial.problem(rows=64)
    direction = trial.subject.right(problem)
    if not bool((direction != 0).any()):
        return None
    name = "a step raises the right score"
    try:
        gradient = trial.gradient(problem.scores, problem)
    except Exception as error:
        return Check(name, f"raises {type(error).__name__}", 1.0, Outcome.WRONG, "no gradient can be computed")
    right = trial.gradient(problem.scores, problem, trial.right)
    risen, expected = (_risen(one, direction) for one in (gradient, right))
    outcome = Outcome.OK if risen >= expected - 0.02 else Outcome.WRONG
    text = "the gradient points the right way" if outcome is Outcome.OK else "the gradient misses the right score"
    return Check(name, risen, expected, outcome, text)


def _risen(gradient: Tensor, direction: Tensor) -> float:
    """The share of rows where -gradient goes up the right direction; rows without any gradient do not rise."""
    gain = -(gradient * direction)
    per_row = gain.sum(1) if gain.dim() > 1 else gain
    return float((per_row > 0).double().mean())


def hundred_steps(trial: Trial) -> Check | None:
    """Mean margin of the right score after a hundred equal plain steps from zero, beside that of the right chain."""
    problem = trial.problem(rows=32)
    direction = trial.subject.right(problem)
    if trial.subject.slow or trial.subject.best is not None or not bool((direction != 0).any()):
        return None
    name = "margin after 100 equal steps"
    try:
        reached = _walk(trial, problem, direction, written=True)
    except Exception as error:
        return Check(name, f"raises {type(error).__name__}", None, Outcome.WRONG, "no step can be taken")
    expected = _walk(trial, problem, direction, written=False)
    slow = reached < _LITTLE * expected
    text = "learning is held back" if slow else "learns as fast as the right chain"
    return Check(name, reached, expected, Outcome.WRONG if slow else Outcome.OK, text)


def _walk(trial: Trial, problem: Problem, direction: Tensor, written: bool) -> float:
    chain = trial.written if written else trial.right
    scores = torch.zeros_like(problem.scores)
    for _ in range(100):
        scores = scores - 0.1 * problem.scores.shape[0] * trial.gradient(scores, problem, chain)
    return float((scores * direction).sum() / len(scores))


def batch_size(trial: Trial) -> Check | None:
    """The value of a batch against the mean over its halves."""
    if not trial.subject.batchwise:
        return None
    problem = trial.problem(rows=32)
    name = "batch of 32 against its halves"
    try:
        whole = float(trial.loss(problem.scores, problem).detach())
        parts = (_rows(problem, 0, 16), _rows(problem, 16, 32))
        halves = [float(trial.loss(part.scores, part).detach()) for part in parts]
    except Exception as error:
        return Check(name, f"raises {type(error).__name__}", None, Outcome.WRONG, "the loss cannot be evaluated here")
    expected = sum(halves) / 2
    same = abs(whole - expected) <= 1e-9 * max(1.0, abs(expected))
    text = "the mean does not depend on the batch size" if same else "the value depends on the size of the batch"
    return Check(name, whole, expected, Outcome.OK if same else Outcome.NOTE, text)


def _rows(problem: Problem, start: int, stop: int) -> Problem:
    def cut(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(tensor[start:stop] for tensor in tensors)

    return Problem(problem.scores[start:stop], problem.target[start:stop], cut(problem.more), cut(problem.before))


def permuted_targets(trial: Trial) -> Check | None:
    """How much the loss of good scores rises when the targets are handed to the wrong samples."""
    problem = trial.problem(rows=32)
    direction = trial.subject.right(problem)
    ideal = direction * 3 if trial.subject.best is None else trial.subject.best(problem)[0]
    if not bool((ideal != 0).any()):
        return None
    name = "rise with permuted targets"
    moved = replace(problem, target=problem.target.roll(1, 0))
    try:
        rise, expected = (
            float((trial.loss(ideal, moved, chain) - trial.loss(ideal, problem, chain)).detach())
            for chain in (trial.written, trial.right)
        )
    except Exception as error:
        return Check(name, f"raises {type(error).__name__}", None, Outcome.WRONG, "the loss cannot be evaluated here")
    blunt = rise < 0.25 * expected
    text = "it hardly notices wrong targets" if blunt else "wrong targets cost more"
    return Check(name, rise, expected, Outcome.WRONG if blunt else Outcome.OK, text)
