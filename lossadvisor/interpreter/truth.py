"""The truth of a condition: decided, or two guards for the two ways it can go."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from lossadvisor.interpreter import identity, listed
from lossadvisor.interpreter.guards import ALWAYS, Condition, Guard, Origin, conjoin, conjunction
from lossadvisor.interpreter.values import (
    Cls,
    Dict,
    External,
    Func,
    Known,
    Layer,
    Obj,
    Opaque,
    Seq,
    Single,
    Tensor,
    Union,
    Value,
)

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

Ways = tuple[Guard | None, Guard | None]
"""The guard under which the condition is true, and the one under which it is false; None where impossible."""

TRUE: Ways = (ALWAYS, None)
FALSE: Ways = (None, ALWAYS)


def ways(machine: Machine, test: cst.BaseExpression) -> Ways:
    """How a test can go."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            true, false = ways(machine, inner)
            return false, true
        case cst.BooleanOperation(left=left, operator=cst.And(), right=right):
            return _conjunction(ways(machine, left), ways(machine, right), machine, test)
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
            first, second = ways(machine, left), ways(machine, right)
            true, false = _conjunction((first[1], first[0]), (second[1], second[0]), machine, test)
            return false, true
        case cst.Comparison(left=left, comparisons=[only]):
            return _comparison(machine, machine.evaluate(left), only, test)
        case _:
            return of_value(machine, machine.evaluate(test), test)


def _conjunction(left: Ways, right: Ways, machine: Machine, node: cst.CSTNode) -> Ways:
    if left[0] is None or right[0] is None:
        return FALSE
    if left[1] is None:
        return (left[0] | right[0], right[1])
    if right[1] is None:
        return (left[0] | right[0], left[1])
    both = left[0] | right[0]
    whole = _opaque(machine, node)
    if len(left[0]) == 1 and len(right[0]) == 1:
        defaults = [_default(literal) for literal in both]
        default = False if False in defaults else (True if None not in defaults else None)
        first = min((c for c, _ in both), key=lambda condition: condition.serial)
        origin = next((c.origin for c, _ in both if c.origin is Origin.OPAQUE), first.origin)
        key = ("and", frozenset((c.key, p) for c, p in both))
        whole = Condition(key, default, origin, whole.text)
    return (both | {(whole, True)}, frozenset({(whole, False)}))


def _default(literal: tuple[Condition, bool]) -> bool | None:
    condition, polarity = literal
    return None if condition.default is None else condition.default is polarity


def of_value(machine: Machine, value: Value, node: cst.CSTNode) -> Ways:
    """How the truth of a value can go."""
    if isinstance(value, Union):
        found: list[tuple[Guard, bool | None]] = []
        for guard, single in machine.each(value):
            true, false = of_value(machine, single, node)
            if true is not None and false is None:
                found.append((guard | true, True))
            elif false is not None and true is None:
                found.append((guard | false, False))
            else:
                found.append((guard, None))
        return _split(machine, found, node)
    known = None if listed.is_open(machine, value) else decided(value)
    if known is not None:
        return TRUE if known else FALSE
    if isinstance(value, Opaque) and value.key is not None:
        default = None if value.default is None else decided_any(value.default)
        if value.origin is Origin.MODE and value.key != ("training",):
            # train() or eval() has been called: one way only, but the branch still knows which mode it rests on.
            condition = Condition(("true", value.key), True, Origin.MODE, value.reason)
            way = frozenset({(condition, bool(default))})
            return (way, None) if default else (None, way)
        condition = Condition(("true", value.key), default, value.origin, value.reason)
        return frozenset({(condition, True)}), frozenset({(condition, False)})
    condition = _opaque(machine, node)
    return frozenset({(condition, True)}), frozenset({(condition, False)})


def _split(machine: Machine, found: list[tuple[Guard, bool | None]], node: cst.CSTNode) -> Ways:
    """Alternatives that decide the test pass their own guards on, where each way has just one."""
    if found and all(answer is True for _, answer in found):
        return TRUE
    if found and all(answer is False for _, answer in found):
        return FALSE
    true = [guard for guard, answer in found if answer is True]
    false = [guard for guard, answer in found if answer is False]
    if len(true) + len(false) == len(found) and len(true) == 1 and len(false) == 1:
        return true[0], false[0]
    if len(true) + len(false) == len(found) and 1 in (len(true), len(false)):
        only = true[0] if len(true) == 1 else false[0]
        if only and not any(condition.key[0] == "and" for condition, _ in only):
            whole = conjunction(only)
            inside: Guard = only | {(whole, True)}
            outside: Guard = frozenset({(whole, False)})
            return (inside, outside) if len(true) == 1 else (outside, inside)
    if len(true) + len(false) == len(found):
        condition = _opaque(machine, node)
        yes = true[0] if len(true) == 1 else frozenset({(condition, True)})
        no = false[0] if len(false) == 1 else frozenset({(condition, False)})
        return yes | {(condition, True)}, no | {(condition, False)}
    condition = _opaque(machine, node)
    return _without(frozenset({(condition, True)}), false), _without(frozenset({(condition, False)}), true)


def _without(way: Guard, impossible: Sequence[Guard]) -> Guard:
    """A way on which the value is none of the alternatives that would have gone the other way."""
    for guard in impossible:
        if len(guard) == 1:
            ((condition, polarity),) = guard
            way = conjoin(way, frozenset({(condition, not polarity)})) or way
    return way


def _opaque(machine: Machine, node: cst.CSTNode) -> Condition:
    return Condition(("at", id(node), machine.frame.serial), None, Origin.OPAQUE, "a condition that is not followed")


def decided_any(value: Value) -> bool | None:
    return None if isinstance(value, Union) else decided(value)


def decided(value: Single) -> bool | None:
    """The truth of a single value where it is certain."""
    match value:
        case Known(constant):
            return bool(constant)
        case Seq(items=items, rest=None):
            return bool(items)
        case Dict(items=items, rest=None):
            return bool(items)
        case Obj() | Layer() | Func() | Cls():
            return True
        case _:
            return None


def _comparison(machine: Machine, left: Value, target: cst.ComparisonTarget, node: cst.CSTNode) -> Ways:
    right = machine.evaluate(target.comparator)
    operator = type(target.operator)
    if operator in (cst.NotEqual, cst.IsNot, cst.NotIn):
        positive = {cst.NotEqual: cst.Equal, cst.IsNot: cst.Is, cst.NotIn: cst.In}[operator]
        true, false = compare(machine, left, positive, right, node)
        return false, true
    return compare(machine, left, operator, right, node)


def compare(machine: Machine, left: Value, operator: type, right: Value, node: cst.CSTNode) -> Ways:
    """How a comparison can go."""
    if isinstance(left, Union) or isinstance(right, Union):
        found: list[tuple[Guard, bool | None]] = []
        for guard, a in machine.each(left):
            for other, b in machine.each(right):
                true, false = _single(machine, a, operator, b, node)
                answer = True if false is None else False if true is None else None
                found.append((guard | other, answer))
        return _split(machine, found, node)
    return _single(machine, left, operator, right, node)


def _single(machine: Machine, a: Single, operator: type, b: Single, node: cst.CSTNode) -> Ways:
    if isinstance(a, Known) and isinstance(b, Known):
        answer = _fold(a.value, operator, b.value)
        if answer is not None:
            return TRUE if answer else FALSE
    if operator is cst.Equal and isinstance(a, Seq) and isinstance(b, Seq) and (answer := _alike(a, b)) is not None:
        return TRUE if answer else FALSE
    if operator in (cst.Is, cst.Equal) and isinstance(b, Known) and b.value is None:
        return _is_none(a, machine, node)
    if operator in (cst.Is, cst.Equal) and (same := identity.same(a, b)) is not None:
        return TRUE if same else FALSE
    if operator is cst.In and isinstance(b, Seq | Dict):
        return _membership(machine, a, b, node)
    if operator is cst.In and isinstance(a, Known) and isinstance(a.value, str) and isinstance(b, Opaque):
        return _part_of(a.value, b, machine, node)
    if operator in (cst.GreaterThanEqual, cst.LessThan) and isinstance(b, Known):
        flipped = cst.LessThan if operator is cst.GreaterThanEqual else cst.GreaterThan
        if operator is cst.GreaterThanEqual:
            true, false = _keyed(a, "lt", b, machine, node, flipped)
            return false, true
        return _keyed(a, "lt", b, machine, node, operator)
    if operator is cst.LessThanEqual and isinstance(b, Known):
        true, false = _keyed(a, "gt", b, machine, node, cst.GreaterThan)
        return false, true
    if operator is cst.GreaterThan and isinstance(b, Known):
        return _keyed(a, "gt", b, machine, node, operator)
    if operator in (cst.Equal, cst.Is) and isinstance(b, Known):
        return _keyed(a, "eq", b, machine, node, cst.Equal)
    if operator in (cst.Equal, cst.Is) and isinstance(a, Opaque) and isinstance(b, Cls | External):
        return _chosen(a, (b,), machine, node)
    if operator is cst.Equal and isinstance(a, Known):
        return _keyed(b, "eq", a, machine, node, cst.Equal)
    condition = _opaque(machine, node)
    return frozenset({(condition, True)}), frozenset({(condition, False)})


def _alike(a: Seq, b: Seq) -> bool | None:
    """Whether two sequences of numbers, such as shapes, are equal; None when that is not certain."""
    if a.rest is not None or b.rest is not None or a.grown or b.grown or a.kind != b.kind:
        return None
    if len(a.items) != len(b.items):
        return False
    pairs = [(x.value, y.value) if isinstance(x, Known) and isinstance(y, Known) else None
             for x, y in zip(a.items, b.items, strict=True)]
    if any(pair is not None and pair[0] != pair[1] for pair in pairs):
        return False
    return None if None in pairs else True


def _keyed(a: Single, word: str, b: Known, machine: Machine, node: cst.CSTNode, operator: type) -> Ways:
    if not isinstance(a, Opaque) or a.key is None:
        condition = _opaque(machine, node)
    else:
        default = None
        if isinstance(a.default, Known):
            default = _fold(a.default.value, operator, b.value)
        constant: Hashable = (type(b.value).__name__, b.value)
        condition = Condition((word, a.key, constant), default, a.origin, f"{a.reason} {word} {b.value!r}")
    return frozenset({(condition, True)}), frozenset({(condition, False)})


def _part_of(part: str, whole: Opaque, machine: Machine, node: cst.CSTNode) -> Ways:
    """`"mnist" in args.dataset`: whether a setting holds a word. What else is unknown may change in between."""
    usual = _fold(part, cst.In, whole.default.value) if isinstance(whole.default, Known) else None
    if whole.key is None or (usual is None and whole.origin is not Origin.CONFIG):
        condition = _opaque(machine, node)
    else:
        condition = Condition(("holds", whole.key, ("str", part)), usual, whole.origin, f"{part!r} in {whole.reason}")
    return frozenset({(condition, True)}), frozenset({(condition, False)})


def _is_none(a: Single, machine: Machine, node: cst.CSTNode) -> Ways:
    match a:
        case Opaque(key=key, default=default) if key is not None:
            usual = None
            if isinstance(default, Known):
                usual = default.value is None
            elif default is not None:
                usual = False
            condition = Condition(("none", key), usual, a.origin, f"{a.reason} is None")
        case Opaque():
            condition = _opaque(machine, node)
        case Tensor() | Seq() | Dict() | Obj() | Layer() | Func() | Cls() | Known():
            return FALSE
        case _:
            return FALSE
    return frozenset({(condition, True)}), frozenset({(condition, False)})


def _membership(machine: Machine, a: Single, b: Seq | Dict, node: cst.CSTNode) -> Ways:
    if isinstance(a, Cls | External) and isinstance(b, Seq) and (member := identity.among(a, b)) is not None:
        return TRUE if member else FALSE
    items = list(b.items) if isinstance(b, Dict) else [i.value for i in b.items if isinstance(i, Known)]
    complete = b.rest is None and (isinstance(b, Dict) or len(items) == len(b.items))
    if isinstance(a, Known):
        if a.value in items:
            return TRUE
        if complete:
            return FALSE
    if isinstance(a, Opaque) and a.key is not None and complete:
        default = a.default.value in items if isinstance(a.default, Known) else None
        condition = Condition(("in", a.key, tuple(map(str, items))), default, a.origin, f"{a.reason} in {items!r}")
        if len(items) == 1:
            return _keyed(a, "eq", Known(items[0]), machine, node, cst.Equal)
        return frozenset({(condition, True)}), frozenset({(condition, False)})
    if isinstance(a, Opaque) and isinstance(b, Seq) and b.rest is None and b.items:
        classes = [one for one in b.items if isinstance(one, Cls | External)]
        if len(classes) == len(b.items):
            return _chosen(a, classes, machine, node)
    condition = _opaque(machine, node)
    return frozenset({(condition, True)}), frozenset({(condition, False)})


def _chosen(a: Opaque, classes: Sequence[Cls | External], machine: Machine, node: cst.CSTNode) -> Ways:
    """Whether an unknown is one of these classes."""
    if a.key is None:
        condition = _opaque(machine, node)
    else:
        usual = None if a.default is None else identity.among(a.default, Seq([*classes]))
        names = tuple(one.name if isinstance(one, External) else id(one) for one in classes)
        condition = Condition(("class", a.key, names), usual, a.origin, f"{a.reason} is one of {len(names)} classes")
    return frozenset({(condition, True)}), frozenset({(condition, False)})


def _fold(a: Any, operator: type, b: Any) -> bool | None:
    try:
        if operator in (cst.Equal, cst.Is):
            return bool(a == b)
        if operator is cst.In:
            return bool(a in b)
        if operator is cst.LessThan:
            return bool(a < b)
        if operator is cst.GreaterThan:
            return bool(a > b)
        if operator is cst.LessThanEqual:
            return bool(a <= b)
        if operator is cst.GreaterThanEqual:
            return bool(a >= b)
    except TypeError:
        return None
    return None
