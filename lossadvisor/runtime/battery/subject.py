"""What the battery has to know of a loss to try it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lossadvisor.late import dataclass
from lossadvisor.runtime.battery.problems import Options, Problem

Make = Callable[[int, int, torch.Generator], Problem]
Reference = Callable[[Tensor, Problem, Options], Tensor]
Scalar = Callable[[Problem, Options], float | None]


def _nothing(problem: Problem, options: Options) -> float | None:
    return None


@dataclass(frozen=True)
class Subject:
    """One contract as the battery needs it.

    `make(rows, classes, generator)` builds a batch; `right(problem)` gives the direction in score space that is right
    (+1 and -1 per element, 0 where nothing is asked); `reference` the loss per element in float64; `floor` and
    `chance` the closed forms of the least value and of the value at scores of zero; None where there is none.
    """

    contract: str
    recommended: tuple[str, ...]
    axis: int
    make: Make
    right: Callable[[Problem], Tensor]
    reference: Reference
    best: Callable[[Problem], list[Tensor]] | None = None  # scores with the least loss; None: far along `right`
    floor: Scalar = _nothing
    chance: Scalar = _nothing
    options: tuple[str, ...] = ()  # those that the reference understands, beside reduction
    weighted: bool = False
    batchwise: bool = True  # rows are independent samples
    referenced: bool = True  # `reference` is a formula; False: the loss is only compared with itself
    slow: bool = False  # an evaluation takes so long that descents and sweeps are left out
    foreign: bool = False  # a loss of another package: its options mean what that package says
