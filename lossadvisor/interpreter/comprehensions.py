"""List, set and dict comprehensions, and generator expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import assign, copying, iterate, likeness, truth
from lossadvisor.interpreter.values import BIRTHS, Cls, Dict, Known, Layer, Obj, Opaque, Seq, Tensor, Value
from lossadvisor.project.words import code
from lossadvisor.values import Dtype

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def comprehension(machine: Machine, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> Value:
    """A comprehension of a list or set, and a generator, which counts as the list of what it gives."""
    kind = "set" if isinstance(node, cst.SetComp) else "list"
    found = Seq([], kind, None, machine.path)
    source = machine.evaluate(node.for_in.iter)
    if not _blocks(machine, node, source, found):
        _comp_for(machine, node.for_in, source, lambda: found.items.append(machine.evaluate(node.elt)), found)
    return found


def dict_comprehension(machine: Machine, node: cst.DictComp) -> Value:
    """A comprehension of a dict."""
    found = Dict({}, None, machine.path)

    def add() -> None:
        key, value = machine.evaluate(node.key), machine.evaluate(node.value)
        if isinstance(key, Known):
            found.items[key.value] = value
        else:
            found.rest = value

    _comp_for(machine, node.for_in, machine.evaluate(node.for_in.iter), add, found)
    return found


def _settled(source: Seq | Dict) -> bool:
    return isinstance(source, Dict) or source.kind != "list"


def _comp_for(
    machine: Machine, node: cst.CompFor, source: Value, emit: Callable[[], None], into: Seq | Dict
) -> None:
    outer = dict(machine.frame.names)
    # A list that is empty here may be filled where nobody looks.
    exact = isinstance(source, Seq | Dict) and source.rest is None and (bool(source.items) or _settled(source))
    saved = machine.path
    before = len(into.items)
    for element in iterate.elements(machine, source):
        assign.assign(machine, node.target, element)
        allowed = True
        for condition in node.ifs:
            true, false = truth.ways(machine, condition.test)
            allowed = allowed and true is not None
            exact = exact and (true is None or false is None)
        if allowed:
            if node.inner_for_in is not None:
                inner = machine.evaluate(node.inner_for_in.iter)
                _comp_for(machine, node.inner_for_in, inner, emit, into)
            else:
                emit()
        machine.path = saved
    if not exact and isinstance(into, Seq) and len(into.items) > before:
        into.rest = iterate.any_of(into.items)
        into.items = []
    elif isinstance(source, Seq) and source.grown:
        _grow(into)
    machine.frame.names.clear()
    machine.frame.names.update(outer)


def _grow(into: Seq | Dict) -> None:
    """A loop of unknown length has filled what is walked through: so it is with what is built from it."""
    if isinstance(into, Seq):
        into.grown = True
    elif into.rest is None and into.items:
        into.rest = iterate.any_of(list(into.items.values()))


def _blocks(
    machine: Machine, node: cst.ListComp | cst.SetComp | cst.GeneratorExp, source: Value, into: Seq
) -> bool:
    """`[Block(dim, drop[i]) for i in range(12)]`: the first two and the last are built, the others are their twins.

    False, with nothing done, where the blocks may differ: their number is used for more than to pick a rate.
    """
    loop = node.for_in
    if not isinstance(node.elt, cst.Call) or loop.ifs or loop.inner_for_in or not isinstance(loop.target, cst.Name):
        return False
    if not isinstance(source, Seq) or source.rest is not None:
        return False
    if not likeness.FEW < len(source.items) <= iterate.MAX_UNROLL:
        return False
    if not _same_whatever(machine, node.elt, loop.target.value):
        return False
    name, names = loop.target.value, machine.frame.names
    before = names.get(name)

    def build(element: Value) -> tuple[Value, int]:
        names[name] = element
        born = next(BIRTHS)
        return machine.evaluate(node.elt), born

    (first, _), (second, born), (last, _) = map(build, (*source.items[:2], source.items[-1]))
    if isinstance(second, Layer | Obj) and likeness.alike(first, second) and likeness.alike(second, last):
        others = [copying.twin(second, born) for _ in source.items[2:-1]]
    else:
        others = [build(element)[0] for element in source.items[2:-1]]
    into.items += [first, second, *others, last]
    if before is None:
        names.pop(name, None)
    else:
        names[name] = before
    return True


def _same_whatever(machine: Machine, node: cst.Call, name: str) -> bool:
    """Whether a name makes no difference to a call: it is not used, handed to nobody's use, or picks a rate of many."""
    idle = [arg for arg in node.args if isinstance(arg.value, cst.Name) and arg.value.value == name]
    if idle and not _ignored(machine.evaluate(node.func), idle):
        return False
    picks = likeness.picks(node.with_changes(args=[arg for arg in node.args if arg not in idle]), name)
    return picks is not None and all(_rates(machine.evaluate(base)) for base in picks)


def _ignored(callee: Value, args: list[cst.Arg]) -> bool:
    """Whether a class of the project takes the arguments, by keyword, and its `__init__` never looks at them."""
    if not isinstance(callee, Cls) or callee.definition is None:
        return False
    own = [one for part in callee.definition.members for one in part.definitions if one.name == "__init__"]
    text = code(own[-1].fragment.text()) if own else ""
    return all(
        arg.keyword is not None and len(re.findall(rf"\b{arg.keyword.value}\b", text)) == 1 for arg in args
    )


def _rates(value: Value) -> bool:
    """A list of fractions, whatever they are."""
    match value:
        case Seq(items=items, rest=rest):
            return all(_fraction(one) for one in (*items, *(() if rest is None else (rest,))))
        case _:
            return False


def _fraction(value: Value) -> bool:
    match value:
        case Known(value=float()):
            return True
        case Tensor(fact=fact):
            return fact.shape == () and fact.dtype is Dtype.FLOAT
        case Opaque(default=None, number=number):
            return number in (Dtype.FLOAT, Dtype.UNKNOWN)
        case _:
            return False
