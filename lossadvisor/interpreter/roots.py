"""Where evaluation starts: module bodies first, then what no visible code has called, callers before callees."""

from __future__ import annotations

from collections.abc import Callable

from lossadvisor.contracts import CONTRACTS
from lossadvisor.interpreter import calls, objects
from lossadvisor.interpreter.events import Event
from lossadvisor.interpreter.guards import ALWAYS
from lossadvisor.interpreter.machine import MAX_TOTAL, Machine, OutOfBudget
from lossadvisor.interpreter.values import Cls, Func, Obj, Value, options
from lossadvisor.project import Project
from lossadvisor.project.relevance import Unit, pattern, relevant

_ACTIVATIONS = ("softmax", "log_softmax", "Softmax", "LogSoftmax", "softmin", "Softmin", "Softmax2d", "sigmoid")


def seed_names() -> set[str]:
    """The spellings of losses: what makes a definition, and those who use it, worth a look."""
    names = {qualified.rsplit(".", 1)[-1] for contract in CONTRACTS for qualified in contract.names()}
    return names


def interpret(project: Project) -> list[Event]:
    """Evaluate what can have to do with a loss; every loss call and watched operation becomes an event."""
    machine = Machine(project)
    units = relevant(project, pattern(seed_names()), pattern(_ACTIVATIONS))
    order = sorted(units, key=lambda unit: (unit.document.filename, unit.statement.fragment.first_row))
    for unit in order:
        if unit.statement.plain:
            _guarded(machine, lambda unit=unit: _module_statement(machine, unit))  # type: ignore[misc]
    for unit in sorted(order, key=lambda unit: -unit.depth):
        for definition in unit.statement.definitions:
            _guarded(machine, lambda unit=unit, name=definition.name: _definition(machine, unit, name))  # type: ignore[misc]
    return machine.events


def _guarded(machine: Machine, run: Callable[[], None]) -> None:
    """One root: its own budget, and nothing it breaks reaches the next."""
    machine.steps = 0
    machine.path = ALWAYS
    if machine.total > MAX_TOTAL:
        return
    del machine.frames[:], machine.stack[:], machine.calls[:]
    try:
        run()
    except (OutOfBudget, RecursionError):
        pass
    machine.total += machine.steps
    machine.path = ALWAYS
    del machine.frames[:], machine.stack[:], machine.calls[:]


def _module_statement(machine: Machine, unit: Unit) -> None:
    """A plain statement of a module, after those before it that it may rest on (they run on demand)."""
    scope = machine.modules.scope(unit.document)
    for statement in unit.index.statements:
        if statement is unit.statement:
            break
        if statement.plain and statement not in scope.executed and set(statement.binds):
            machine.modules.run(scope, statement)
    machine.modules.run(scope, unit.statement)


def _definition(machine: Machine, unit: Unit, name: str) -> None:
    scope = machine.modules.scope(unit.document)
    value = machine.modules.name(scope, name)
    if value is None:
        return
    with machine.modules.inside(scope, unit.statement):
        for _, single in options(value):
            if isinstance(single, Func):
                _function(machine, single)
            elif isinstance(single, Cls):
                _class(machine, single)


def _function(machine: Machine, func: Func) -> None:
    if id(func.fragment) not in machine.visited:
        calls.enter_assumed(machine, func, None)


def _class(machine: Machine, cls: Cls) -> None:
    """A class that no visible code builds, or some of whose methods none calls: run them on one instance."""
    if cls.definition is None:
        return
    pending = [name for name in _methods(machine, cls) if _unvisited(machine, cls, name)]
    if not pending:
        return
    instance = cls.instance or _assumed_instance(machine, cls)
    cls.instance = instance
    for name in pending:
        if not _unvisited(machine, cls, name):
            continue
        method: Value | None = objects.class_member(machine, cls, name)
        if isinstance(method, Func):
            static = any(d.rsplit(".", 1)[-1] == "staticmethod" for d in method.decorators)
            calls.enter_assumed(machine, method, None if static else instance)
            machine.visited.add(id(method.fragment))


def _assumed_instance(machine: Machine, cls: Cls) -> Obj:
    obj = Obj(cls, {}, ALWAYS, assumed=True)
    initializer = objects.class_member(machine, cls, "__init__")
    if isinstance(initializer, Func):
        calls.enter_assumed(machine, initializer, obj)
    return obj


def _methods(machine: Machine, cls: Cls) -> list[str]:
    """Method names along the inheritance, callers (everything but forward) first."""
    found: dict[str, None] = {}
    for one in objects.linearize(machine, cls):
        if isinstance(one, Cls) and one.definition is not None:
            for statement in one.definition.members:
                for definition in statement.definitions:
                    if definition.kind == "function" and definition.name not in ("__init__", "__repr__", "__str__"):
                        found.setdefault(definition.name)
    return sorted(found, key=lambda name: name in ("forward", "__call__"))


def _unvisited(machine: Machine, cls: Cls, name: str) -> bool:
    method = objects.class_member(machine, cls, name)
    return isinstance(method, Func) and id(method.fragment) not in machine.visited
