"""Elements of containers: iteration, unpacking, indexing."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import forms, sharing, training
from lossadvisor.interpreter import modulenames as names
from lossadvisor.interpreter.guards import ALWAYS, Condition, Guard
from lossadvisor.interpreter.values import (
    NONE,
    Constant,
    Dict,
    Identity,
    Known,
    Layer,
    Obj,
    Opaque,
    Seq,
    Single,
    Tensor,
    Union,
    Value,
    same,
    union,
)
from lossadvisor.values import Domain, Dtype, Fact, Grad

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

MAX_UNROLL = 24
MAX_CHOICES = 20


def elements(machine: Machine, source: Value) -> list[Value]:
    """The values that a loop variable takes; at least one, so that every body is seen once."""
    found: list[list[Value]] = []
    for _, single in machine.each(source):
        found.append(_elements(machine, single))
    if len(found) == 1:
        return found[0]
    return [value for some in found for value in some][:MAX_UNROLL]


def _elements(machine: Machine, single: Single) -> list[Value]:
    match single:
        case Seq(items=items, rest=rest):
            if len(items) > MAX_UNROLL:
                return [*items[:2], *items[-2:]]
            if rest is not None:
                return [*items, rest]
            if not items and single.kind == "list":
                return [Opaque("an element of an empty list")]  # it may be filled where nobody looks
            return list(items)
        case Dict(items=items, rest=rest):
            keys: list[Value] = [Known(key) for key in list(items)[:MAX_UNROLL]]
            return keys if rest is None else [*keys, Opaque("an unknown key")]
        case Tensor(fact):
            row = Tensor(_row(fact))
            sharing.share(machine, single, row)
            return [row]
        case Opaque(default=default) if default is not None and not isinstance(default, Known):
            return elements(machine, default)
        case Obj():
            return [object_item(machine, single, Opaque("an index", number=Dtype.INTEGER))]
        case Opaque(reason=reason, key=key):
            return [Opaque(f"an element of {reason}" if reason else "an element", None if key is None else (key, "[]"))]
        case Layer(name=name):
            from lossadvisor.interpreter import loaders

            unknown = Opaque(f"an element of {name}", ("elements", Identity(single)))
            return [loaders.elements(machine, single) or unknown]
        case _:
            return [Opaque("an element of something unknown")]


def _row(fact: Fact) -> Fact:
    """One entry along axis 0: what summed over a later axis still does."""
    domain = fact.domain
    if domain in (Domain.PROBABILITIES, Domain.LOG_PROBABILITIES):
        axis = None if fact.axis == 0 else fact.axis  # axis 0 is gone, those after it move up, negative ones stay
        if axis is not None and axis > 0:
            axis -= 1
        return replace(fact, axis=axis, shape=forms.row(fact.shape))
    return replace(fact, shape=forms.row(fact.shape), marks=training.entry(fact) if fact.marks else fact.marks)


def item(machine: Machine, value: Value, position: int, length: int | None) -> Value:
    """Element `position` of a value that is unpacked."""
    options = machine.each(value)
    if any(isinstance(single, Seq) and single.rest is None and len(single.items) == length for _, single in options):
        # What is unpacked is the tuple: a tensor would need a batch of just as many entries.
        options = [(guard, single) for guard, single in options if not isinstance(single, Tensor)]
    found = [(guard, _item(machine, single, position, length)) for guard, single in options]
    return union([(guard, one) for guard, one in found if one is not None]) if any(
        one is not None for _, one in found
    ) else Opaque("an element of something unknown")


def _item(machine: Machine, single: Single, position: int, length: int | None) -> Value | None:
    match single:
        case Seq(items=items, rest=rest):
            if rest is None and length is not None and len(items) != length:
                return None
            if (-len(items) if rest is None else 0) <= position < len(items):
                return items[position]
            return any_of([*items, rest]) if rest is not None else None
        case Tensor(fact):
            return Tensor(_row(fact))
        case Dict(items=items):
            keys = list(items)
            return Known(keys[position]) if 0 <= position < len(keys) else None
        case Opaque(default=default) if default is not None and not isinstance(default, Known):
            return item(machine, default, position, length)
        case Opaque(reason=reason, key=key):
            return Opaque(f"element {position} of {reason}", None if key is None else (key, position))
        case Obj():
            return object_item(machine, single, Known(position))
        case _:
            return Opaque(f"element {position} of something unknown")


def object_item(machine: Machine, obj: Obj, index: Value) -> Value:
    """obj[index] for an object of the project: its `__getitem__`, or its fields when it is a named tuple."""
    from lossadvisor.interpreter import calls, classes

    if isinstance(index, Known) and isinstance(index.value, int) and obj.cls.fields:
        names = obj.cls.fields
        if -len(names) <= index.value < len(names):
            return obj.attrs.get(names[index.value], Opaque("a field that is never set"))
    if isinstance(index, Known) and isinstance(index.value, str) and index.value in obj.attrs:
        return obj.attrs[index.value]
    stored = obj.attrs.get("<modules>")
    if isinstance(stored, Seq | Dict):
        return element(machine, stored, index)
    method = classes.class_member(machine, obj.cls, "__getitem__")
    if method is None:
        return Opaque(f"an element of {obj.cls.name}")
    return calls.call(machine, classes.bind(machine, method, obj), calls.Arguments([index], {}), None)


def middle(machine: Machine, value: Value, before: int, after: int) -> Value:
    """What a starred target takes."""
    if isinstance(value, Seq) and value.rest is None:
        return Seq(value.items[before : len(value.items) - after], "list")
    return Opaque("the rest of something unknown")


def index_of(machine: Machine, node: cst.Subscript) -> Value | None:
    """The single index of a subscript as a value; None when it is a slice or has several parts."""
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        return machine.evaluate(node.slice[0].slice.value)
    return None


def element(machine: Machine, container: Value, index: Value | None) -> Value:
    """container[index] for one known or unknown index."""
    found: list[tuple[Guard, Value]] = []
    for guard, single in machine.each(container):
        for other, key in [(ALWAYS, None)] if index is None else machine.each(index):
            both = guard | other
            found.append((both, _element(machine, single, key)))
    return union(found) if found else Opaque("an element of nothing")


def _element(machine: Machine, single: Single, index: Single | None) -> Value:
    if isinstance(single, Dict) and names.is_names(single):
        return names.picked(machine, single, index)
    if isinstance(index, Opaque) and index.default is not None and not isinstance(index.default, Union):
        chosen = _element(machine, single, index.default)
        return _assuming(machine, single, index, chosen)
    match single:
        case Seq(items=items, rest=rest):
            lowest = -len(items) if rest is None else 0  # what follows is not known, the end neither
            if isinstance(index, Known) and isinstance(index.value, int) and lowest <= index.value < len(items):
                return items[index.value]
            return any_of([*items, *([] if rest is None else [rest])])
        case Dict(items=items, rest=rest):
            if single.factory is not None and not (isinstance(index, Known) and index.value in items):
                return _made(machine, single, index)
            if isinstance(index, Known):
                if index.value in items:
                    return items[index.value]
                if isinstance(index.value, int) and single.kind == "ModuleDict":
                    return list(items.values())[index.value] if -len(items) <= index.value < len(items) else NONE
                if rest is not None:
                    return entry(rest, index.value)
                return Opaque(f"the key {index.value!r} is never set")
            if isinstance(index, Opaque) and index.key is not None and items:
                return by_key(index, items)
            return any_of([*items.values(), *([] if rest is None else [rest])])
        case Obj():
            return object_item(machine, single, index or Opaque("an index"))
        case Layer():
            from lossadvisor.interpreter import loaders

            return loaders.sample(machine, single) or Opaque(f"an element of {single.name}")
        case Opaque(default=default) if default is not None and not isinstance(default, Known):
            return element(machine, default, index)
        case Opaque(reason=reason, key=key):
            if key is None or not isinstance(index, Known):
                return Opaque(f"an element of {reason}")
            return Opaque(f"{reason}[{index.value!r}]", (key, "[]", index.value), None, single.origin)
        case _:
            return Opaque("an element of something unknown")


_REST = "rest of"


def rest_key(key: Hashable) -> Hashable:
    """The key of what a mapping has from one unknown mapping."""
    return (_REST, key)


def entry(rest: Value, name: Constant) -> Value:
    """What a mapping has under a name that it has, if at all, from elsewhere."""
    match rest:
        case Opaque(reason=reason, key=("rest of", key), origin=origin):
            return Opaque(f"{reason.removeprefix('values from ')}[{name!r}]", (key, "[]", name), None, origin)
        case _:
            return rest


def _made(machine: Machine, found: Dict, index: Single | None) -> Value:
    """The value of a missing key of a defaultdict, made now and kept; any unknown key has one value for all."""
    from lossadvisor.interpreter import calls

    assert found.factory is not None
    if isinstance(index, Known):
        made = found.items[index.value] = calls.call(machine, found.factory, calls.Arguments([], {}), None)
        return made
    if found.rest is None:
        found.rest = calls.call(machine, found.factory, calls.Arguments([], {}), None)
    return any_of([*found.items.values(), found.rest]) if found.items else found.rest


def by_key(index: Opaque, items: Mapping[Constant, Value]) -> Value:
    """A choice by a setting: one alternative per key, under the guard that the setting is that key."""
    default = index.default.value if isinstance(index.default, Known) else None
    found: list[tuple[Guard, Value]] = []
    for key, value in list(items.items())[:MAX_CHOICES]:
        condition = Condition(
            ("eq", index.key, (type(key).__name__, key)),
            None if default is None else default == key,
            index.origin,
            f"{index.reason} eq {key!r}",
        )
        found.append((frozenset({(condition, True)}), value))
    return union(found)


def _assuming(machine: Machine, single: Single, index: Opaque, chosen: Value) -> Value:
    if isinstance(single, Dict) and index.key is not None and len(single.items) > 1:
        return by_key(index, single.items)
    return chosen


def any_of(values: list[Value]) -> Value:
    """One of several elements, where which one is not known: the first when all mean the same."""
    if not values:
        return Opaque("an element of something empty")
    if len(values) == 1:
        return values[0]
    facts = [value.fact for value in values if isinstance(value, Tensor)]
    if len(facts) == len(values) and all(fact.domain is facts[0].domain for fact in facts):
        return Tensor(common(facts))
    first = values[0]
    if isinstance(first, Known) and all(isinstance(one, Known) and same(one, first) for one in values):
        return first
    return first if all(one is first for one in values) else Opaque("one of several elements")


def common(facts: Sequence[Fact]) -> Fact:
    """What holds of every one of several tensors that mean the same."""
    first = facts[0]
    shape = first.shape if all(fact.shape == first.shape for fact in facts) else None
    return replace(
        first,
        axis=first.axis if all(fact.axis == first.axis for fact in facts) else None,
        dtype=first.dtype if all(fact.dtype is first.dtype for fact in facts) else Dtype.UNKNOWN,
        grad=first.grad if all(fact.grad is first.grad for fact in facts) else Grad.UNKNOWN,
        classes=first.classes if all(fact.classes == first.classes for fact in facts) else None,
        shape=shape,
        evaluation=all(fact.evaluation for fact in facts),
        switched=all(fact.switched for fact in facts),
        marks=frozenset.intersection(*(fact.marks for fact in facts)),
    )
