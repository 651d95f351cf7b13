"""Synthetic batches for losses of other packages: what a port wants says which numbers, the layout is found by trial.

Packages agree on what a loss wants and differ on shapes: rows of scores, images, a channel axis in the target. Each
row below is one combination; the first that the loss takes, and on which good predictions cost less than bad ones, is
the one it is tried with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from lossadvisor.contracts import Want
from lossadvisor.late import dataclass
from lossadvisor.runtime.battery import problems as make
from lossadvisor.runtime.battery.problems import Problem
from lossadvisor.runtime.battery.subject import Make

SIDE = 4
"""Rows and columns of a synthetic mask."""

_PICTURE = 12
"""Rows and columns of a synthetic picture: as wide as the usual windows of similarity measures."""


@dataclass(frozen=True)
class Layout:
    """A batch maker, the right direction in score space, and the scores with the least loss where they are known."""

    name: str
    make: Make
    right: Callable[[Problem], Tensor]
    best: Callable[[Problem], list[Tensor]] | None = None


def _masks(classes: int, channel: bool, hot: bool) -> Make:
    def build(rows: int, size: int, g: torch.Generator) -> Problem:
        count = classes or size
        scores = torch.randn(rows, count, SIDE, SIDE, generator=g, dtype=torch.float64)
        target = torch.randint(0, count, (rows, SIDE, SIDE), generator=g)
        if hot:
            return Problem(scores, torch.eye(count, dtype=torch.float64)[target].movedim(-1, 1))
        return Problem(scores, target[:, None] if channel else target)

    return build


def _bit_masks(channels: int, channel: bool = True) -> Make:
    def build(rows: int, size: int, g: torch.Generator) -> Problem:
        shape = (rows, channels or size, SIDE, SIDE) if channel else (rows, SIDE, SIDE)
        scores = torch.randn(*shape, generator=g, dtype=torch.float64)
        return Problem(scores, torch.randint(0, 2, shape, generator=g).double())

    return build


def _flat_bit_masks(rows: int, size: int, g: torch.Generator) -> Problem:
    problem = _bit_masks(1)(rows, size, g)
    return Problem(problem.scores, problem.target[:, 0])


def _toward_flat_bits(problem: Problem) -> Tensor:
    return 2 * problem.target[:, None] - 1


def _hot_rows(rows: int, classes: int, g: torch.Generator) -> Problem:
    problem = make.classes_problem(rows, classes, g)
    return Problem(problem.scores, torch.eye(classes, dtype=torch.float64)[problem.target])


def _groups(rows: int, classes: int, g: torch.Generator) -> Problem:
    """Embeddings of as many dimensions as classes, and labels that most samples share with another, in no order."""
    labels = (torch.arange(rows) % max(2, min(classes, rows // 2)))[torch.randperm(rows, generator=g)]
    return Problem(torch.randn(rows, classes, generator=g, dtype=torch.float64), labels)


def _clusters(problem: Problem) -> list[Tensor]:
    return [torch.eye(problem.scores.shape[1], dtype=torch.float64)[problem.target] * size for size in (1.0, 5.0)]


def _boxes(rows: int, classes: int, g: torch.Generator) -> Problem:
    def some() -> Tensor:
        corner = torch.rand(rows, 2, generator=g, dtype=torch.float64)
        return torch.cat([corner, corner + 0.5 + torch.rand(rows, 2, generator=g, dtype=torch.float64)], 1)

    return Problem(some(), some())


def _pictures(rows: int, classes: int, g: torch.Generator) -> Problem:
    shape = (min(rows, 4), 1, _PICTURE, _PICTURE)
    first, second = (torch.rand(*shape, generator=g, dtype=torch.float64) * 0.8 + 0.1 for _ in range(2))
    return Problem(first, second)


def _toward_index(problem: Problem) -> Tensor:
    """Up for the class of the target, down for the others; the class axis is 1, the target may keep it."""
    scores, target = problem.scores, problem.target
    index = target if target.dim() == scores.dim() else target.unsqueeze(1)
    return torch.full_like(scores, -1 / scores.shape[1]).scatter_add(1, index, torch.ones_like(scores))


def _target(problem: Problem) -> list[Tensor]:
    return [problem.target]


_INDICES = (
    Layout("rows of scores, class indices", make.classes_problem, make.toward_class),
    Layout("masks of class indices", _masks(0, False, False), _toward_index),
    Layout("masks of class indices with a channel axis", _masks(0, True, False), _toward_index),
)
_HOT = (
    Layout("rows of scores, one-hot targets", _hot_rows, make.toward_bits),
    Layout("one-hot masks", _masks(0, False, True), make.toward_bits),
)
_BITS = (
    Layout("rows of scores, labels 0 and 1", make.bits_problem, make.toward_bits),
    Layout("binary masks, a channel per class", _bit_masks(0), make.toward_bits),
    Layout("binary masks of one channel", _bit_masks(1), make.toward_bits),
    Layout("binary masks without a channel axis", _bit_masks(0, channel=False), make.toward_bits),
    Layout("scores of one channel, binary masks without", _flat_bit_masks, _toward_flat_bits),
)
_VALUES = (
    Layout("rows of values", make.values_problem, make.toward_value, _target),
    Layout("pictures", _pictures, make.nowhere, _target),
)
_BY_TARGET: dict[Want, tuple[Layout, ...]] = {
    Want.CLASS_INDICES: _INDICES,
    Want.CLASS_INDICES_OR_PROBABILITIES: _INDICES,
    Want.UNIT_TARGET: _BITS,
    Want.DISTRIBUTION: (*_HOT,),
    Want.SIGN_TARGET: (Layout("rows of scores, signs", make.signs_problem, make.toward_signs),),
    Want.REAL: _VALUES,
    Want.BOXES: (Layout("boxes by their corners", _boxes, make.nowhere, _target),),
    Want.ANY: (*_BITS, *_INDICES, *_VALUES),
}


def layouts(prediction: Want, target: Want, exclusive: bool, masks: bool = False) -> Iterator[Layout]:
    """The layouts to try for ports that want these.

    `exclusive`: the prediction is one distribution per sample; `masks`: the loss is one of segmentation, so that masks
    go before rows.
    """
    found = list(_possible(prediction, target, exclusive))
    yield from sorted(found, key=lambda layout: masks and "masks" not in layout.name)


def _possible(prediction: Want, target: Want, exclusive: bool) -> Iterator[Layout]:
    if prediction is Want.EMBEDDING:
        if target is Want.CLASS_INDICES:
            yield Layout("embeddings with group labels", _groups, make.nowhere, _clusters)
        return
    if prediction in (Want.ANY, Want.REAL) and target is Want.ANY:
        yield from reversed(_VALUES)
    if target is Want.UNIT_TARGET and exclusive:
        yield from _HOT
    yield from _BY_TARGET.get(target, ())
