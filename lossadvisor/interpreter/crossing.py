"""Entries that are picked along another axis than the one over which they sum to one.

Sources: https://docs.pytorch.org/docs/stable/generated/torch.gather.html (the index has as many axes as the input),
https://docs.pytorch.org/docs/stable/generated/torch.take_along_dim.html
and https://docs.pytorch.org/docs/stable/tensor_view.html (indexing).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.events import PickedAlong
from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.values import External, Known, Opaque, Tensor, Value
from lossadvisor.transfers import Operation, shapes
from lossadvisor.values import Domain, Fact, Place
from lossadvisor.values.marks import PickedAcross

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_SUMMING = (Domain.PROBABILITIES, Domain.LOG_PROBABILITIES)
# The parameter for the index; it has as many axes as the input in both, unless take_along_dim is given no axis.
_INDEX = {"gather": "index", "take_along_dim": "indices"}
_COUNTING = frozenset({"torch.arange", "numpy.arange", "range", "builtins.range"})


def gathered(
    machine: Machine, operation: Operation, before: Fact, after: Fact, given: Mapping[str, Value], place: Place,
    guard: Guard,
) -> Fact:
    """gather or take_along_dim along axis 1 of what sums to one over axis 0."""
    argument = _INDEX.get(operation.name.rsplit(".", 1)[-1])
    if argument is None or before.axis != 0 or before.domain not in _SUMMING:
        return after
    dim, index = given.get("dim"), given.get(argument)
    if not isinstance(dim, Known) or type(dim.value) is not int:
        return after
    known = shapes.full(before.shape)
    if known is None and isinstance(index, Tensor):
        known = shapes.full(index.fact.shape)
    rank = None if known is None else len(known)
    if dim.value == 1 or (dim.value == -1 and rank == 2):
        return _noted(machine, before, after, rank, place, guard)
    return after


def indexed(machine: Machine, node: cst.Subscript, before: Fact, after: Fact, guard: Guard) -> Fact:
    """x[torch.arange(n), y]: one entry per row of what sums to one over axis 0."""
    if before.axis != 0 or before.domain not in _SUMMING or len(node.slice) != 2:
        return after
    rows, columns = (element.slice for element in node.slice)
    if not _counts(machine, rows) or _counts(machine, columns) or not isinstance(columns, cst.Index):
        return after
    if not isinstance(machine.evaluate(columns.value), Tensor | Opaque):
        return after
    known = shapes.full(before.shape)
    return _noted(machine, before, after, None if known is None else len(known), machine.place(node), guard)


def _counts(machine: Machine, part: cst.BaseSlice) -> bool:
    """A call of arange or range."""
    if not isinstance(part, cst.Index) or not isinstance(part.value, cst.Call):
        return False
    function = machine.evaluate(part.value.func)
    return isinstance(function, External) and function.name in _COUNTING


def _noted(machine: Machine, before: Fact, after: Fact, rank: int | None, place: Place, guard: Guard) -> Fact:
    machine.events.append(
        PickedAlong(place, before, rank, machine.path - machine.chosen, guard | machine.chosen, tuple(machine.contexts))
    )
    return replace(after, marks=after.marks | {PickedAcross(place)})
