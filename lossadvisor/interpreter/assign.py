"""Writing values to names, attributes, elements and patterns, under the current path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import frameworks, iterate, modulenames, mutation, named, tokens
from lossadvisor.interpreter.guards import ALWAYS, Condition, Guard, Origin
from lossadvisor.interpreter.scopes import Frame
from lossadvisor.interpreter.values import (
    NONE,
    Bound,
    Cls,
    Dict,
    External,
    Known,
    Layer,
    Mod,
    Obj,
    Opaque,
    Seq,
    Tensor,
    Value,
    options,
    union,
)
from lossadvisor.values import Domain

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def bind(machine: Machine, name: str, value: Value) -> None:
    """Bind a name in the frame that owns it."""
    frame = machine.frame
    names = frame.names
    base = frame.base
    if name in frame.outer_names:
        names, base = _outer(frame, name)
        if names is frame.scope.names and (old := machine.modules.name(frame.scope, name)) is not None:
            value = _perhaps(machine, name, old, value)
    since = filled(machine, frame.since, name, name in names, base) if names is frame.names else ALWAYS
    names[name] = machine.merge_write(names.get(name), value, base, since)


def filled(machine: Machine, since: dict[str, Guard], name: str, known: bool, base: Guard) -> Guard:
    """Under which condition a slot has been filled, when it is filled again now; the first time that is noted."""
    relative = machine.path - base
    if known:
        return since.pop(name, ALWAYS)
    if relative:
        since[name] = relative
    return ALWAYS


def _perhaps(machine: Machine, name: str, old: Value, new: Value) -> Value:
    """What a module's name holds once a function may have bound it: nobody sees how often it has run before.

    Where every call from the module's own lines on is visible, it is just the new value; and None waits to be replaced.
    """
    running = list(takewhile(lambda frame: frame.function is not None, reversed(machine.frames)))
    unseen = any(frame.assumed or frame.loops for frame in running)
    if not unseen or old == NONE or not machine.frame.function:
        return new
    key = ("bound", machine.frame.serial, name)
    ran = Condition(key, None, Origin.OPAQUE, f"{machine.frame.function.name} has run before")
    again = any(condition == ran for guard, _ in options(old) for condition, _ in guard)
    if again and machine.frame.loops:
        return Opaque(f"{name} is bound by a function again and again")
    return union([(frozenset({(ran, True)}), new), (frozenset({(ran, False)}), old)])


def _outer(frame: Frame, name: str) -> tuple[dict[str, Value], Guard]:
    above = frame.closure
    while above is not None:
        if name in above.names:
            return above.names, above.base
        above = above.closure
    return frame.scope.names, ALWAYS


def assign(machine: Machine, target: cst.BaseExpression, value: Value) -> None:
    """Write a value to an assignment target."""
    match target:
        case cst.Name():
            bind(machine, target.value, value)
        case cst.Attribute():
            for receiver in machine.branches(machine.evaluate(target.value)):
                set_attribute(machine, receiver, target.attr.value, value)
        case cst.Subscript():
            _set_item(machine, target, value)
        case cst.Tuple() | cst.List():
            _unpack(machine, target.elements, value)
        case _:
            pass


def _unpack(machine: Machine, elements: Sequence[cst.BaseElement], value: Value) -> None:
    starred = [isinstance(element, cst.StarredElement) for element in elements]
    if not any(starred):
        for position, element in enumerate(elements):
            assign(machine, element.value, iterate.item(machine, value, position, len(elements)))
        return
    at = starred.index(True)
    after = len(elements) - at - 1
    for position in range(at):
        assign(machine, elements[position].value, iterate.item(machine, value, position, None))
    assign(machine, elements[at].value, iterate.middle(machine, value, at, after))
    for position in range(after):
        assign(machine, elements[at + 1 + position].value, iterate.item(machine, value, position - after, None))


def set_attribute(machine: Machine, receiver: Value, name: str, value: Value) -> None:
    """Set an attribute of an object, layer, class or module."""
    match receiver:
        case Obj() | Layer():
            stored = receiver.attrs.get("<modules>")
            if isinstance(stored, Seq) and stored.kind == "Sequential":
                named.set_child(machine, stored, name, value)
            since = filled(machine, receiver.since, name, name in receiver.attrs, receiver.base)
            receiver.attrs[name] = machine.merge_write(receiver.attrs.get(name), value, receiver.base, since)
        case Cls():
            receiver.members[name] = value
        case Mod(scope=scope) if scope is not None:
            scope.names[name] = value
        case Tensor(fact) if name == "data":
            made = mutation.forgotten(receiver).fact
            if isinstance(value, Tensor):
                made = replace(value.fact, grad=fact.grad)
            mutation.rewrite(machine, receiver, Tensor(made))
        case Tensor() if name == "requires_grad":
            mutation.rewrite(machine, receiver, mutation.asking(receiver, value))
        case Dict():
            old = receiver.items.get(name)
            receiver.items[name] = machine.merge_write(old, _turned(old, value), receiver.base)
        case Seq(kind="Sequential"):
            named.set_child(machine, receiver, name, value)
        case Bound(function=External(part), receiver=Layer() as layer) if not machine.path - layer.base:
            frameworks.replace_last(layer, part.rsplit(".", 1)[-1], name, value)
        case Opaque(default=default) if default is not None:
            set_attribute(machine, default, name, value)
        case _:
            pass


def _turned(old: Value | None, value: Value) -> Value:
    """`args.evaluate = True`: a switch of the command line that a line of the code turns stays a switch, which whoever
    runs the program may turn back; what is behind its other way is still meant to be run."""
    match old, value:
        case Opaque(key=("option", *_) as key, default=Known(value=bool())), Known(value=bool()):
            return replace(old, key=(*key, "turned"), default=value)
        case _:
            return value


def _set_item(machine: Machine, target: cst.Subscript, value: Value) -> None:
    index = iterate.index_of(machine, target)
    tokens.masked(machine, index, value, target)
    for receiver in machine.branches(machine.evaluate(target.value)):
        match receiver:
            case Dict() | Seq():
                set_element(machine, receiver, index, value)
            case Tensor():
                _write_into(machine, target.value, receiver, value)
            case Bound(function=External(name), receiver=Seq() as seq) if name.endswith("._modules"):
                named.set_child(machine, seq, str(index.value) if isinstance(index, Known) else "forward", value)
            case Bound(function=External(part), receiver=Layer() as layer) if not machine.path - layer.base:
                if isinstance(index, Known):
                    frameworks.replace_last(layer, part.rsplit(".", 1)[-1], index.value, value)
            case _:
                pass


def set_element(machine: Machine, receiver: Dict | Seq, index: Value | None, value: Value) -> None:
    """Set an element of a container."""
    constant = index.default if isinstance(index, Opaque) and index.default is not None else index
    match receiver:
        case Dict(rest=Mod(scope=scope)) if modulenames.is_names(receiver):
            if scope is not None and isinstance(constant, Known) and isinstance(constant.value, str):
                scope.names[constant.value] = value
        case Dict() if isinstance(constant, Known):
            old = receiver.items.get(constant.value)
            receiver.items[constant.value] = machine.merge_write(old, value, receiver.base)
        case Dict():
            rest = receiver.rest
            receiver.rest = value if rest is None else machine.result([(ALWAYS, rest), (ALWAYS, value)])
        case Seq():
            if isinstance(constant, Known) and isinstance(constant.value, int):
                position = constant.value
                if -len(receiver.items) <= position < len(receiver.items):
                    old = receiver.items[position]
                    receiver.items[position] = machine.merge_write(old, value, receiver.base)
                    return
            receiver.rest = value


def _write_into(machine: Machine, node: cst.BaseExpression, buffer: Tensor, value: Value) -> None:
    """`buffer[...] = value`: a fresh buffer takes the meaning of what is written, others lose theirs unless equal."""
    fact = buffer.fact
    if isinstance(value, Tensor):
        written = value.fact
        if fact.domain is Domain.UNKNOWN and not fact.trail:
            merged = replace(written, axis=None, shape=None)
        elif fact.domain is written.domain:
            return
        else:
            merged = replace(fact, domain=Domain.UNKNOWN, reason="different things are written into one tensor")
    elif fact.domain is Domain.UNKNOWN:
        return
    else:
        merged = replace(fact, domain=Domain.UNKNOWN, reason="elements are overwritten")
    mutation.rewrite(machine, buffer, Tensor(merged))
    if isinstance(node, cst.Name | cst.Attribute):
        assign(machine, node, Tensor(merged))


def pattern(machine: Machine, node: cst.MatchPattern, subject: Value) -> None:
    """Bind the names of a match pattern, as far as they are plain."""
    match node:
        case cst.MatchAs(name=name) if name is not None:
            bind(machine, name.value, subject)
        case cst.MatchList(patterns=parts) | cst.MatchTuple(patterns=parts):
            for position, part in enumerate(parts):
                if isinstance(part, cst.MatchSequenceElement):
                    pattern(machine, part.value, iterate.item(machine, subject, position, len(parts)))
        case _:
            pass
