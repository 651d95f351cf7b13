"""What indexing leaves of the shape of a tensor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import training
from lossadvisor.interpreter.values import Known, Opaque
from lossadvisor.transfers import shapes
from lossadvisor.values import REST, Dim, Domain, Fact, Mark, Shape
from lossadvisor.values.marks import Padded, PickedLog, Spread, Total

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def shaped(machine: Machine, node: cst.Subscript, before: Fact, after: Fact) -> Fact:
    """The indexed fact with its shape and marks."""
    shape = _shape(machine, [element.slice for element in node.slice], before.shape)
    if shape == after.shape and not before.marks and before.domain is not Domain.LOG_PROBABILITIES:
        return after
    marks: frozenset[Mark] = frozenset(mark for mark in training.entry(before) if not isinstance(mark, Spread | Total))
    if before.domain is Domain.LOG_PROBABILITIES and _by_rows(node):
        marks |= {PickedLog()}
    if not all(_along(machine, element.slice) for element in node.slice):
        marks = frozenset(mark for mark in marks if not isinstance(mark, Padded))  # a mask may leave the padding out
    return replace(after, shape=shape, marks=marks)


def _by_rows(node: cst.Subscript) -> bool:
    """[torch.arange(n), y]: one entry per row."""
    first = node.slice[0].slice
    called = isinstance(first, cst.Index) and isinstance(first.value, cst.Call)
    if not called or len(node.slice) != 2:
        return False
    assert isinstance(first, cst.Index) and isinstance(first.value, cst.Call)
    function = first.value.func
    name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
    return name in ("arange", "range")


def _along(machine: Machine, part: cst.BaseSlice) -> bool:
    """A slice, an ellipsis or a single number."""
    return not isinstance(part, cst.Index) or isinstance(part.value, cst.Ellipsis) or _is_none(part) or _picks_one(
        machine, part
    )


def _shape(machine: Machine, parts: list[cst.BaseSlice], before: Shape) -> Shape:
    known = shapes.full(before)
    if known is None:
        return _from_the_end(machine, parts, before)
    dims: list[Dim] = []
    rest = list(known)
    for position, part in enumerate(parts):
        if isinstance(part, cst.Slice):
            if not rest:
                return None
            size = rest.pop(0)
            dims.append(size if part.lower is None and part.upper is None and part.step is None else None)
            continue
        if isinstance(part, cst.Index) and isinstance(part.value, cst.Ellipsis):
            after = sum(1 for one in parts[position + 1 :] if not _is_none(one))
            while len(rest) > after:
                dims.append(rest.pop(0))
            continue
        if _is_none(part):
            dims.append(1)
            continue
        if not rest or not isinstance(part, cst.Index) or not _picks_one(machine, part):
            return None
        rest.pop(0)
    return (*dims, *rest)


def _from_the_end(machine: Machine, parts: list[cst.BaseSlice], before: Shape) -> Shape:
    """[..., k] and [..., None] on an unknown number of axes."""
    if len(parts) != 2 or not isinstance(parts[0], cst.Index) or not isinstance(parts[0].value, cst.Ellipsis):
        return None
    last = parts[1]
    if _is_none(last):
        return shapes.unsqueezed(before, -1)
    if isinstance(last, cst.Slice):
        return None if before is None else (*before[:-1], None) if len(before) > 1 else (REST, None)
    return shapes.removed(before, -1) if isinstance(last, cst.Index) and _picks_one(machine, last) else None


def _is_none(part: cst.BaseSlice) -> bool:
    return isinstance(part, cst.Index) and isinstance(part.value, cst.Name) and part.value.value == "None"


def _picks_one(machine: Machine, part: cst.Index) -> bool:
    """An index that is certainly a single number."""
    if isinstance(part.value, cst.Integer | cst.UnaryOperation):
        return True
    value = machine.evaluate(part.value)
    if isinstance(value, Known):
        return isinstance(value.value, int) and not isinstance(value.value, bool)
    return isinstance(value, Opaque) and isinstance(value.default, Known)
