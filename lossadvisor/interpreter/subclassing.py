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
from lossadvisor.project.parsing import parse_expression
from lossadvisor.project.texts import spellings

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

NOTED = "__init_subclass__"
_MOST = 60  # subclasses of one class


def direct(machine: Machine, cls: Cls) -> tuple[list[Cls], bool]:
    """The classes of the project that name the class among their bases, and whether these are all: one that is about to
    be defined is not there yet."""
    found: list[Cls] = []
    complete = True
    for document in machine.project.documents:
        if cls.name not in document.raw or "class " not in document.raw:
            continue
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


@dataclass(slots=True)
class Noted:
    """Which classes have been told of which subclasses."""

    told: set[tuple[int, int]] = field(default_factory=set)
    done: set[int] = field(default_factory=set)  # classes that know all of theirs
    busy: set[int] = field(default_factory=set)

    def tell(self, machine: Machine, cls: Cls) -> None:
        """Call the class's own `__init_subclass__` for every subclass, as Python does where each is defined."""
        from lossadvisor.interpreter import calls, classes

        if cls.definition is None or id(cls) in self.done or id(cls) in self.busy:
            return
        taker = classes.own_member(machine, cls, NOTED) if NOTED in cls.definition.fragment.text() else None
        if not isinstance(taker, Func):
            self.done.add(id(cls))
            return
        self.busy.add(id(cls))
        saved = machine.path
        found, complete = _below(machine, cls)
        for one in found:
            if (id(cls), id(one)) not in self.told and classes.class_member(machine, one, NOTED) is taker:
                self.told.add((id(cls), id(one)))
                machine.path = ALWAYS
                calls.call(machine, Bound(taker, one), calls.Arguments([], _keywords(machine, one)), None)
        machine.path = saved
        self.busy.discard(id(cls))
        if complete:
            self.done.add(id(cls))


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
