"""Lists that are changed: by position where the way there is certain, else nothing is known of their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossadvisor.interpreter import iterate
from lossadvisor.interpreter.values import NONE, Known, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

CHANGES = frozenset({
    "insert", "extend", "pop", "popleft", "reverse", "sort", "clear", "remove", "extendleft", "rotate",
})


def filled(machine: Machine, seq: Seq) -> None:
    """Note that something is added: in a loop of unknown length, to a list that is older than the running turn."""
    if machine.turns and seq.born < machine.turns[-1]:
        seq.grown = True


def is_open(machine: Machine, value: Value) -> bool:
    """Whether a list that looks empty may hold something: it is older than the function or the turn that asks."""
    if not isinstance(value, Seq) or value.kind != "list" or value.items or value.rest is not None:
        return False
    return value.born < machine.frame.born or bool(machine.turns and value.born < machine.turns[-1])


def change(machine: Machine, seq: Seq, last: str, arguments: Arguments) -> Value:
    """A method that changes the list; returns what it returns."""
    if last in ("insert", "extend"):
        filled(machine, seq)
    if machine.path - seq.base or (seq.rest is not None and last != "clear"):
        return _unsettled(seq, last, arguments)
    value = arguments.args[0] if arguments.args else None
    match last:
        case "insert" if len(arguments.args) == 2 and (at := position(arguments.args[0])) is not None:
            seq.items.insert(at, arguments.args[1])
            return NONE
        case "extend" if isinstance(value, Seq):
            seq.items += value.items
            seq.rest = seq.rest or value.rest
            seq.grown = seq.grown or value.grown
            return seq if seq.kind == "Sequential" else NONE
        case "pop" | "popleft":
            return _popped(seq, 0 if last == "popleft" else -1 if value is None else position(value))
        case "reverse" if seq.rest is None:
            seq.items.reverse()
            return NONE
        case "clear":
            seq.items.clear()
            seq.rest = None
            return NONE
        case _:
            return _unsettled(seq, last, arguments)


def _popped(seq: Seq, at: int | None) -> Value:
    if seq.rest is not None or at is None or not -len(seq.items) <= at < len(seq.items):
        element = iterate.any_of([*seq.items, *([] if seq.rest is None else [seq.rest])])
        _forget(seq, ())
        return element
    return seq.items.pop(at)


def delete(machine: Machine, seq: Seq, index: Value | None) -> None:
    """del seq[index]."""
    at = None if index is None else position(index)
    if machine.path - seq.base or seq.rest is not None or at is None or not -len(seq.items) <= at < len(seq.items):
        _forget(seq, ())
    else:
        del seq.items[at]


def _unsettled(seq: Seq, last: str, arguments: Arguments) -> Value:
    added = {"insert": arguments.args[1:], "extend": arguments.args, "extendleft": arguments.args}.get(last, [])
    parts: list[Value] = []
    for value in added:
        if last == "insert":
            parts.append(value)
        elif isinstance(value, Seq):
            parts += [*value.items, *([] if value.rest is None else [value.rest])]
        else:
            parts.append(Opaque("elements of something unknown"))
    element = iterate.any_of(seq.items) if last in ("pop", "popleft") else NONE
    _forget(seq, parts)
    return element


def _forget(seq: Seq, added: list[Value] | tuple[Value, ...]) -> None:
    """Any number of any of the elements, in any order."""
    parts = [*seq.items, *added, *([] if seq.rest is None else [seq.rest])]
    seq.items = []
    seq.rest = iterate.any_of(parts) if parts else Opaque("an element of a list")


def position(value: Value) -> int | None:
    """A constant position."""
    if isinstance(value, Known) and isinstance(value.value, int) and not isinstance(value.value, bool):
        return value.value
    return None


def reversed_of(machine: Machine, arguments: Arguments, node: object) -> Value:
    """reversed(...)."""
    value = arguments.args[0] if arguments.args else NONE
    if isinstance(value, Seq):
        if value.rest is not None:
            return _any_order(value)
        return Seq(list(reversed(value.items)), "list", grown=value.grown)
    return value


def _any_order(seq: Seq) -> Seq:
    parts = [*seq.items, *([] if seq.rest is None else [seq.rest])]
    return Seq([], "list", iterate.any_of(parts))


def sampled(machine: Machine, arguments: Arguments, node: object) -> Value:
    """random.sample and random.choices: some of the elements in any order."""
    value = arguments.get(0, "population")
    return _any_order(value) if isinstance(value, Seq) and (value.items or value.rest) else Opaque("some of something")


def sorted_of(machine: Machine, arguments: Arguments, node: object) -> Value:
    """sorted(...): the elements in an order that is not followed, unless there is one only."""
    value = arguments.args[0] if arguments.args else NONE
    return _any_order(value) if isinstance(value, Seq) and len(value.items) > 1 else value
