"""Where evaluation starts: module bodies first, then what no visible code has called, callers before callees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from lossadvisor.contracts import by_name
from lossadvisor.interpreter import calls, classes, mentions, objects, waiting
from lossadvisor.interpreter.events import Event
from lossadvisor.interpreter.guards import ALWAYS
from lossadvisor.interpreter.machine import Machine, OutOfBudget
from lossadvisor.interpreter.plan import ACTIVATIONS, Budget, Kind, Plan, planned, seed_names, turns
from lossadvisor.interpreter.values import Cls, External, Func, Layer, Partial, Value, options
from lossadvisor.project import Project
from lossadvisor.project.relevance import Unit


def interpret(project: Project) -> list[Event]:
    """Evaluate what can have to do with a loss; every loss call and watched operation becomes an event."""
    plan = planned(project)
    return [event for portion in plan.portions for event in evaluate(project, plan, portion)]


def evaluate(
    project: Project, plan: Plan, portion: Sequence[Unit], tell: Callable[[int], None] | None = None
) -> list[Event]:
    """The events of one portion, in which nothing is known of the others.

    `tell` is called now and then with how many roots of the portion have been evaluated.
    """
    machine = Machine(project, len(plan.portions))
    seeds = seed_names() | ACTIVATIONS
    callers = seeds | plan.names
    budgets = plan.budgets(portion)
    left = Counter(plan.kinds[unit.statement] for unit in portion for _ in range(turns(unit)))
    spent = dict.fromkeys(Kind, 0)
    passed_over: list[Unit] = []
    done = 0

    def run(unit: Unit, what: Callable[[], None], again: bool) -> None:
        nonlocal done
        if tell is not None:
            tell(done)
        done += 1
        kind = plan.kinds[unit.statement]
        # Callers may go without their turn in a huge project; what names a loss never does.
        if kind is Kind.LOSS or spent[kind] <= budgets[kind].pool:
            machine.most = budgets[kind].share(left[kind], spent[kind])
            spent[kind] += _guarded(machine, what)
            if again and machine.cut:
                machine.outline = True
                _guarded(machine, what)  # not counted: what an outline takes must not be missing from the units to come
                machine.outline = False
        else:
            passed_over.append(unit)
        left[kind] -= 1

    for unit in portion:
        if unit.statement.plain:
            run(unit, partial(_module_statement, machine, unit), False)
    unresolved: set[str] = set()
    for unit in sorted(portion, key=lambda unit: -unit.depth):
        for definition in unit.statement.definitions:
            names, since = callers if unit.depth else seeds, len(machine.events)
            run(unit, partial(_definition, machine, unit, definition.name, names), True)
            if not unit.depth and waiting.unresolved(machine.events[since:]):
                unresolved.add(definition.name)
    _late(machine, waiting.direct(machine, passed_over, unresolved), callers, sum(
        max(0, budgets[kind].pool - spent[kind]) for kind in (Kind.LOSS, Kind.ACTIVATION)
    ))
    machine.most = budgets[Kind.LOSS].share(max(1, len(machine.built)), spent[Kind.LOSS])
    _holders(machine)
    return machine.events


_LATE = Budget(450_000, 8_000, 60_000)


def _late(machine: Machine, units: list[Unit], names: frozenset[str], most: int) -> None:
    """Callers that have gone without their turn, with the steps that other kinds have left over."""
    budget, spent = replace(_LATE, pool=min(_LATE.pool, most)), 0
    for position, unit in enumerate(units):
        for definition in unit.statement.definitions:
            if spent < budget.pool:
                machine.most = budget.share(len(units) - position, spent)
                spent += _guarded(machine, partial(_definition, machine, unit, definition.name, names))


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
