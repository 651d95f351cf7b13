"""Classes of the project: inheritance, members, what members are when they are asked of an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import remembered
from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.scopes import Frame
from lossadvisor.interpreter.values import Bound, Cls, External, Func, Obj, Value, options, union

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def linearize(machine: Machine, cls: Cls) -> tuple[Value, ...]:
    """The method resolution order: classes of the project and external bases, depth first, last occurrence kept."""
    if cls.linear is None:
        cls.linear = (cls,)  # a class that inherits from itself by mistake must not recurse
        found: list[Value] = [cls]
        for base in cls.bases:
            for _, single in options(base):
                found += linearize(machine, single) if isinstance(single, Cls) else [single]
        order: list[Value] = []
        for position, one in enumerate(found):
            if not any(one is later or one == later for later in found[position + 1 :]):
                order.append(one)
        cls.linear = tuple(order)
    return cls.linear


def external_bases(machine: Machine, cls: Cls) -> Iterator[str]:
    """Qualified names of the external classes that a class inherits from."""
    for one in linearize(machine, cls):
        if isinstance(one, External):
            yield one.name


def class_member(machine: Machine, cls: Cls, name: str, after: Cls | None = None) -> Value | None:
    """A member looked up along the method resolution order (after class `after`, for super())."""
    order = linearize(machine, cls)
    if after is not None and after in order:
        order = order[order.index(after) + 1 :]
    for one in order:
        if isinstance(one, Cls):
            found = own_member(machine, one, name)
            if found is not None:
                return found
    return None


def own_member(machine: Machine, cls: Cls, name: str) -> Value | None:
    """A member that the class body itself binds."""
    found = cls.members.get(name)
    if found is None and cls.definition is not None:
        found = _indexed_member(machine, cls, name)
    elif found is None and cls.node is not None:
        found = _node_member(machine, cls, name)
    if found is not None:
        remembered.touch(machine, found)
    return found


def _indexed_member(machine: Machine, cls: Cls, name: str) -> Value | None:
    assert cls.definition is not None
    found: Value | None = None
    for statement in cls.definition.members:
        if name not in statement.binds:
            continue
        definitions = [d for d in statement.definitions if d.name == name]
        if definitions:
            definition = definitions[-1]
            if definition.kind == "class":
                found = machine.modules.define(cls.scope, definition, cls)
            else:
                found = Func(name, None, definition.fragment, cls.scope, None, cls, definition.decorators)
                if any(d.endswith((".setter", ".deleter")) for d in definition.decorators):
                    found = cls.members.get(name)
                    continue
        elif statement.imports:
            continue
        else:
            with machine.modules.inside(cls.scope, statement) as frame:
                frame.names = dict(cls.members)
                frame.closure = None
                frame.function = None
                machine.execute(statement.fragment.statements())
                found = frame.names.get(name)
        if found is not None:
            cls.members[name] = found
    return found


def _node_member(machine: Machine, cls: Cls, name: str) -> Value | None:
    assert cls.node is not None
    for statement in cls.node.body.body:
        if isinstance(statement, cst.FunctionDef) and statement.name.value == name:
            decorators = tuple(cst.Module(()).code_for_node(d.decorator) for d in statement.decorators)
            cls.members[name] = Func(name, statement, cls.fragment, cls.scope, cls.closure, cls, decorators)
        elif isinstance(statement, cst.SimpleStatementLine) and not cls.members.get("<body>"):
            frame = Frame(cls.scope, cls.fragment, None, cls.closure, machine.path, dict(cls.members))
            machine.frames.append(frame)
            try:
                machine.execute([statement])
            finally:
                machine.frames.pop()
            for key, value in frame.names.items():
                cls.members.setdefault(key, value)
    return cls.members.get(name)


def bind(machine: Machine, member: Value, receiver: Value) -> Value:
    """What `receiver.member` is: methods are bound, properties called, static methods left alone."""
    from lossadvisor.interpreter import calls

    if isinstance(member, Func) and not member.decorators and member.owner is not None:
        return Bound(member, receiver)
    found: list[tuple[Guard, Value]] = []
    for guard, single in options(member):
        if isinstance(single, Func) and single.owner is not None:
            last = [d.split("(")[0].rsplit(".", 1)[-1] for d in single.decorators]
            if "staticmethod" in last:
                found.append((guard, single))
            elif any(d in ("property", "cached_property", "lazy_property") for d in last):
                found.append((guard, calls.call(machine, Bound(single, receiver), calls.Arguments([], {}), None)))
            elif "classmethod" in last:
                cls = receiver.cls if isinstance(receiver, Obj) else receiver
                found.append((guard, Bound(single, cls)))
            else:
                found.append((guard, Bound(single, receiver)))
        else:
            found.append((guard, single))
    return union(found)


def is_classmethod(member: Value) -> bool:
    """Whether a member is a class method."""
    return isinstance(member, Func) and any(d.rsplit(".", 1)[-1] == "classmethod" for d in member.decorators)
