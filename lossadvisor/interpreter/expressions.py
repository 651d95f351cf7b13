"""How each expression is evaluated."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from lossadvisor.interpreter import (
    assign,
    calls,
    comprehensions,
    iterate,
    lookup,
    objects,
    operators,
    subscript,
    tokens,
    truth,
)
from lossadvisor.interpreter.guards import conjoin
from lossadvisor.interpreter.values import Dict, Func, Known, Opaque, Seq, Value, union

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def _name(machine: Machine, node: cst.Name) -> Value:
    match node.value:
        case "None":
            return Known(None)
        case "True":
            return Known(True)
        case "False":
            return Known(False)
        case name:
            return lookup.name_value(machine, name)


def _number(machine: Machine, node: cst.Integer | cst.Float) -> Value:
    return literal(node.value)


def _string(machine: Machine, node: cst.SimpleString | cst.ConcatenatedString) -> Value:
    if isinstance(node, cst.SimpleString):
        return literal(node.value)
    left, right = machine.evaluate(node.left), machine.evaluate(node.right)
    if isinstance(left, Known) and isinstance(right, Known):
        return operators.binary(machine, left, cst.Add, right, node)
    return Opaque("a string")


@lru_cache(maxsize=8192)
def literal(text: str) -> Value:
    """The constant that a literal spells; `ast.literal_eval` compiles, so equal spellings are evaluated once."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return Opaque("a literal")
    return Known(value) if isinstance(value, bool | int | float | str | bytes) else Opaque("a complex number")


def _formatted(machine: Machine, node: cst.FormattedString) -> Value:
    parts: list[str] = []
    chosen: list[Opaque] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            parts.append(part.value)
        elif isinstance(part, cst.FormattedStringExpression):
            value = machine.evaluate(part.expression)
            usual = value.default if isinstance(value, Opaque) and value.key is not None else value
            if not isinstance(usual, Known) or part.format_spec is not None:
                return Opaque("a formatted string")
            if isinstance(value, Opaque):
                chosen.append(value)
            parts.append(str(usual.value))
    text = Known("".join(parts))
    if not chosen:
        return text
    written = tuple(part.value for part in node.parts if isinstance(part, cst.FormattedStringText))
    key = ("text", tuple(one.key for one in chosen), written)
    return Opaque("a formatted string", key, text, chosen[0].origin)


def _attribute(machine: Machine, node: cst.Attribute) -> Value:
    return objects.attribute(machine, machine.evaluate(node.value), node.attr.value, node)


def _call(machine: Machine, node: cst.Call) -> Value:
    return calls.call_node(machine, node)


def _subscript(machine: Machine, node: cst.Subscript) -> Value:
    return subscript.subscript(machine, node)


def _tuple(machine: Machine, node: cst.Tuple | cst.List | cst.Set) -> Value:
    kind = {cst.Tuple: "tuple", cst.List: "list", cst.Set: "set"}[type(node)]
    items: list[Value] = []
    rest: Value | None = None
    grown = False
    for element in node.elements:
        value = machine.evaluate(element.value)
        if not isinstance(element, cst.StarredElement):
            items.append(value)
        elif isinstance(value, Seq) and value.rest is None:
            items += value.items
            grown = grown or value.grown
        else:
            rest = Opaque("starred elements")
    return Seq(items[:2048], kind, rest, machine.path, grown=grown)


def _dict(machine: Machine, node: cst.Dict) -> Value:
    found = Dict({}, None, machine.path)
    for element in node.elements:
        value = machine.evaluate(element.value)
        if isinstance(element, cst.StarredDictElement):
            operators.update(machine, found, value)
            continue
        assert isinstance(element, cst.DictElement)
        key = machine.evaluate(element.key)
        if isinstance(key, Known):
            found.items[key.value] = value
        else:
            found.rest = value
    return found


def _conditional(machine: Machine, node: cst.IfExp) -> Value:
    true, false = truth.ways(machine, node.test)
    saved = machine.path
    found: list[tuple[frozenset[Any], Value]] = []
    for way, branch in ((true, node.body), (false, node.orelse)):
        here = None if way is None else conjoin(saved, way)
        if here is not None and way is not None:
            machine.path = here
            found.append((way, machine.evaluate(branch)))
            machine.path = saved
    tokens.chosen(machine, node, [value for _, value in found])
    return union(found)


def _boolean(machine: Machine, node: cst.BooleanOperation) -> Value:
    left = machine.evaluate(node.left)
    wants = isinstance(node.operator, cst.Or)
    saved = machine.path
    found: list[tuple[frozenset[Any], Value]] = []
    for guard, single in machine.each(left):
        true, false = truth.of_value(machine, single, node.left)
        stop, go = (true, false) if wants else (false, true)
        if stop is not None:
            found.append((guard | stop, single))
        here = None if go is None else conjoin(saved, guard | go)
        if here is not None and go is not None:
            machine.path = here
            found.append((guard | go, machine.evaluate(node.right)))
            machine.path = saved
    return union(found)


def _comparison(machine: Machine, node: cst.Comparison) -> Value:
    left = machine.evaluate(node.left)
    if len(node.comparisons) == 1:
        target = node.comparisons[0]
        right = machine.evaluate(target.comparator)
        compared = tokens.compared(machine, left, right, node)
        if compared is None:
            compared = operators.compare_tensors(machine, left, right, node)
        if compared is not None:
            return compared
        true, false = truth._comparison(machine, left, target, node)
        if false is None:
            return Known(True)
        if true is None:
            return Known(False)
        return union([(true, Known(True)), (false, Known(False))])
    for target in node.comparisons:
        machine.evaluate(target.comparator)
    return Opaque("a chained comparison")


def _unary(machine: Machine, node: cst.UnaryOperation) -> Value:
    if isinstance(node.operator, cst.Not):
        true, false = truth.ways(machine, node.expression)
        if true is None:
            return Known(True)
        if false is None:
            return Known(False)
        return union([(true, Known(False)), (false, Known(True))])
    return operators.unary(machine, type(node.operator), machine.evaluate(node.expression), node)


def _binary(machine: Machine, node: cst.BinaryOperation) -> Value:
    left = machine.evaluate(node.left)
    return operators.binary(machine, left, type(node.operator), machine.evaluate(node.right), node)


def _lambda(machine: Machine, node: cst.Lambda) -> Value:
    frame = machine.frame
    closure = frame if frame.function is not None else None
    return Func("<lambda>", node, frame.fragment, frame.scope, closure, None)


def _walrus(machine: Machine, node: cst.NamedExpr) -> Value:
    value = machine.evaluate(node.value)
    assign.assign(machine, node.target, value)
    return value


def _await(machine: Machine, node: cst.Await) -> Value:
    return machine.evaluate(node.expression)


def _yield(machine: Machine, node: cst.Yield) -> Value:
    value = node.value
    frame = machine.frame
    if frame.loops or machine.path - frame.base or isinstance(value, cst.From):
        frame.uncounted = True
    if isinstance(value, cst.From):
        machine.frame.yields += iterate.elements(machine, machine.evaluate(value.item))
    elif value is not None:
        machine.frame.yields.append(machine.evaluate(value))
    return Opaque("what is sent into a generator")


def _ellipsis(machine: Machine, node: cst.Ellipsis) -> Value:
    return Opaque("...")


TABLE: dict[type, Callable[[Any, Any], Value]] = {
    cst.Name: _name,
    cst.Integer: _number,
    cst.Float: _number,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _string,
    cst.FormattedString: _formatted,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.Subscript: _subscript,
    cst.Tuple: _tuple,
    cst.List: _tuple,
    cst.Set: _tuple,
    cst.Dict: _dict,
    cst.IfExp: _conditional,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _comparison,
    cst.UnaryOperation: _unary,
    cst.BinaryOperation: _binary,
    cst.Lambda: _lambda,
    cst.NamedExpr: _walrus,
    cst.Await: _await,
    cst.Yield: _yield,
    cst.ListComp: comprehensions.comprehension,
    cst.SetComp: comprehensions.comprehension,
    cst.GeneratorExp: comprehensions.comprehension,
    cst.DictComp: comprehensions.dict_comprehension,
    cst.Ellipsis: _ellipsis,
}
