"""What indexing leaves of the shape of a tensor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import training
from lossadvisor.interpreter.values import External, Known, Opaque, Seq, Tensor
from lossadvisor.transfers import shapes
from lossadvisor.values import REST, Dim, Domain, Dtype, Fact, Shape
from lossadvisor.values.marks import Mark, Padded, PickedLog, Spread, Table, Total

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def shaped(machine: Machine, node: cst.Subscript, before: Fact, after: Fact) -> Fact:
    """The indexed fact with its shape and marks."""
    axes = before.shape
    if axes is None and len(node.slice) == 2 and any(isinstance(mark, Table) for mark in before.marks):
        axes = (None, None)
    shape = _shape(machine, [element.slice for element in node.slice], axes)
    if shape == after.shape and not before.marks and before.domain is not Domain.LOG_PROBABILITIES:
        return after
    marks: frozenset[Mark] = frozenset(
        mark for mark in training.entry(before) if not isinstance(mark, Spread | Total | Table)
    )
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
    return not isinstance(part, cst.Index) or isinstance(part.value, cst.Ellipsis) or _is_new(machine, part) or (
        _picks_one(machine, part)
    )


def _shape(machine: Machine, parts: list[cst.BaseSlice], before: Shape) -> Shape:
    """Basic indexing axis by axis; one tensor or list of positions puts its own axes in the place of one."""
    known = shapes.full(before)
    if known is None:
        return _from_the_end(machine, parts, before)
    dims: list[Dim] = []
    rest = list(known)
    chosen, picked = False, False  # a list or a tensor of positions has been met, a single number
    for position, part in enumerate(parts):
        if isinstance(part, cst.Slice):
            if not rest:
                return None
            dims.append(_cut(machine, part, rest.pop(0)))
            continue
        if isinstance(part, cst.Index) and isinstance(part.value, cst.Ellipsis):
            after = sum(1 for one in parts[position + 1 :] if not _is_new(machine, one))
            while len(rest) > after:
                dims.append(rest.pop(0))
            continue
        if _is_new(machine, part):
            dims.append(1)
            continue
        if not rest or not isinstance(part, cst.Index):
            return None
        if not _picks_one(machine, part):
            found = None if chosen else _positions(machine, part, rest)
            if found is None:
                return None
            chosen = True
            dims += found
            continue
        picked = True
        rest.pop(0)
    # Beside a list of positions a number is a position too, and slices between them move the new axes to the front.
    if chosen and picked and any(not isinstance(part, cst.Index) or _is_new(machine, part) for part in parts):
        return None
    return (*dims, *rest)


def _positions(machine: Machine, part: cst.Index, rest: list[Dim]) -> tuple[Dim, ...] | None:
    """The axes that a list or a tensor of positions, or a mask, puts in the place of those that it takes."""
    value = machine.evaluate(part.value)
    match value:
        case Seq(kind="list", items=items, rest=None, grown=False):
            if not all(isinstance(one, Known) and type(one.value) is int for one in items):
                return None
            rest.pop(0)
            return (len(items),)
        case Tensor(fact):
            axes = shapes.full(fact.shape)
            if axes is None or fact.dtype is Dtype.UNKNOWN:
                return None
            if fact.dtype is not Dtype.BOOL:
                rest.pop(0)
                return axes
            if not 0 < len(axes) <= len(rest):
                return None
            del rest[: len(axes)]
            return (None,)
        case _:
            return None


def _cut(machine: Machine, part: cst.Slice, size: Dim) -> Dim:
    """The size of a slice of an axis."""
    if part.lower is None and part.upper is None and part.step is None:
        return size
    bounds = [None if one is None else machine.evaluate(one) for one in (part.lower, part.upper, part.step)]
    if not isinstance(size, int) or not all(one is None or isinstance(one, Known) for one in bounds):
        return None
    numbers = [one.value for one in bounds if isinstance(one, Known)]
    if not all(one is None or type(one) is int for one in numbers):
        return None
    lower, upper, step = (one.value if isinstance(one, Known) and type(one.value) is int else None for one in bounds)
    return None if step == 0 else len(range(size)[lower:upper:step])


def _from_the_end(machine: Machine, parts: list[cst.BaseSlice], before: Shape) -> Shape:
    """[..., k] and [..., None] on an unknown number of axes."""
    if len(parts) != 2 or not isinstance(parts[0], cst.Index) or not isinstance(parts[0].value, cst.Ellipsis):
        return None
    last = parts[1]
    if _is_new(machine, last):
        return shapes.unsqueezed(before, -1)
    if isinstance(last, cst.Slice):
        return None if before is None else (*before[:-1], None) if len(before) > 1 else (REST, None)
    return shapes.removed(before, -1) if isinstance(last, cst.Index) and _picks_one(machine, last) else None


def _is_new(machine: Machine, part: cst.BaseSlice) -> bool:
    """None and numpy.newaxis make a new axis."""
    if not isinstance(part, cst.Index) or not isinstance(part.value, cst.Name | cst.Attribute):
        return False
    value = machine.evaluate(part.value)
    return value == Known(None) or value == External("numpy.newaxis")


def _picks_one(machine: Machine, part: cst.Index) -> bool:
    """An index that is certainly a single number."""
    if isinstance(part.value, cst.Integer):
        return True
    value = machine.evaluate(part.value)
    if isinstance(value, Known):
        return isinstance(value.value, int) and not isinstance(value.value, bool)
    return isinstance(value, Opaque) and (value.number is not None or isinstance(value.default, Known))
