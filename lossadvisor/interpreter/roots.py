"""Where evaluation starts: module bodies first, then what no visible code has called, callers before callees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from functools import lru_cache, partial

from lossadvisor.contracts import CONTRACTS, by_name
from lossadvisor.interpreter import calls, classes, mentions, objects, waiting
from lossadvisor.interpreter.events import Event
from lossadvisor.interpreter.guards import ALWAYS
from lossadvisor.interpreter.machine import Machine, OutOfBudget
from lossadvisor.interpreter.values import Cls, External, Func, Layer, Partial, Value, options
from lossadvisor.late import dataclass
from lossadvisor.project import Project
from lossadvisor.project.relevance import Unit, relevant, users
from lossadvisor.source import Document

_ACTIVATIONS = frozenset(
    {"softmax", "log_softmax", "Softmax", "LogSoftmax", "softmin", "Softmin", "Softmax2d", "sigmoid"}
)


# Calls that make losses whose names stand in configuration files.
_DRAWN = frozenset({"instantiate"})


@lru_cache(maxsize=1)
def seed_names() -> frozenset[str]:
    """The spellings of losses: what makes a definition, and those who use it, worth a look."""
    return frozenset(qualified.rsplit(".", 1)[-1] for contract in CONTRACTS for qualified in contract.names()) | _DRAWN


class Kind(Enum):
    """Why a unit is evaluated."""

    CALLER = "caller"  # uses, over some hops, a definition that names a loss
    LOSS = "loss"  # names a loss itself
    ACTIVATION = "activation"  # names an activation or another operation that a rule speaks of


@dataclass(frozen=True, slots=True)
class Budget:
    """Steps for all units of a kind, and the least and most that one unit may take of them."""

    pool: int
    least: int
    most: int

    def share(self, units: int, spent: int) -> int:
        """The steps of the next unit when so many are left and so much is spent: most take less than their part."""
        return max(self.least, min(self.most, _SEVERAL * (self.pool - spent) // max(1, units)))


_SEVERAL = 4  # parts of what is left that one unit may take

BUDGETS: Mapping[Kind, Budget] = {
    Kind.CALLER: Budget(450_000, 16_000, 150_000),
    Kind.LOSS: Budget(900_000, 2_000, 150_000),
    Kind.ACTIVATION: Budget(300_000, 3_000, 40_000),
}


def interpret(
    project: Project,
    tell: Callable[[int, int], None] | None = None,
    given: Collection[Document] | None = None,
) -> list[Event]:
    """Evaluate what can have to do with a loss; every loss call and watched operation becomes an event.

    `tell` is called now and then with how many roots have been evaluated, and how many there are. With `given` only
    those documents are evaluated, and what uses their definitions.
    """
    machine = Machine(project)
    units = relevant(project, seed_names(), _spoken)
    if given is not None:
        asked = {unit.statement for unit in users(project, given)}
        units = [unit for unit in units if unit.statement in asked]
    order = sorted(units, key=lambda unit: (unit.document.filename, unit.statement.fragment.first_row))
    seeds = seed_names() | _ACTIVATIONS
    callers = seeds | _defined(units)
    kinds = {unit.statement: _kind(machine, unit) for unit in units}
    left = Counter(kinds[unit.statement] for unit in units for _ in range(_turns(unit)))
    spent = dict.fromkeys(Kind, 0)
    passed_over: list[Unit] = []
    done = 0
    total = sum(_turns(unit) for unit in units)

    def run(unit: Unit, what: Callable[[], None], again: bool) -> None:
        nonlocal done
        if tell is not None:
            tell(done, total)
        done += 1
        kind = kinds[unit.statement]
        # Callers may go without their turn in a huge project; what names a loss never does.
        if kind is Kind.LOSS or spent[kind] <= BUDGETS[kind].pool:
            machine.most = BUDGETS[kind].share(left[kind], spent[kind])
            spent[kind] += _guarded(machine, what)
            if again and machine.cut:
                machine.outline = True
                _guarded(machine, what)  # not counted: what an outline takes must not be missing from the units to come
                machine.outline = False
        else:
            passed_over.append(unit)
        left[kind] -= 1

    for unit in order:
        if unit.statement.plain:
            run(unit, partial(_module_statement, machine, unit), False)
    unresolved: set[str] = set()
    for unit in sorted(order, key=lambda unit: -unit.depth):
        for definition in unit.statement.definitions:
            names, since = callers if unit.depth else seeds, len(machine.events)
            run(unit, partial(_definition, machine, unit, definition.name, names), True)
            if not unit.depth and waiting.unresolved(machine.events[since:]):
                unresolved.add(definition.name)
    _late(machine, waiting.direct(machine, passed_over, unresolved), callers, sum(
        max(0, BUDGETS[kind].pool - spent[kind]) for kind in (Kind.LOSS, Kind.ACTIVATION)
    ))
    machine.most = BUDGETS[Kind.LOSS].share(max(1, len(machine.built)), spent[Kind.LOSS])
    _holders(machine)
    return machine.events


def _defined(units: Collection[Unit]) -> set[str]:
    """The names of the definitions, and those that their decorators begin with."""
    found = [definition for unit in units for definition in unit.statement.definitions]
    return {one.name for one in found} | {text.split(".")[0].split("(")[0] for one in found for text in one.decorators}


_LATE = Budget(450_000, 8_000, 60_000)


def _late(machine: Machine, units: list[Unit], names: frozenset[str], most: int) -> None:
    """Callers that have gone without their turn, with the steps that other kinds have left over."""
    budget, spent = replace(_LATE, pool=min(_LATE.pool, most)), 0
    for position, unit in enumerate(units):
        for definition in unit.statement.definitions:
            if spent < budget.pool:
                machine.most = budget.share(len(units) - position, spent)
                spent += _guarded(machine, partial(_definition, machine, unit, definition.name, names))


def _spoken(text: str, words: frozenset[str]) -> bool:
    return not words.isdisjoint(_ACTIVATIONS) or mentions.spoken(text, words)


def _turns(unit: Unit) -> int:
    """How often a unit is evaluated: as a statement, and once for each definition."""
    return unit.statement.plain + len(unit.statement.definitions)


_MOST_BUILT = 400


def _holders(machine: Machine) -> None:
    """The classes whose instances were handed a criterion: how they use it."""
    for cls in machine.built[:_MOST_BUILT]:
        held = _criteria(cls)
        if held:
            _guarded(machine, partial(_class, machine, cls, held))


def _criteria(cls: Cls) -> frozenset[str]:
    """The attributes under which instances hold a criterion that was handed to them."""
    return frozenset(
        name
        for made in cls.made
        for name, value in made.attrs.items()
        for _, single in options(value)
        if name[:1] != "<" and _is_criterion(single)
    )


def _is_criterion(value: Value) -> bool:
    match value:
        case Layer(name=name) | External(name=name) | Partial(function=External(name=name)):
            return name in by_name
        case _:
            return False


def _kind(machine: Machine, unit: Unit) -> Kind:
    if unit.depth:
        return Kind.CALLER
    words = mentions.of(machine, unit.statement.fragment).words
    return Kind.ACTIVATION if words.isdisjoint(seed_names()) else Kind.LOSS


def _guarded(machine: Machine, run: Callable[[], None]) -> int:
    """One root: its own budget, and nothing it breaks reaches the next. The steps it took."""
    machine.steps, machine.limit, machine.cut = 0, machine.most, False
    machine.path = ALWAYS
    del machine.frames[:], machine.stack[:], machine.calls[:], machine.contexts[:]
    machine.shared.clear()
    with suppress(OutOfBudget, RecursionError):
        run()
    machine.path = ALWAYS
    del machine.frames[:], machine.stack[:], machine.calls[:], machine.contexts[:]
    machine.shared.clear()
    return machine.steps


def _module_statement(machine: Machine, unit: Unit) -> None:
    """A plain statement of a module, after those before it that it may rest on (they run on demand)."""
    scope = machine.modules.scope(unit.document)
    machine.until[unit.document] = unit.statement.fragment.first_row
    while (statement := unit.index.statements[scope.caught_up]) is not unit.statement:
        scope.caught_up += 1
        if statement.plain and statement not in scope.executed and set(statement.binds):
            machine.modules.run(scope, statement, statement.binds[0])
    machine.modules.run(scope, unit.statement)


def _definition(machine: Machine, unit: Unit, name: str, names: frozenset[str]) -> None:
    scope = machine.modules.scope(unit.document)
    machine.until.clear()
    value = machine.modules.name(scope, name)
    if value is None:
        return
    with machine.modules.inside(scope, unit.statement):
        for _, single in options(value):
            if isinstance(single, Func):
                _function(machine, single)
            elif isinstance(single, Cls):
                _class(machine, single, names)


def _function(machine: Machine, func: Func) -> None:
    root = (id(func.fragment), 0)
    if root not in machine.finished and (machine.outline or not _seen(machine, func)):
        calls.enter_assumed(machine, func, None)
        if not machine.cut:
            machine.finished.add(root)


def _seen(machine: Machine, func: Func) -> bool:
    """Whether visible callers have led through every branch of the function."""
    return id(func.fragment) in machine.visited and id(func.fragment) not in machine.partly


def _class(machine: Machine, cls: Cls, names: frozenset[str]) -> None:
    """A class that no visible code builds, or some of whose methods none calls: run them on one instance."""
    if cls.definition is None:
        return
    pending = [name for name in _methods(machine, cls, names) if _unvisited(machine, cls, name)]
    if not pending:
        return
    for name in pending:
        if not _unvisited(machine, cls, name):
            continue
        method: Value | None = classes.class_member(machine, cls, name)
        if not isinstance(method, Func):
            continue
        static = any(d.rsplit(".", 1)[-1] == "staticmethod" for d in method.decorators)
        if not static and id(method.fragment) not in machine.visited:
            _on_made(machine, cls, method)
        if _unvisited(machine, cls, name):
            if cls.instance is None or (machine.outline and cls.instance.cut):
                cls.instance = objects.assumed(machine, cls)
            machine.path = ALWAYS
            calls.enter_assumed(machine, method, None if static else cls.instance)
            machine.visited.add(id(method.fragment))
            machine.partly.discard(id(method.fragment))
            machine.visited_for.add((id(method.fragment), id(cls)))
            if not machine.cut:
                machine.finished.add((id(method.fragment), id(cls)))


def _on_made(machine: Machine, cls: Cls, method: Func) -> None:
    """Run a method that a framework calls on the instances that visible code makes.

    Where all of these came too late to be built whole, one that is built for its own sake tells more.
    """
    whole = [made for made in cls.made if not made.short]
    for made in list(cls.made):
        machine.path = made.base
        calls.enter_assumed(machine, method, made)
        if whole:
            machine.visited.add(id(method.fragment))
            machine.visited_for.add((id(method.fragment), id(cls)))
    if whole:
        machine.finished.add((id(method.fragment), id(cls)))
    machine.path = ALWAYS


def _methods(machine: Machine, cls: Cls, names: frozenset[str]) -> list[str]:
    """Methods, own and inherited, that use one of the names, what such a method sets, or a method that does."""
    found: dict[str, mentions.Mentions] = {}
    for one in classes.linearize(machine, cls):
        if isinstance(one, Cls) and one.definition is not None:
            for statement in one.definition.members:
                for definition in statement.definitions:
                    if definition.kind == "function" and definition.name not in found:
                        found[definition.name] = mentions.of(machine, definition.fragment)
                if statement.plain and statement.binds:
                    found.setdefault("|".join(statement.binds), mentions.of(machine, statement.fragment))
    chosen = {name for name, one in found.items() if one.elsewhere or not one.words.isdisjoint(names)}
    marks = frozenset(chosen).union(*(found[name].given(names) | set(name.split("|")) for name in chosen))
    while True:
        marks -= {"__init__"}
        more = {name for name in found if name not in chosen and not found[name].words.isdisjoint(marks)}
        if not more:
            break
        chosen |= more
        marks |= frozenset(more).union(*(found[name].given(marks) for name in more))
    wanted = [name for name in found if name in chosen and name != "__init__" and "|" not in name]
    return mentions.callers_first(sorted(wanted, key=lambda name: name in ("forward", "__call__")), found)



def _unvisited(machine: Machine, cls: Cls, name: str) -> bool:
    method = classes.class_member(machine, cls, name)
    if not isinstance(method, Func):
        return False
    if machine.outline:
        return (id(method.fragment), id(cls)) not in machine.finished
    if method.owner is not cls:
        return (id(method.fragment), id(cls)) not in machine.visited_for
    return not _seen(machine, method)
