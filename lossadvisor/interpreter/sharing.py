"""Tensors that share their memory: what is written into a view is written into what it is a view of, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Tensor, Value, options

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

# Methods and functions whose result shares its memory with their input, or may. Source: the page "Tensor Views" and
# those of reshape, contiguous and to.
VIEWS = frozenset({
    "view", "view_as", "detach", "data", "squeeze", "unsqueeze", "transpose", "permute", "t", "T", "mT", "flatten",
    "select", "narrow", "expand", "expand_as", "diagonal", "unfold", "swapaxes", "swapdims", "movedim", "moveaxis",
    "reshape", "reshape_as", "chunk", "split", "unbind", "unflatten", "ravel", "contiguous", "numpy", "from_numpy",
    "as_tensor", "to", "type", "type_as", "float", "double", "half", "long", "int", "cpu", "cuda",
})  # fmt: skip


def viewed(machine: Machine, name: str, source: Value, result: Value) -> Value:
    """The result of the operation `name`, remembered as a view of its input where it may be one."""
    if name in VIEWS:
        share(machine, source, result)
    return result


def share(machine: Machine, source: Value, result: Value) -> None:
    """From now on each of the two sees what is written into the other."""
    held = machine.shared if machine.frame.function is not None else machine.lasting
    for _, base in options(source):
        for _, view in options(result):
            if isinstance(base, Tensor) and isinstance(view, Tensor) and view is not base:
                for one, other in ((base, view), (view, base)):
                    held.setdefault(id(one), (one, []))[1].append(other)


def partners(machine: Machine, value: Value) -> list[Tensor]:
    """The tensors that share their memory with one that is changed, near and far."""
    pending = [single for _, single in options(value) if isinstance(single, Tensor)]
    known = {id(one) for one in pending}
    found: list[Tensor] = []
    while pending:
        one = id(pending.pop())
        near = [other for held in (machine.shared, machine.lasting) if one in held for other in held[one][1]]
        for other in near:
            if id(other) not in known:
                known.add(id(other))
                found.append(other)
                pending.append(other)
    return found
