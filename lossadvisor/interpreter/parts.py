"""Slices of something unknown: the same slice of the same thing is the same, and two of them may be one step apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Known, Opaque, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_SLICED = "[:]"
Bound = int | str | None
Axis = tuple[Bound, Bound] | str
"""The bounds of one axis, or the text of an index that is no plain slice."""


def sliced(machine: Machine, node: cst.Subscript, whole: Opaque) -> Opaque | None:
    """`whole[:, 1:]`; None when no axis is sliced, or nothing tells one unknown from another."""
    if whole.key is None or not any(isinstance(element.slice, cst.Slice) for element in node.slice):
        return None
    axes = tuple(_axis(machine, element.slice) for element in node.slice)
    return Opaque(f"a part of {whole.reason}", (whole.key, _SLICED, axes), None, whole.origin)


def _axis(machine: Machine, part: cst.BaseSlice) -> Axis:
    if isinstance(part, cst.Slice) and part.step is None:
        return _bound(machine, part.lower), _bound(machine, part.upper)
    return cst.Module(()).code_for_node(part)


def _bound(machine: Machine, node: cst.BaseExpression | None) -> Bound:
    if node is None:
        return None
    value = machine.evaluate(node)
    if isinstance(value, Known) and isinstance(value.value, int):
        return int(value.value)
    return cst.Module(()).code_for_node(node).replace(" ", "")


def one_later(later: Value, earlier: Value) -> bool:
    """Whether both are slices of one thing, alike but for the last axis sliced, where `later` starts one step on."""
    match later, earlier:
        case (
            Opaque(key=(whole, word, tuple() as mine)),
            Opaque(key=(other, same, tuple() as theirs)),
        ) if word == same == _SLICED and whole == other and len(mine) == len(theirs):
            differing = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
            return len(differing) == 1 and _starts_later(*differing[0])
        case _:
            return False


def _starts_later(later: object, earlier: object) -> bool:
    if not isinstance(later, tuple) or not isinstance(earlier, tuple):
        return False
    start, before = later[0], 0 if earlier[0] is None else earlier[0]
    if isinstance(start, int) and isinstance(before, int):
        return start == before + 1
    return start in (f"{before}+1", f"1+{before}")
