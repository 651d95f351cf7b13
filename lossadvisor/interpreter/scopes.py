"""Where names live: frames of running functions and scopes of modules."""

from __future__ import annotations

from dataclasses import field
from itertools import count
from typing import TYPE_CHECKING

from lossadvisor.interpreter.changes import Change, changes, writers
from lossadvisor.interpreter.guards import ALWAYS, Guard
from lossadvisor.interpreter.values import BIRTHS, Value
from lossadvisor.late import dataclass
from lossadvisor.values import Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.loops import Exits
    from lossadvisor.interpreter.values import Func
    from lossadvisor.project import Fragment, ModuleIndex, Statement


@dataclass(eq=False, slots=True)
class ModuleScope:
    """The names of one module. Statements are executed when a name they bind is first asked for."""

    index: ModuleIndex
    names: dict[str, Value] = field(default_factory=dict)
    executed: set[Statement] = field(default_factory=set)
    defined: set[tuple[Statement, str]] = field(default_factory=set)  # imports and definitions that have been bound
    resolving: set[str] = field(default_factory=set)
    caught_up: int = 0  # statements from the first on that roots have run or need not run
    conventional: bool = False  # imports nothing of torch: torch, nn, F may stand for themselves
    changing: tuple[Change, ...] | None = None
    writing: dict[str, tuple[Change, ...]] | None = None
    taking: dict[str, tuple[tuple[Change, str], ...]] | None = None
    settled: set[str] = field(default_factory=set)  # names that no statement can change any more

    def changes(self) -> tuple[Change, ...]:
        """The statements that change values in place, found once."""
        if self.changing is None:
            self.changing = changes(self.index)
        return self.changing

    def writers(self) -> dict[str, tuple[Change, ...]]:
        """Those that write into the value of a name, by name."""
        if self.writing is None:
            self.writing = writers(self.index, self.changes())
        return self.writing

    def takers(self) -> dict[str, tuple[tuple[Change, str], ...]]:
        """Those that hand the value of a name to a function, by name, with what is called."""
        if self.taking is None:
            self.taking = {}
            for change in self.changes():
                for callee, names in change.handed:
                    for name in names:
                        self.taking[name] = (*self.taking.get(name, ()), (change, callee))
        return self.taking


@dataclass(eq=False, slots=True)
class Frame:
    """One running function, or a module body (`function` None)."""

    scope: ModuleScope
    fragment: Fragment
    function: Func | None = None
    closure: Frame | None = None
    base: Guard = ALWAYS
    names: dict[str, Value] = field(default_factory=dict)
    since: dict[str, Guard] = field(default_factory=dict)  # names bound once, under a condition
    returns: list[tuple[Guard, Value]] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    uncounted: bool = False  # some yield stands in a branch or a loop: how many there are is not known
    outer_names: set[str] = field(default_factory=set)  # declared global or nonlocal
    receiver: Value | None = None
    call_place: Place | None = None
    assumed: bool = False  # entered without a visible caller
    loops: list[Exits] = field(default_factory=list)
    serial: int = field(default_factory=count().__next__)  # tells calls of one function apart
    born: int = field(default_factory=BIRTHS.__next__)  # what is older has come from outside
