"""Losses behind which a linear layer stands: one is handed its weights, one owns them.

Both get twice as many features as classes. Then features can be chosen that give any scores at all, by the
pseudo-inverse of the layer, and the closed forms of cross-entropy hold as they do for scores.
Sources: the pages of torch.nn.LinearCrossEntropyLoss and torch.nn.AdaptiveLogSoftmaxWithLoss on docs.pytorch.org; the
adaptive softmax after Grave et al. (2017), section 3.
"""

from __future__ import annotations

import copy
import math
from functools import cache

import torch
from torch import Tensor, nn

from lossadvisor.runtime.battery import forms
from lossadvisor.runtime.battery import problems as make
from lossadvisor.runtime.battery import references as ref
from lossadvisor.runtime.battery.problems import Options, Problem
from lossadvisor.runtime.battery.subject import Subject

_SIZES = (1.0, 5.0, 20.0, 50.0)


@cache
def _layer(classes: int) -> Tensor:
    """The weights (C, 2C) of the layer in front of linear_cross_entropy: orthogonal rows."""
    g = torch.Generator().manual_seed(0)
    rows: Tensor = torch.linalg.qr(torch.randn(2 * classes, classes, generator=g, dtype=torch.float64)).Q.T
    return rows


def layered(
    input: Tensor,
    target: Tensor,
    *,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> Tensor:
    """linear_cross_entropy on features (N, 2C) with the fixed weights of a layer to C classes."""
    layer = _layer(input.shape[1] // 2).to(input.dtype)
    cost: Tensor = torch.nn.functional.linear_cross_entropy(  # type: ignore[attr-defined,unused-ignore]
        input, layer, target, weight=weight, reduction=reduction, ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )  # fmt: skip
    return cost


def _classes(problem: Problem) -> int:
    return problem.scores.shape[1] // 2


def _toward_row(problem: Problem) -> Tensor:
    """Up for the score of the target's class, down for the others, as a direction among features."""
    weight = _layer(_classes(problem))
    up = torch.eye(len(weight), dtype=torch.float64)[problem.target] - 1 / len(weight)
    return up @ weight


def _layered_floor(problem: Problem, options: Options) -> float:
    q = ref.distribution(problem.target, _classes(problem), forms.smoothing(options))
    return float(forms.entropy(q).mean())


def _log_rows(problem: Problem, options: Options) -> float:
    return math.log(_classes(problem))


def _layered_best(problem: Problem) -> list[Tensor]:
    return [_toward_row(problem) * size for size in _SIZES]


@cache
def _owner(classes: int, dtype: torch.dtype) -> nn.AdaptiveLogSoftmaxWithLoss:
    """The module for so many classes: half of them in the head, the rest in two clusters (one below four classes)."""
    if dtype is not torch.float64:
        return copy.deepcopy(_owner(classes, torch.float64)).to(dtype)
    head = max(1, classes // 2)
    cutoffs = sorted({head, head + (classes - head) // 2} - {classes})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        owner = nn.AdaptiveLogSoftmaxWithLoss(2 * classes, classes, cutoffs, div_value=1.0)
    return owner.double().requires_grad_(False)


def adaptive(input: Tensor, target: Tensor) -> Tensor:
    """AdaptiveLogSoftmaxWithLoss on features (N, 2C) for C classes; the mean that it returns as `loss`."""
    loss: Tensor = _owner(input.shape[1] // 2, input.dtype)(input, target).loss
    return loss


def _parts(owner: nn.AdaptiveLogSoftmaxWithLoss) -> tuple[Tensor, list[Tensor]]:
    """The weights of the head and of each cluster, from the features to their scores."""
    tails = [pair[1].weight @ pair[0].weight for pair in owner.tail]  # type: ignore[index]
    return owner.head.weight.detach(), [tail.detach() for tail in tails]


def _adaptive_reference(x: Tensor, problem: Problem, options: Options) -> Tensor:
    """Within the head its log-softmax; else that of the cluster's entry plus the log-softmax within the cluster."""
    owner = _owner(x.shape[1] // 2, torch.float64)
    head, tails = _parts(owner)
    costs = []
    for row, label in zip(x, problem.target.tolist(), strict=True):
        scores = (head @ row)[None]
        if label < owner.shortlist_size:
            costs.append(ref.cross_entropy(scores, torch.tensor([label]))[0])
            continue
        cluster = max(i for i, start in enumerate(owner.cutoffs[:-1]) if label >= start)
        entry, within = owner.shortlist_size + cluster, label - owner.cutoffs[cluster]
        cost = ref.cross_entropy(scores, torch.tensor([entry]))
        costs.append((cost + ref.cross_entropy((tails[cluster] @ row)[None], torch.tensor([within])))[0])
    return torch.stack(costs)


def _adaptive_best(problem: Problem) -> list[Tensor]:
    """Features whose scores are high for the target, in the head and in its cluster, and 0 elsewhere."""
    owner = _owner(_classes(problem), torch.float64)
    head, tails = _parts(owner)
    wanted = torch.zeros(len(problem.target), len(head) + sum(map(len, tails)), dtype=torch.float64)
    for row, label in enumerate(problem.target.tolist()):
        if label < owner.shortlist_size:
            wanted[row, label] = 1
            continue
        cluster = max(i for i, start in enumerate(owner.cutoffs[:-1]) if label >= start)
        wanted[row, owner.shortlist_size + cluster] = 1
        wanted[row, len(head) + label - owner.shortlist_size] = 1
    back = torch.linalg.pinv(torch.cat([head, *tails]))
    return [wanted @ back.T * size for size in _SIZES]


def _adaptive_chance(problem: Problem, options: Options) -> float:
    """log of the entries of the head, plus log of the size of the cluster for labels in one."""
    owner = _owner(_classes(problem), torch.float64)
    head, tails = _parts(owner)
    sizes = torch.ones(owner.n_classes, dtype=torch.float64)
    for start, tail in zip(owner.cutoffs, tails, strict=False):
        sizes[start : start + len(tail)] = len(tail)
    return float((sizes[problem.target] * len(head)).log().mean())


def _featured(rows: int, classes: int, g: torch.Generator) -> Problem:
    problem = make.classes_problem(rows, classes, g)
    return Problem(torch.randn(rows, 2 * classes, generator=g, dtype=torch.float64), problem.target)


PROJECTED: tuple[Subject, ...] = (
    Subject(
        "linear_cross_entropy", (), 1, _featured, _toward_row,
        lambda x, p, o: ref.cross_entropy(x @ _layer(_classes(p)).T, p.target, forms.smoothing(o)),
        _layered_best, floor=_layered_floor, chance=_log_rows, options=("label_smoothing",), weighted=True,
    ),
    Subject(
        "adaptive_log_softmax", (), 1, _featured, make.nowhere, _adaptive_reference, _adaptive_best,
        floor=forms.zero, chance=_adaptive_chance,
    ),
)  # fmt: skip
"""The subjects; their scores are features."""

STANDING_IN = {"linear_cross_entropy": layered, "adaptive_log_softmax": adaptive}
"""Contract -> the function of (features, target) that the battery calls for it."""
