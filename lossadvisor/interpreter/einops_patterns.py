"""Tensors rearranged by a pattern of named axes. Source: https://einops.rocks/api/rearrange/"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Known, Layer, Opaque, Single, Tensor, Value
from lossadvisor.transfers import METHODS, apply, shapes
from lossadvisor.values import BY_ELEMENT, UNKNOWN, Dim, Fact, Shape

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_FUNCTIONS = frozenset({"einops.rearrange", "einops.repeat", "einops.reduce", "einops.einops.rearrange"})
_LAYERS = {"einops.layers.torch.Rearrange": "einops.rearrange", "einops.layers.torch.Reduce": "einops.reduce"}
_ELLIPSIS = "..."

Axes = tuple[tuple[str, ...], ...]
"""The axes of one side: the names that make up each; an ellipsis is an axis of that name."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """`before -> after`."""

    before: Axes
    after: Axes


def function(machine: Machine, name: str, arguments: Arguments) -> Value | None:
    """The result of einops.rearrange, repeat and reduce; None for anything else."""
    source, pattern = arguments.get(0, "tensor"), arguments.get(1, "pattern")
    if name not in _FUNCTIONS or source is None or not isinstance(pattern, Known):
        return None
    return _each(machine, name, source, pattern, arguments.get(2, "reduction"), arguments.keywords)


def layer(machine: Machine, made: Layer, arguments: Arguments) -> Value | None:
    """What the layers of einops return; None for any other layer."""
    name = _LAYERS.get(made.name)
    if name is None or not arguments.args or not made.args or not isinstance(made.args[0], Known):
        return None
    reduction = made.args[1] if len(made.args) > 1 else made.keywords.get("reduction")
    return _each(machine, name, arguments.args[0], made.args[0], reduction, made.keywords)


def parsed(text: str) -> Pattern | None:
    """The two sides of a pattern; None when it is none."""
    left, arrow, right = text.partition("->")
    before, after = _side(left), _side(right)
    return Pattern(before, after) if arrow and before is not None and after is not None else None


def _side(text: str) -> Axes | None:
    axes: list[tuple[str, ...]] = []
    group: list[str] | None = None
    for token in text.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(" and group is None:
            group = []
        elif token == ")" and group is not None:
            axes.append(tuple(group))
            group = None
        elif token in "()":
            return None
        elif group is not None:
            group.append(token)
        else:
            axes.append(() if token == "1" else (token,))
    return tuple(axes) if group is None else None


def _each(
    machine: Machine, name: str, source: Value, written: Known, reduction: Value | None, keywords: Mapping[str, Value]
) -> Value | None:
    pattern = parsed(str(written.value))
    if pattern is None:
        return None
    return machine.result([
        (guard, _arranged(name, single, pattern, reduction, keywords)) for guard, single in machine.each(source)
    ])


def _arranged(
    name: str, source: Single, pattern: Pattern, reduction: Value | None, keywords: Mapping[str, Value]
) -> Value:
    match source:
        case Tensor(fact) | Opaque(default=Tensor(fact)):
            pass
        case Opaque(reason=reason):
            return Opaque(reason)
        case _:  # tensors in a list are stacked along a new first axis
            return Opaque("something that is arranged by a pattern")
    if name == "einops.reduce":
        word = reduction.value if isinstance(reduction, Known) else None
        unknown = replace(UNKNOWN, dtype=fact.dtype, grad=fact.grad, reason="a reduction")
        left = apply(METHODS["mean"], fact, {}) if word == "mean" else unknown
        return Tensor(replace(left, shape=_shape(pattern, fact, keywords)))
    axis = _axis(pattern, fact.axis)
    after = replace(apply(METHODS["reshape"], fact, {}), axis=axis, shape=_shape(pattern, fact, keywords))
    if fact.axis is not None and axis is None:
        after = replace(after, domain=BY_ELEMENT.get(after.domain, after.domain), classes=None)
    return Tensor(after)


def _axis(pattern: Pattern, axis: int | None) -> int | None:
    """Where an axis is afterwards; None where it is not known, is taken apart or becomes part of another."""
    if axis is None:
        return None
    before, after = pattern.before, pattern.after
    if not -len(before) <= axis < len(before):
        return None
    beyond = before[: axis + 1] if axis >= 0 else before[axis:]
    if (_ELLIPSIS,) in beyond or before[axis] not in after or len(before[axis]) != 1:
        return None
    at = after.index(before[axis])
    return at if (_ELLIPSIS,) not in after[:at] else at - len(after)


def _shape(pattern: Pattern, fact: Fact, keywords: Mapping[str, Value]) -> Shape:
    if any(_ELLIPSIS in axis for axis in (*pattern.before, *pattern.after)):
        return None
    known = shapes.full(fact.shape)
    sizes: dict[str, Dim] = {}
    for name, value in keywords.items():
        size = value.value if isinstance(value, Known) else None
        sizes[name] = size if isinstance(size, int) and not isinstance(size, bool) else None
    if known is not None and len(known) == len(pattern.before):
        sizes |= {axis[0]: size for axis, size in zip(pattern.before, known, strict=True) if len(axis) == 1}
    return tuple(_size([sizes.get(name, _number(name)) for name in axis]) for axis in pattern.after)


def _number(name: str) -> Dim:
    return int(name) if name.isdigit() else None


def _size(parts: list[Dim]) -> Dim:
    if len(parts) == 1:
        return parts[0]
    whole = [part for part in parts if isinstance(part, int)]
    return math.prod(whole) if len(whole) == len(parts) else None
