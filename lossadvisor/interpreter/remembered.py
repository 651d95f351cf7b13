"""Calls that need not be followed twice: the same function, given the same constants, does what it did before.

A module-level function (or a method of a class) that is handed nothing but constants, functions, classes and modules
can differ from one call to the next only through what it writes and what others write. It is remembered when it
returned such a value itself, spoke of nothing that a rule looks at, was followed to its end, and either wrote nothing
or read nothing that could be written to. Checks whether a package is installed, loggers and switches are asked for
thousands of times in a large project; this is what they cost once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import field
from typing import TYPE_CHECKING

from lossadvisor.interpreter.copying import copied
from lossadvisor.interpreter.guards import ALWAYS
from lossadvisor.interpreter.values import BIRTHS, Cls, Dict, External, Func, Known, Mod, Opaque, Seq, Union, Value
from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.project.words import code

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.project import Fragment

# What in a function's text may store into something: the name that stands first, and what follows it.
_STORES = pattern(
    r"(?m:^[ \t]*(\w+)((?:\.\w+|\[[^\n=]*?\])+)[ \t]*(?::[^=\n]+)?[-+*/|&]?=(?!=))"
    r"|(?<![\w.])(\w+)((?:\.\w+|\[[^\]\n]*\])*)"
    r"\.(?:append|extend|insert|update|add|setdefault|pop|popitem|clear|remove|discard|sort|reverse|train|eval"
    r"|add_\w+|register\w*|\w+_)\("
)
_DECLARED = pattern(r"\b(?:global|nonlocal|setattr|delattr|del|exec)\b")
_BOUND = pattern(r"(?m)^[ \t]*(\w+)[ \t]*(?::[^=\n]+)?=(?!=)[ \t]*(\[|\{|(?:list|dict|set|Counter|deque)\()?")


def _writes(text: str, parameters: frozenset[str], initializer: bool) -> bool:
    """Whether a function may store into what was there before it: all but its own fresh containers (and `self`)."""
    if _DECLARED.search(text):
        return True
    bound = _BOUND.findall(text)
    own = {name for name, fresh in bound if fresh} - {name for name, fresh in bound if not fresh} - parameters
    for name, rest, changed, path in _STORES.findall(text):
        if changed:
            outside = bool(path) or changed not in own
        elif name == "self" and initializer:
            outside = not rest[1:].isidentifier()
        else:
            outside = name not in own or rest.find("]") != len(rest) - 1
        if outside:
            return True
    return False


_PLAIN = frozenset({Func, Cls, External, Known, Mod})  # what cannot be stored into
_MOST = 64  # values of which an argument or a result may consist


@dataclass(frozen=True, slots=True)
class Key:
    """What the result of a call depends on, and whether an argument can be stored into or is nameless and unknown."""

    parts: tuple[Hashable, ...]
    holding: bool
    anonymous: bool


@dataclass(slots=True)
class Memory:
    """What calls gave, by function, receiver and arguments; and what is counted to know whether a call is such."""

    results: dict[Hashable, Value] = field(default_factory=dict)
    quiet: set[Fragment] = field(default_factory=set)  # functions that were remembered at least once
    writers: dict[Fragment, bool] = field(default_factory=dict)
    wrote: int = 0  # functions entered whose text may store into something
    touched: int = 0  # values of modules and classes read that can be stored into


def key(func: Func, receiver: Value | None, arguments: Arguments) -> Key | None:
    """What the result depends on; None when that is more than constants."""
    if func.closure is not None or arguments.star or arguments.double:
        return None
    if type(receiver) is not Cls if func.owner is not None else receiver is not None:
        return None
    parts = _Parts()
    found: list[Hashable] = [func.fragment, func.name, receiver]
    try:
        found += map(parts.of, arguments.args)
        found += ((name, parts.of(value)) for name, value in arguments.keywords.items())
    except _NoPart:
        return None
    return Key(tuple(found), parts.holding, parts.anonymous)


class _NoPart(Exception):
    """A value that is more than a constant."""


class _Parts:
    """Values as parts of a key: equal parts behave the same."""

    def __init__(self) -> None:
        self.holding = False  # something that can be stored into
        self.anonymous = False  # something unknown that is not the same unknown wherever it appears
        self.left = _MOST

    def of(self, value: Value) -> Hashable:
        """The part. Raises _NoPart for what may differ from one moment to the next, or is too large."""
        self.left -= 1
        if self.left < 0:
            raise _NoPart
        match value:
            case Known(value=constant):
                return (type(constant), constant)
            case External(name=name):
                return (External, name)
            case Func(closure=None) | Cls(closure=None):
                return value
            case Mod(package=package):
                return (Mod, package)
            case Opaque(reason=reason, key=known, default=default, origin=origin, number=number):
                self.anonymous = self.anonymous or known is None
                return (reason, known, None if default is None else self.of(default), origin, number)
            case Seq(items=items, kind=kind, rest=rest, names={}, grown=grown):
                self.holding = self.holding or kind != "tuple"
                return (kind, tuple(map(self.of, items)), None if rest is None else self.of(rest), grown)
            case Dict(items=entries, rest=rest, kind=kind, factory=None):
                self.holding = True
                entry = tuple((type(name), name, self.of(one)) for name, one in entries.items())
                return (kind, entry, None if rest is None else self.of(rest))
            case _:
                raise _NoPart


def touch(machine: Machine, value: Value) -> None:
    """Take note of a value of a module or class that was read, if it can be stored into."""
    if type(value) not in _PLAIN and not isinstance(value, Opaque):
        machine.memory.touched += 1


def entered(machine: Machine, func: Func) -> None:
    """Take note of a function whose text may store into something."""
    memory = machine.memory
    writes = memory.writers.get(func.fragment)
    if writes is None:
        parameters = frozenset(machine.frame.names)
        writes = _writes(code(func.fragment.text()), parameters, func.name == "__init__")
        memory.writers[func.fragment] = writes
    memory.wrote += writes


def recall(machine: Machine, known: Key, func: Func) -> Value | None:
    """What the call gave before; None when it has to be followed."""
    if func.scope.index.document in machine.until:
        return None  # lines of the function's module are still to run
    value = machine.memory.results.get(known.parts)
    return value if value is None or type(value) in _PLAIN else copied(value, machine.path, deep=True)


def follow(machine: Machine, known: Key, func: Func, run: Callable[[], Value]) -> Value:
    """Follow the call, and remember what it gave if the next one cannot differ.

    A function that was quiet before is followed whatever the path: it tells nobody what the path was.
    """
    memory = machine.memory
    kept = not machine.until and (not machine.path or func.fragment in memory.quiet)
    path, cut = machine.path, machine.cut
    events, wrote, touched, born = len(machine.events), memory.wrote, memory.touched, next(BIRTHS)
    machine.cut = False
    if kept:
        machine.path = ALWAYS
    try:
        value = run()
        lasts = _Lasting(value, born)
        wrote, touched = memory.wrote - wrote, memory.touched - touched
        quiet = len(machine.events) == events and not machine.cut and not (wrote and (touched or known.holding))
        if quiet and lasts.all and not (lasts.guarded and known.anonymous):
            memory.quiet.add(func.fragment)
            if kept:
                memory.results[known.parts] = copied(value, ALWAYS, deep=True) if lasts.holding else value
        else:
            memory.quiet.discard(func.fragment)
    finally:
        machine.path, machine.cut = path, cut or machine.cut
    return value


class _Lasting:
    """What kind of value a result is."""

    def __init__(self, value: Value, born: int) -> None:
        self.born = born
        self.guarded = False  # which of some alternatives it is depends on something
        self.holding = False  # it can be stored into: a container of its own, of which a copy is as good
        self.left = _MOST
        self.all = self._lasts(value)

    def _lasts(self, value: Value) -> bool:
        self.left -= 1
        if self.left < 0:
            return False
        match value:
            case Union(options=options):
                self.guarded = True
                return all(self._lasts(single) for _, single in options)
            case Opaque(default=default):
                return default is None or self._lasts(default)
            case Seq(items=items, rest=rest, names={}, born=born) if born > self.born:
                self.holding = True
                return all(map(self._lasts, items)) and (rest is None or self._lasts(rest))
            case Dict(items=entries, rest=rest, factory=None, born=born) if born > self.born:
                self.holding = True
                return all(map(self._lasts, entries.values())) and (rest is None or self._lasts(rest))
            case Func(closure=closure) | Cls(closure=closure):
                return closure is None
            case _:
                return type(value) in _PLAIN
