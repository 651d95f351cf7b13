"""The fact: everything known about one tensor-valued expression."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.late import dataclass
from lossadvisor.values.domains import Domain, Dtype, Grad
from lossadvisor.values.places import Step

if TYPE_CHECKING:
    from lossadvisor.values.marks import Mark  # many classes, which a run that finds nothing of losses need not make

Dim = int | str | None
"""A size, a symbol for a size that is the same wherever it appears, or None for unknown."""

Shape = tuple[Dim, ...] | None
"""Sizes by axis, or None when nothing is known. A leading `REST` stands for any number of axes."""

REST = "..."


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a tensor.

    `axis` belongs to the domains that sum over an axis (negative counts from the end; None: not known). `trail` holds
    the steps that made the fact, oldest first; the last step that set the domain is its cause. `classes` is the size
    of the class axis when known. `evaluation` marks a meaning that only evaluation mode gives (LA118), `switched` that
    somebody has been seen to switch to it.
    """

    domain: Domain = Domain.UNKNOWN
    axis: int | None = None
    dtype: Dtype = Dtype.UNKNOWN
    shape: Shape = None
    grad: Grad = Grad.UNKNOWN
    classes: int | None = None
    trail: tuple[Step, ...] = ()
    evaluation: bool = False  # made under a branch that only evaluation mode takes
    reason: str | None = None  # why the domain is unknown, in words for a person
    marks: frozenset[Mark] = frozenset()
    switched: bool = False

    def stepped(self, step: Step) -> Fact:
        """The same fact with one more step on its trail."""
        return replace(self, trail=(*self.trail, step))

    def chain(self) -> tuple[str, ...]:
        """The qualified names of the operations on the trail, oldest first."""
        return tuple(step.op for step in self.trail if step.op is not None)


UNKNOWN = Fact()

# Reasons that more is concluded from than what a person reads.
ARITHMETIC = "arithmetic"  # a tensor and something else were added, multiplied, ...
NEW_TENSOR = "a new tensor"  # drawn, counted or filled here, or the weights of an embedding
