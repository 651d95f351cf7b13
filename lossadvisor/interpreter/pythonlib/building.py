"""Calls that build or walk through containers and numbers: list, dict, zip, range, int, map, namedtuple."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.pythonlib.given import Handler, any_element, first, settled
from lossadvisor.interpreter.values import Cls, Dict, External, Identity, Known, Layer, Opaque, Seq, Union, Value
from lossadvisor.project.parsing import parse_module
from lossadvisor.values import Dtype

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_FEW = 4  # alternatives of a number that are told apart


def length(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    value = first(arguments)
    if isinstance(value, Union):
        counts = _of_each(machine, value, lambda one: _length(machine, one))
        return Opaque("a length", number=Dtype.INTEGER) if counts is None else counts
    return _length(machine, value)


def _length(machine: Machine, value: Value) -> Value:
    from lossadvisor.interpreter import listed

    if listed.is_open(machine, value):
        return Opaque("the length of a list that is filled elsewhere", number=Dtype.INTEGER)
    match value:
        case Seq(items=items, rest=None, grown=False):
            return Known(len(items))
        case Dict(items=items, rest=None):
            return Known(len(items))
        case Known(value=str() as text):
            return Known(len(text))
        case Opaque(reason=reason, key=key) if key is not None:
            return Opaque(f"len({reason})", (key, "len"), number=Dtype.INTEGER)
        case Layer(name=name) as layer:
            return Opaque(f"len of {name}", (Identity(layer), "len"), number=Dtype.INTEGER)
        case _:
            return Opaque("a length", number=Dtype.INTEGER)


def _of_each(machine: Machine, value: Union, of: Callable[[Value], Value]) -> Value | None:
    """What is so of each of a few alternatives; None where it is not known of all."""
    found = [(guard, of(single)) for guard, single in machine.each(value)]
    known = all(isinstance(one, Known) or (isinstance(one, Seq) and one.rest is None) for _, one in found)
    return machine.result([*found]) if known and 0 < len(found) <= _FEW else None


def number_range(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """A range of numbers; one whose end depends on a condition is one of two."""
    several = [position for position, value in enumerate(arguments.args) if isinstance(value, Union)]
    if len(several) == 1:
        at, end = several[0], arguments.args[several[0]]
        before, after = arguments.args[:at], arguments.args[at + 1 :]
        assert isinstance(end, Union)
        found = _of_each(machine, end, lambda one: _span([*before, one, *after]))
        if found is not None:
            return found
    return _span(arguments.args)


def _span(given: Sequence[Value]) -> Value:
    numbers = [settled(value) for value in given]
    known = [value.value for value in numbers if isinstance(value, Known) and isinstance(value.value, int)]
    if len(known) == len(numbers) and 1 <= len(known) <= 3:
        try:
            span = range(*known)
        except ValueError:
            return Opaque("a range")
        if len(span) <= 24:
            return Seq([Known(number) for number in span], "tuple")
    return Seq([], "tuple", Opaque("a number of a range", number=Dtype.INTEGER))


def zipped(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    spread = arguments.spread
    if spread is not None and not arguments.places and (not isinstance(spread, Seq) or spread.rest or spread.grown):
        return _transposed(spread)
    lists = [value for value in arguments.args if isinstance(value, Seq) and value.rest is None]
    alike = len({(one.grown, len(one.items) if one.grown else 0) for one in lists}) == 1
    if lists and len(lists) == len(arguments.args) and alike:
        rows = zip(*(one.items for one in lists), strict=False)
        return Seq([Seq(list(row), "tuple") for row in rows], "list", grown=lists[0].grown)
    known = [len(value.items) for value in arguments.args if isinstance(value, Seq) and _counted(value)]
    if known and all(_counted(value) or _uncounted(value) for value in arguments.args):
        # What is walked through beside a list of known length is meant to be as long.
        return Seq([_row(machine, arguments, row) for row in range(min(known))], "list")
    return Seq([], "list", Seq([any_element(machine, value) for value in arguments.args], "tuple"))


def _transposed(rows: Value) -> Value:
    """zip(*rows) of any number of rows: as many columns as a row has entries."""
    from lossadvisor.interpreter import iterate

    found = [*rows.items, *([] if rows.rest is None else [rows.rest])] if isinstance(rows, Seq) else []
    entries = [row.items for row in found if isinstance(row, Seq) and row.rest is None and not row.grown]
    if not entries or len(entries) != len(found) or len({len(row) for row in entries}) != 1:
        return Seq([], "list", Seq([], "tuple", Opaque("an entry of a column")))
    columns = zip(*entries, strict=True)
    return Seq([Seq([iterate.any_of(list(column))], "tuple", grown=True) for column in columns], "list")


def _counted(value: Value) -> bool:
    from lossadvisor.interpreter import iterate

    known = isinstance(value, Seq) and value.rest is None and not value.grown
    return isinstance(value, Seq) and known and 0 < len(value.items) <= iterate.MAX_UNROLL


def _uncounted(value: Value) -> bool:
    if isinstance(value, Seq):
        return value.grown or (value.rest is not None and not value.items)
    return isinstance(value, Opaque)


def _row(machine: Machine, arguments: Arguments, row: int) -> Value:
    """The entries of that row; of what is unknown, any element."""
    return Seq([
        value.items[row] if isinstance(value, Seq) and _counted(value) else any_element(machine, value)
        for value in arguments.args
    ], "tuple")


def product(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """itertools.product."""
    from lossadvisor.interpreter import iterate

    lists = [value.items for value in arguments.args if isinstance(value, Seq) and value.rest is None]
    count = math.prod(len(items) for items in lists)
    if len(lists) == len(arguments.args) and not arguments.keywords and 0 < count <= iterate.MAX_UNROLL:
        return Seq([Seq(list(row), "tuple") for row in itertools.product(*lists)], "list")
    return Seq([], "list", Seq([any_element(machine, value) for value in arguments.args], "tuple"))


def enumerated(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    source = first(arguments)
    if isinstance(source, Seq) and source.rest is None:
        pairs: list[Value] = [Seq([Known(i), value], "tuple") for i, value in enumerate(source.items)]
        return Seq(pairs, "list", grown=source.grown)
    return Seq([], "list", Seq([Opaque("an index", number=Dtype.INTEGER), any_element(machine, source)], "tuple"))


_SETS = frozenset({"set", "frozenset"})


def _distinct(items: list[Value]) -> bool:
    """Whether a set keeps all of them: constants, each of another value."""
    return len({one.value for one in items if isinstance(one, Known)}) == len(items)


def sequence(kind: str) -> Handler:
    def build(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
        if not arguments.args:
            return Seq([], kind, None, machine.path)
        match arguments.args[0]:
            case Seq(items=items, rest=rest, grown=grown):
                grown = grown or (kind in _SETS and not _distinct(items))
                return Seq(list(items), kind, rest, machine.path, grown=grown)
            case Dict(items=items, rest=rest):
                return Seq([Known(key) for key in items], kind, rest, machine.path)
            case Opaque(reason=reason):
                return Seq([], kind, Opaque(f"an element of {reason}"), machine.path)
            case other:
                return Seq([], kind, any_element(machine, other), machine.path)

    return build


def dictionary(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import operators

    found = Dict({}, None, machine.path)
    source = arguments.args[0] if arguments.args else None
    if isinstance(source, Seq):
        for pair in source.items:
            if isinstance(pair, Seq) and len(pair.items) == 2 and isinstance(pair.items[0], Known):
                found.items[pair.items[0].value] = pair.items[1]
            else:
                found.rest = Opaque("pairs that are not known")
        if source.rest is not None:
            found.rest = Opaque("pairs that are not known")
    elif source is not None:
        operators.update(machine, found, source)
    found.items.update(arguments.keywords)
    return found


def default_dictionary(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    found = Dict({}, None, machine.path)
    found.factory = arguments.get(0, "default_factory")
    if len(arguments.args) > 1:
        from lossadvisor.interpreter import operators

        operators.update(machine, found, arguments.args[1])
    return found


_KINDS = {int: Dtype.INTEGER, float: Dtype.FLOAT}


def number(kind: type) -> Handler:
    def convert(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
        value = settled(first(arguments))
        if isinstance(value, Known) and isinstance(value.value, int | float | str):
            try:
                return Known(kind(value.value))
            except (ValueError, OverflowError):
                return Opaque("a number")
        if kind is bool and isinstance(value, Opaque):
            return value
        return Opaque("a number", number=_KINDS.get(kind))

    return convert


def mapped(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import calls, iterate

    if len(arguments.args) < 2:
        return Opaque("map")
    found = [
        calls.call(machine, arguments.args[0], calls.Arguments([value], {}), node)
        for value in iterate.elements(machine, arguments.args[1])
    ]
    source = arguments.args[1]
    if isinstance(source, Seq) and source.rest is None:
        return Seq(found, "list", grown=source.grown)
    return Seq([], "list", iterate.any_of(found))


_ADDED = 24  # terms of a sum that are added one by one


def total(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """sum(...) of what is known one by one; 0 is added first, which changes nothing."""
    from lossadvisor.interpreter import operators

    source = first(arguments)
    start = arguments.get(1, "start")
    if not isinstance(source, Seq) or node is None:
        return Opaque("a sum")
    terms = [*source.items, *([] if source.rest is None else [source.rest, source.rest])]  # any number, so twice
    if not 0 < len(terms) <= _ADDED:
        return Opaque("a sum")
    value, *others = terms if start is None else [start, *terms]
    for other in others:
        value = operators.binary(machine, value, cst.Add, other, node)
    return value


def next_element(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    return any_element(machine, first(arguments))


def field(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    return Dict(dict(arguments.keywords.items()), None, machine.path, "field")


def named_tuple(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    fields = arguments.get(1, "field_names")
    names: tuple[str, ...] = ()
    if isinstance(fields, Known) and isinstance(fields.value, str):
        names = tuple(fields.value.replace(",", " ").split())
    elif isinstance(fields, Seq):
        names = tuple(str(one.value) for one in fields.items if isinstance(one, Known))
    body = "\n".join(f"    {name}: object" for name in names if name.isidentifier())
    if not body:
        return Opaque("a named tuple")
    module = parse_module(f"class _:\n{body}\n")
    made = module.body[0]
    assert isinstance(made, cst.ClassDef)
    frame = machine.frame
    return Cls("namedtuple", frame.fragment, frame.scope, (External("typing.NamedTuple"),), {}, None, None, (), made)
