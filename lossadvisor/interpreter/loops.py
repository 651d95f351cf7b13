"""Loops: known turns are taken one by one, others once or twice; what they change is kept as alternatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import assign, freezing, iterate, likeness, truth
from lossadvisor.interpreter.guards import Condition, Guard, Origin, conjoin
from lossadvisor.interpreter.values import BIRTHS, Dict, Known, Obj, Opaque, Seq, Tensor, Union, Value, same, union
from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.values import UNKNOWN, Domain

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_SECOND = 3_000  # steps of a body that is worth a second turn for what it binds
_LEFT = pattern(r"\b(?:break|return)\b")
_SHORT = 600  # steps of a body that is worth being run for every turn of a counted `while`


@dataclass(slots=True)
class Exits:
    """How control left one turn of a loop: the paths of its `break` and `continue`."""

    breaks: list[Guard] = field(default_factory=list)
    continues: list[Guard] = field(default_factory=list)
    fell: bool = False


def leave(machine: Machine, node: cst.Break | cst.Continue) -> bool:
    """`break` and `continue`."""
    if machine.frame.loops:
        exits = machine.frame.loops[-1]
        (exits.breaks if isinstance(node, cst.Break) else exits.continues).append(machine.path)
    return False


def run_for(machine: Machine, node: cst.For) -> bool:
    """`for`; False when every way through it leaves the function."""
    freezing.loop(machine, node)
    source = machine.evaluate(node.iter)
    parted = None if node.orelse is not None else _optional_tail(machine, source)
    if parted is None or _LEFT.search(cst.Module(()).code_for_node(node.body)):
        return _through(machine, node, source)
    common, guard, tail = parted
    if not _through(machine, node, common):
        return False
    saved = machine.path
    inner = conjoin(saved, guard)
    if inner is not None:
        machine.path = inner
        _through(machine, node, tail)
        machine.path = saved
    return True


def _optional_tail(machine: Machine, source: Value) -> tuple[Seq, Guard, Seq] | None:
    """Two sequences of which one begins as the other: what they share, and what there is besides under a guard."""
    found = machine.each(source) if isinstance(source, Union) else []
    if len(found) != 2:
        return None
    (_, short), (guard, long) = sorted(found, key=lambda one: len(one[1].items) if isinstance(one[1], Seq) else 0)
    if not isinstance(short, Seq) or not isinstance(long, Seq) or not 0 < len(long.items) <= iterate.MAX_UNROLL:
        return None
    if short.rest or long.rest or short.grown or long.grown or len(short.items) == len(long.items):
        return None
    shared = len(short.items)
    if not all(_same(one, other) for one, other in zip(short.items, long.items, strict=False)):
        return None
    return Seq(long.items[:shared], "tuple"), guard, Seq(long.items[shared:], "tuple")


def _same(left: Value, right: Value) -> bool:
    return left is right or (not isinstance(left, Union) and not isinstance(right, Union) and same(left, right))


def _through(machine: Machine, node: cst.For, source: Value) -> bool:
    """The turns of a loop over that; False when every way through it leaves the function."""
    saved = machine.path
    if not _counted(source):
        left: list[Guard] = []
        for number, element in enumerate(iterate.elements(machine, source) or [Opaque("an element")]):
            left += _repeated(machine, node, element, True, number)
        if left:  # which of the elements it is left at, if at all, is not known
            ended = Condition(("ended", id(node), machine.frame.serial), None, Origin.OPAQUE, "the loop ends by itself")
            _otherwise(machine, node, saved, saved | {(ended, True)}, left)
            return True
        return _otherwise(machine, node, saved, saved, [])
    here: Guard | None = saved
    breaks: list[Guard] = []
    blocks = iterate.elements(machine, source)
    own = _chain(machine, node) if len(blocks) > likeness.FEW else None
    before: dict[str, Value] = {}
    numbered = not (isinstance(source, Seq) and source.grown)
    lists = _lengths({} if numbered else machine.frame.names)
    for at, element in enumerate(blocks):
        if own is not None:
            names = machine.frame.names
            if likeness.middle(blocks, at) and likeness.unmoved(before, names, own):
                continue
            before = dict(names)
        machine.path = here if here is not None else saved
        exits = (_turn if numbered else _unnumbered)(machine, node, element)
        breaks += exits.breaks
        if not exits.fell and not exits.continues and not exits.breaks:
            machine.path = saved
            return bool(breaks)
        here = _next(machine, node, here or saved, exits)
        if here is None:
            break
    _grown(machine.frame.names, lists)
    return _otherwise(machine, node, saved, here, breaks)


def _chain(machine: Machine, node: cst.For) -> tuple[str, str | None] | None:
    """The names of a loop that leads something through blocks; None for a loop that does more."""
    own = likeness.target(node.target)
    if own is None or not likeness.passes(node.body.body):
        return None
    picked = [] if own[1] is None else likeness.picks(node.body, own[1])
    if picked is None or not all(likeness.uniform(machine.evaluate(base)) for base in picked):
        return None
    return own


def _otherwise(
    machine: Machine, node: cst.For | cst.While, saved: Guard, here: Guard | None, breaks: list[Guard]
) -> bool:
    if here is not None and node.orelse is not None:
        machine.path = here
        if not machine.execute(node.orelse.body.body) and not breaks:
            machine.path = saved
            return False
    machine.path = saved if breaks or here is None else here
    return True


def _next(machine: Machine, node: cst.CSTNode, here: Guard, exits: Exits) -> Guard | None:
    """The path of the next turn; None when there is none."""
    if not exits.fell and not exits.continues:
        return None
    if not exits.continues:
        return machine.path
    for left in exits.breaks:
        beyond = left - here
        if not beyond:
            return None
        condition, polarity = next(iter(beyond))
        if len(beyond) > 1:
            condition = Condition(("left", id(node), len(here)), None, Origin.OPAQUE, "the loop is left")
            polarity = True
        narrower = conjoin(here, frozenset({(condition, not polarity)}))
        if narrower is None:
            return None
        here = narrower
    return here


def _counted(source: Value) -> bool:
    match source:
        case Seq(items=items, rest=None, kind=kind):
            return len(items) <= iterate.MAX_UNROLL and (bool(items) or kind != "list")
        case Dict(items=items, rest=None):
            return len(items) <= iterate.MAX_UNROLL
        case _:
            return False


def _turn(machine: Machine, node: cst.For | cst.While, element: Value | None) -> Exits:
    exits = Exits()
    if element is not None and isinstance(node, cst.For):
        assign.assign(machine, node.target, element)
    machine.frame.loops.append(exits)
    try:
        exits.fell = machine.execute(node.body.body)
    finally:
        machine.frame.loops.pop()
    return exits


def run_while(machine: Machine, node: cst.While) -> bool:
    """`while`; False when every way through it leaves the function."""
    saved = machine.path
    here: Guard | None = saved
    breaks: list[Guard] = []
    for _ in range(iterate.MAX_UNROLL):
        true, false = truth.ways(machine, node.test)
        if true is None:
            return _otherwise(machine, node, saved, here, breaks)
        if false is not None or _endless(node.test):
            break
        spent = machine.steps
        exits = _turn(machine, node, None)
        breaks += exits.breaks
        if not exits.fell and not exits.continues and not exits.breaks:
            machine.path = saved
            return bool(breaks)
        here = _next(machine, node, here or saved, exits)
        if here is None:
            return _otherwise(machine, node, saved, here, breaks)
        machine.path = here
        if machine.steps - spent > _SHORT:
            break
    left = _repeated(machine, node, None, not _endless(node.test))
    return _otherwise(machine, node, saved, None if _endless(node.test) else saved, [saved, *left])


def _endless(test: cst.BaseExpression) -> bool:
    match test:
        case cst.Name(value="True") | cst.Integer(value="1"):
            return True
        case _:
            return False


def _repeated(
    machine: Machine, node: cst.For | cst.While, element: Value | None, maybe_none: bool, number: int = 0
) -> list[Guard]:
    """A body that runs an unknown number of times: what it changes is either what it was or what it becomes."""
    saved = machine.path
    names = machine.frame.names
    before = dict(names)
    lists = _lengths(before)
    spent = machine.steps
    exits = _unnumbered(machine, node, element)
    spent = machine.steps - spent
    _grown(names, lists)
    machine.path = saved
    first = dict(names)
    changing = [name for name, value in before.items() if _moves(value, first.get(name, value))]
    once = not exits.fell and not exits.continues
    # What waits to be bound is bound when the next turn comes: `if hidden is None`, `if first`.
    waiting = any(_waits(value) and first.get(name, value) is not value for name, value in before.items())
    if (changing or (waiting and spent <= _SECOND)) and not once:
        exits.breaks += _unnumbered(machine, node, element).breaks
        machine.path = saved
        for name in changing:
            if _moves(first[name], names.get(name, first[name])):
                names[name] = Tensor(replace(UNKNOWN, reason=f"{name} changes with every turn of a loop"))
    for name, value in before.items():
        now = names.get(name, value)
        if now is value:
            continue
        if isinstance(value, Known) and isinstance(now, Known):
            if isinstance(value.value, int | float) and not isinstance(value.value, bool):
                names[name] = Opaque(f"{name} is counted in a loop")
                continue
        if maybe_none and _told(value):
            key = ("turn", id(node), machine.frame.serial, number)
            ran = Condition(key, None, Origin.OPAQUE, "the loop runs at least once")
            names[name] = union([(frozenset({(ran, True)}), now), (frozenset({(ran, False)}), value)])
    return exits.breaks


@dataclass(frozen=True, slots=True)
class _Lengths:
    """The lists that names and the attributes of objects hold, with their lengths, and when they were measured."""

    lists: tuple[tuple[Obj | None, str, Seq, int], ...]
    born: int


def _lengths(names: dict[str, Value]) -> _Lengths:
    return _Lengths(tuple((*found, len(found[2].items)) for found in _lists(names)), next(BIRTHS))


def _grown(names: dict[str, Value], before: _Lengths) -> None:
    """After a turn that stands for any number of turns: lists that are longer now have no known length."""
    for holder, name, one, length in before.lists:
        one.grown = one.grown or len(one.items) != length
        now = (names if holder is None else holder.attrs).get(name)
        if isinstance(now, Seq) and now.born > before.born:  # `found += [...]`, `found = found + [...]`
            now.grown = now.grown or len(now.items) != length


def _unnumbered(machine: Machine, node: cst.For | cst.While, element: Value | None) -> Exits:
    """A turn of a loop of which the number of turns is not known."""
    machine.turns.append(next(BIRTHS))
    try:
        return _turn(machine, node, element)
    finally:
        machine.turns.pop()


def _lists(names: dict[str, Value]) -> Iterator[tuple[Obj | None, str, Seq]]:
    """The lists that names and the attributes of objects hold: the object or None, the name, the list."""
    for name, value in names.items():
        if isinstance(value, Seq):
            yield None, name, value
        elif isinstance(value, Obj):
            yield from ((value, attribute, one) for attribute, one in value.attrs.items() if isinstance(one, Seq))


def _told(value: Value) -> bool:
    """What may be a tensor."""
    if isinstance(value, Union):
        return any(_told(single) for _, single in value.options)
    return isinstance(value, Tensor | Opaque)


def _waits(value: Value) -> bool:
    return isinstance(value, Known) and (value.value is None or isinstance(value.value, bool))


def _moves(old: Value, new: Value) -> bool:
    """A tensor that means something else after a turn than before."""
    if old is new or not isinstance(new, Tensor | Union) or not isinstance(old, Tensor | Union):
        return False
    return _domains(old) != _domains(new)


def _domains(value: Value) -> frozenset[tuple[Domain, int | None] | None]:
    singles = [single for _, single in value.options] if isinstance(value, Union) else [value]
    return frozenset((one.fact.domain, one.fact.axis) if isinstance(one, Tensor) else None for one in singles)
