"""Children of a Sequential by name: `net.fc`, `net.fc = ...`, `net.add_module("fc", ...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Dict, Layer, Obj, Opaque, Seq, Union, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def child(seq: Seq, name: str) -> Value | None:
    """The child of that name; None where it is not known."""
    at = _position(seq, name)
    return None if at is None else seq.items[at]


def set_child(machine: Machine, seq: Seq, name: str, value: Value) -> None:
    """`seq.name = value`: a child of that name is replaced, another module comes behind the last."""
    at = _position(seq, name)
    if at is not None:
        seq.items[at] = machine.merge_write(seq.items[at], value, seq.base)
        if name in seq.names:
            seq.names[name] = seq.items[at]
    elif name in seq.names or name == "forward" or isinstance(value, Opaque | Union):
        seq.rest = Opaque(f"{name} is replaced")
    elif isinstance(value, Layer | Obj | Seq | Dict):
        if machine.path - seq.base or seq.rest is not None:
            seq.rest = Opaque("layers that are added under a condition")
        else:
            seq.items.append(value)
            seq.names[name] = value


def _position(seq: Seq, name: str) -> int | None:
    """Where the child stands; one that stands at two places has two names, of which only one is known."""
    if name not in seq.names:
        return int(name) if name.isdigit() and not seq.names and int(name) < len(seq.items) else None
    found = [position for position, item in enumerate(seq.items) if item is seq.names[name]]
    return found[0] if len(found) == 1 else None
