"""Classes that know their subclasses: `__subclasses__()`, and `__init_subclass__`, which Python calls for each.

Subclasses are looked for by the name of the class among the bases that the classes of the project write; a base that
means another class of that name is none.
Source: https://docs.python.org/3/reference/datamodel.html#customizing-class-creation
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from lossadvisor.interpreter.guards import ALWAYS
from lossadvisor.interpreter.values import Bound, Cls, Func, Seq, Value
from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.project.parsing import parse_expression
from lossadvisor.project.registering import NOTED
from lossadvisor.project.texts import spellings

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_MOST = 60  # subclasses of one class


def direct(machine: Machine, cls: Cls) -> tuple[list[Cls], bool]:
    """The classes of the project that name the class among their bases, and whether these are all: one that is about to
    be defined is not there yet."""
    found: list[Cls] = []
    complete = True
    for document in machine.project.registering.deriving.get(cls.name, ()):
        spelled = spellings(document, frozenset({cls.name}))
        scope = machine.modules.scope(document)
        for statement in machine.project.index(document).statements:
            for definition in statement.definitions:
                if definition.kind != "class" or len(found) >= _MOST:
                    continue
                if spelled.isdisjoint(base.rsplit(".", 1)[-1] for base in definition.bases):
                    continue
                value = machine.modules.name(scope, definition.name)
                complete = complete and value is not None
                if isinstance(value, Cls) and any(base is cls for base in value.bases):
                    found.append(value)
    return found, complete


def listed(machine: Machine, cls: Cls) -> Value:
    """`cls.__subclasses__()`."""
    return Seq([*direct(machine, cls)[0]], "list", None, machine.path)


# Into an element of something: what a method that does this leaves behind, others find.
_FILLS = pattern(r"\][ \t]*=(?!=)|\.(?:append|extend|insert|update|add|setdefault|register\w*)\(")


@dataclass(slots=True)
class Noted:
    """Which classes have been told of which subclasses."""

    told: set[tuple[int, int]] = field(default_factory=set)
    done: set[int] = field(default_factory=set)  # classes that know all of theirs
    busy: set[int] = field(default_factory=set)

    def made(self, machine: Machine, cls: Cls) -> None:
        """Call the `__init_subclass__` that a new class inherits, as Python does."""
        from lossadvisor.interpreter import classes

        if machine.project.registering.noting and any(isinstance(base, Cls) for base in cls.bases):
            taker = classes.class_member(machine, cls, NOTED, after=cls)
            if isinstance(taker, Func):
                self._tell(machine, taker, cls)

    def tell(self, machine: Machine, cls: Cls) -> None:
        """Tell a class of which somebody wants to know something of all of its subclasses, wherever they are, if what
        it does then can be found elsewhere than on these."""
        from lossadvisor.interpreter import classes

        if cls.definition is None or id(cls) in self.done or id(cls) in self.busy:
            return
        taker = classes.own_member(machine, cls, NOTED) if NOTED in cls.definition.fragment.text() else None
        if not isinstance(taker, Func) or not _FILLS.search(taker.fragment.text()):
            self.done.add(id(cls))
            return
        self.busy.add(id(cls))
        found, complete = _below(machine, cls)
        for one in found:
            if classes.class_member(machine, one, NOTED) is taker:
                self._tell(machine, taker, one)
        self.busy.discard(id(cls))
        if complete:
            self.done.add(id(cls))

    def _tell(self, machine: Machine, taker: Func, cls: Cls) -> None:
        from lossadvisor.interpreter import calls

        known = (id(taker.fragment), id(cls))
        if known not in self.told:
            self.told.add(known)
            saved, machine.path = machine.path, ALWAYS
            calls.call(machine, Bound(taker, cls), calls.Arguments([], _keywords(machine, cls)), None)
            machine.path = saved


def _below(machine: Machine, cls: Cls) -> tuple[list[Cls], bool]:
    """The class's subclasses, theirs, and so on; and whether these are all."""
    waiting, complete = direct(machine, cls)
    found: list[Cls] = []
    while waiting:
        one = waiting.pop(0)
        if one is not cls and not any(one is other for other in found):
            found.append(one)
            more, all_there = direct(machine, one)
            waiting += more
            complete = complete and all_there
    return found, complete


def _keywords(machine: Machine, cls: Cls) -> dict[str, Value]:
    """The keywords of the line that defines the class."""
    found: dict[str, Value] = {}
    for text in cls.definition.keywords if cls.definition is not None else ():
        name, _, written = text.partition("=")
        if name != "metaclass" and cls.definition is not None:
            with machine.modules.inside(cls.scope, cls.definition):
                found[name] = machine.evaluate(parse_expression(written))
    return found
