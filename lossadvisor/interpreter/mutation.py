"""Tensors changed in place: every name that holds the tensor sees the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import libcst as cst

from lossadvisor.interpreter import sharing
from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.scopes import Frame
from lossadvisor.interpreter.values import Constant, Dict, Known, Obj, Opaque, Seq, Tensor, Union, Value, union
from lossadvisor.values import Domain, Grad

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

# Methods that end in an underscore, but leave the numbers as they are.
_KEEPING = frozenset({"requires_grad_", "share_memory_", "retain_grad", "rename_"})


def in_place(name: str) -> bool:
    """Whether a method of that name changes its tensor."""
    return name.endswith("_") and not name.endswith("__") and name not in _KEEPING


def rewrite(machine: Machine, before: Value, after: Value) -> None:
    """Put `after` wherever the running functions hold the very value `before`."""
    if not isinstance(before, Tensor | Union) or before is after:
        return
    others = sharing.partners(machine, before)
    _replace(machine, before, after)
    for other in others:
        lost = forgotten(other)
        sharing.share(machine, lost, after)
        _replace(machine, other, lost)


def _replace(machine: Machine, before: Value, after: Value) -> None:
    for frame in _frames(machine):
        _rewrite_in(machine, frame.names, before, after, frame.base)
        for value in list(frame.names.values()):
            match value:
                case Dict(items=items, base=base):
                    _rewrite_in(machine, items, before, after, base)
                case Obj(attrs=attrs, base=base):
                    _rewrite_in(machine, attrs, before, after, base)
                case Seq(items=found, base=base):
                    for position, item in enumerate(found):
                        if item is before:
                            found[position] = machine.merge_write(item, after, base)
                case _:
                    pass


def _frames(machine: Machine) -> Iterator[Frame]:
    seen: set[int] = set()
    for frame in machine.frames:
        inner: Frame | None = frame
        while inner is not None and id(inner) not in seen:
            seen.add(id(inner))
            yield inner
            inner = inner.closure


Names = dict[str, Value] | dict[Constant, Value]


def _rewrite_in(machine: Machine, names: Names, before: Value, after: Value, base: Guard) -> None:
    held = cast("dict[Constant, Value]", names)
    for name, value in list(held.items()):
        if value is before:
            held[name] = machine.merge_write(value, after, base)
        elif isinstance(value, Union) and any(single is before for _, single in value.options):
            changed = [(guard, after if single is before else single) for guard, single in value.options]
            held[name] = machine.merge_write(value, union(changed), base)


def through_view(machine: Machine, node: cst.BaseExpression) -> None:
    """`x.view(-1).sigmoid_()`, `x[:, 0].exp_()`: nothing is known of the numbers of `x` any more."""
    steps = 0
    while True:
        match node:
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name))) if name in sharing.VIEWS:
                node = inner
            case cst.Attribute(value=inner, attr=cst.Name(value="data" | "T" | "mT")):
                node = inner
            case cst.Subscript(value=inner):
                node = inner
            case _:
                break
        steps += 1
    if not steps or not isinstance(node, cst.Name | cst.Attribute):
        return
    for single in machine.branches(machine.evaluate(node)):
        if isinstance(single, Tensor):
            rewrite(machine, single, forgotten(single))


def forgotten(tensor: Tensor) -> Tensor:
    """The same tensor with numbers of which nothing is known."""
    reason = "it is changed in place"
    return Tensor(replace(tensor.fact, domain=Domain.UNKNOWN, axis=None, reason=reason, marks=frozenset()))


def asking(tensor: Tensor, wanted: Value | None) -> Tensor:
    """A tensor that asks for a gradient from now on, or for none, as `wanted` says (None: it asks)."""
    if wanted is not None and isinstance(wanted, Known) and not wanted.value:
        return Tensor(replace(tensor.fact, grad=Grad.DETACHED))
    return tensor if tensor.fact.grad is Grad.FLOWS else Tensor(replace(tensor.fact, grad=Grad.UNKNOWN))


def asked(value: Value | None) -> bool:
    """Whether an `inplace` argument is, or may be, true."""
    return value is not None and not (isinstance(value, Known) and not value.value) and not isinstance(value, Opaque)
