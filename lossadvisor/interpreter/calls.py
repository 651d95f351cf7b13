"""Calls: arguments, dispatch on what is called, and entering functions of the project."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import (
    classes,
    contexts,
    driven,
    externals,
    hooks,
    iterate,
    layers,
    metaclasses,
    objects,
    owning,
    parameters,
    plumbing,
    ranges,
    remembered,
    spreading,
    tokens,
    training,
)
from lossadvisor.interpreter import machine as core
from lossadvisor.interpreter.guards import ALWAYS, Guard, conjoin
from lossadvisor.interpreter.scopes import Frame
from lossadvisor.interpreter.values import (
    Bound,
    Cls,
    Dict,
    External,
    Func,
    Known,
    Layer,
    Mod,
    Obj,
    Opaque,
    Partial,
    Seq,
    Single,
    Tensor,
    Union,
    Value,
    union,
)
from lossadvisor.late import dataclass
from lossadvisor.transfers import graphs
from lossadvisor.values import Place, Step

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

MAX_SAME = 2  # how often one function may stand on the stack without an object being built in between
MAX_NESTED = 3  # how often with: a factory builds a model, whose constructor asks it for the parts
MAX_TOLD = 5  # how often where its arguments are known


@dataclass(slots=True)
class Arguments:
    """Evaluated arguments; `star` and `double` say that unknown further ones may follow. `places` by position/name."""

    args: list[Value]
    keywords: dict[str, Value]
    star: bool = False
    double: bool = False
    places: dict[int | str, Place] = field(default_factory=dict)
    spread: Value | None = None  # what the last star stands before
    gap: int | None = None  # where its elements belong among the arguments, when they are one of several sequences

    def get(self, position: int, name: str) -> Value | None:
        """The argument of that position or name."""
        if name in self.keywords:
            return self.keywords[name]
        return self.args[position] if position < len(self.args) else None


def call_node(machine: Machine, node: cst.Call) -> Value:
    """The value of a call expression."""
    if isinstance(node.func, cst.Name) and node.func.value == "super" and not node.args:
        return externals.super_value(machine)
    since = len(machine.events)
    callee = machine.evaluate(node.func)
    arguments = evaluate_arguments(machine, node)
    ranges.called(machine, callee, node, since)
    training.called(machine, callee, arguments, node)
    tokens.called(machine, arguments, node)
    if arguments.gap is not None and isinstance(arguments.spread, Union):
        several = spreading.apart(machine, arguments, arguments.spread)
        if several:
            return spreading.call_each(machine, callee, several, node)
    return call(machine, callee, arguments, node)


def narrowed(machine: Machine, arguments: Arguments) -> Arguments:
    """What is left of the alternatives of the arguments on this path."""
    return Arguments(
        [machine.narrow(value) for value in arguments.args],
        {name: machine.narrow(value) for name, value in arguments.keywords.items()},
        arguments.star,
        arguments.double,
        arguments.places,
    )


def evaluate_arguments(machine: Machine, node: cst.Call) -> Arguments:
    """All arguments of a call, stars expanded where their elements are known."""
    found = Arguments([], {})
    for arg in node.args:
        value = machine.evaluate(arg.value)
        if arg.star == "*":
            found.spread = value
            if isinstance(value, Seq) and value.rest is None:
                found.args += value.items
            else:
                found.gap = None if found.star else len(found.args)
                found.star = True
        elif arg.star == "**":
            if isinstance(value, Dict):
                found.keywords.update({str(key): one for key, one in value.items.items()})
                found.double = found.double or value.rest is not None
            else:
                found.double = True
        elif arg.keyword is not None:
            found.keywords[arg.keyword.value] = value
            found.places[arg.keyword.value] = machine.place(arg.value)
        else:
            found.places[len(found.args)] = machine.place(arg.value)
            found.args.append(value)
    return found


def call(machine: Machine, callee: Value, arguments: Arguments, node: cst.Call | None) -> Value:
    """Call a value; alternatives of the callee are called each under its own guard."""
    if not isinstance(callee, Union):
        return _call(machine, callee, arguments, node, False)
    found: list[tuple[Guard, Value]] = []
    saved, chosen = machine.path, machine.chosen
    for guard, single in machine.present(callee):
        here = conjoin(saved, guard)
        if here is None:
            continue
        machine.path, machine.chosen = here, chosen | (here - saved)
        found.append((guard, _call(machine, single, narrowed(machine, arguments), node, False)))
        machine.path, machine.chosen = saved, chosen
    return union(found) if found else Opaque("a call that cannot happen")


def _call(machine: Machine, callee: Single, arguments: Arguments, node: cst.Call | None, by_default: bool) -> Value:
    match callee:
        case Func():
            return enter(machine, callee, None, arguments, node)
        case Bound(function=Func() as function, receiver=receiver):
            return enter(machine, function, receiver, arguments, node)
        case Bound(function=External(name), receiver=receiver):
            return externals.method(machine, name, receiver, arguments, node)
        case External(name):
            return externals.function(machine, name, arguments, node)
        case Layer():
            result = layers.apply_layer(machine, callee, arguments, node, by_default)
            if callee.name in owning.OWNING:
                owning.called(machine, callee, result, node)
            return hooks.applied(machine, callee, arguments, result)
        case Seq():
            return layers.apply_container(machine, callee, arguments, node)
        case Cls():
            made = metaclasses.caller(machine, callee)
            if made is not None:
                return enter(machine, made, callee, arguments, node)
            return construct(machine, callee, arguments, node)
        case Obj():
            return call_object(machine, callee, arguments, node)
        case Partial(function=function, args=args, keywords=keywords):
            merged = Arguments([*args, *arguments.args], {**keywords, **arguments.keywords}, arguments.star,
                               arguments.double)
            return call(machine, function, merged, node)
        case Opaque(default=default) if default is not None and not isinstance(default, Union | Known):
            return _call(machine, default, arguments, node, True)
        case Opaque(default=Union() as default):
            return call(machine, default, arguments, node)
        case Opaque():
            return externals.unknown_call(machine, callee, arguments, node)
        case Mod() | Known() | Tensor() | Dict():
            return Opaque("something that is not called here")
        case _:
            return Opaque("a call that is not followed")


def construct(machine: Machine, cls: Cls, arguments: Arguments, node: cst.Call | None) -> Value:
    """An instance of the class, whatever its metaclass makes of it."""
    external = next(classes.external_bases(machine, cls), None)
    if external is not None and external.split(".")[0] == "enum":
        return Opaque(f"a member of {cls.name}")
    place = None if node is None else machine.place(node)
    public = graphs.documented(cls.scope.index.document.path.parts, cls.name)
    if public is not None and place is not None:
        return Layer(public, list(arguments.args), dict(arguments.keywords), place, base=machine.path)
    return objects.construct(machine, cls, arguments, place)


def call_object(machine: Machine, obj: Obj, arguments: Arguments, node: cst.Call | None) -> Value:
    """obj(...), and what its forward hooks make of it."""
    result = hooks.applied(machine, obj, arguments, _call_object(machine, obj, arguments, node))
    owning.called(machine, obj, result, node)
    return result


def _call_object(machine: Machine, obj: Obj, arguments: Arguments, node: cst.Call | None) -> Value:
    """obj(...): `__call__` of the project, else `forward`, else what the external base class does."""
    for name in ("__call__", "forward"):
        if name in obj.attrs and not isinstance(obj.attrs[name], Layer | Obj):
            return call(machine, obj.attrs[name], arguments, node)
        member = classes.class_member(machine, obj.cls, name)
        if member is not None:
            return call(machine, classes.bind(machine, member, obj), arguments, node)
    for external in classes.external_bases(machine, obj.cls):
        if external.split(".")[0] not in ("abc", "typing", "builtins"):
            return layers.call_as(machine, external, obj, arguments, node)
    return Opaque(f"{obj.cls.name} has no forward here")


def enter(
    machine: Machine, func: Func, receiver: Value | None, arguments: Arguments, node: cst.Call | None
) -> Value:
    """Run a function of the project with these arguments."""
    tree = func.tree()
    if tree is None:
        return Opaque(f"{func.name} could not be parsed")
    if _too_deep(machine, func, arguments) or len(machine.frames) > core.MAX_DEPTH:
        return Opaque(f"{func.name} calls itself too deeply")
    known = remembered.key(func, receiver, arguments)
    if known is None:
        return _enter(machine, func, tree, receiver, arguments, node)
    value = remembered.recall(machine, known, func)
    if value is not None:
        return value
    return remembered.follow(machine, known, func, lambda: _enter(machine, func, tree, receiver, arguments, node))


def _enter(
    machine: Machine,
    func: Func,
    tree: cst.FunctionDef | cst.Lambda,
    receiver: Value | None,
    arguments: Arguments,
    node: cst.Call | None,
) -> Value:
    if machine.outline and func.fragment in machine.large:
        return _too_large(func)
    if machine.stack and plumbing.exhausted(machine, func.fragment):
        if func.name == "__init__" and isinstance(receiver, Obj):
            receiver.cut = True
        return _too_large(func)
    place = None if node is None else machine.place(node)
    frame = Frame(func.scope, func.fragment, func, func.closure, machine.path, receiver=receiver, call_place=place)
    parameters.bind_parameters(machine, func, tree.params, receiver, arguments, frame)
    if not frame.assumed:
        whole = isinstance(tree, cst.FunctionDef) and func.closure is None
        machine.visited.add(id(func.fragment) if whole else id(tree))
        if isinstance(receiver, Obj) and receiver.cls is not func.owner:
            machine.visited_for.add((id(func.fragment), id(receiver.cls)))
    mark = plumbing.entered(machine)
    value: Value | None = None
    try:
        value = run(machine, func, tree, frame, place)
    finally:
        plumbing.left(machine, func.fragment, mark, receiver if func.name == "__init__" else value)
    if place is not None and func.name != "<lambda>":
        step = Step(place, f"{_called(func)} returns it", None)
        value = machine.stepped(value, step)
    return value


def _too_deep(machine: Machine, func: Func, arguments: Arguments) -> bool:
    count = machine.stack.count(func)
    if count < MAX_SAME:
        return False
    last = len(machine.stack) - 1 - machine.stack[::-1].index(func)
    building = any(one.name == "__init__" for one in machine.stack[last:]) and func.name != "__init__"
    told = bool(arguments.args) and not isinstance(arguments.args[0], Opaque | Union)
    return count >= (MAX_SAME if not building else MAX_TOLD if told else MAX_NESTED)


def _called(func: Func) -> str:
    return f"{func.owner.name}.{func.name}" if func.owner is not None else func.name


def run(
    machine: Machine, func: Func, tree: cst.FunctionDef | cst.Lambda, frame: Frame, place: Place | None
) -> Value:
    """Execute the body in its frame."""
    saved, limit, chosen, cut = machine.path, machine.limit, machine.chosen, machine.cut
    machine.cut = False
    machine.chosen = ALWAYS  # what the body does is as certain as the body
    # A call may spend three quarters of what its caller has left, so that no detour keeps the caller from its loss.
    glance = machine.outline and bool(machine.stack)
    share = max(core.GLANCE, machine.most // 4) if glance else max(core.MIN_SHARE, (limit - machine.steps) * 3 // 4)
    machine.limit = min(limit, machine.steps + share)
    machine.frames.append(frame)
    machine.stack.append(func)
    remembered.entered(machine, func)
    if place is not None:
        machine.calls.append(place)
    outside = len(machine.contexts)
    machine.contexts += contexts.decorated(func) + driven.evaluating(machine, func, frame.receiver)
    try:
        if isinstance(tree, cst.Lambda):
            return machine.evaluate(tree.body)
        fell = machine.execute(tree.body.body)
        _run_closures(machine, frame)
        if frame.yields:
            if any("contextmanager" in d for d in func.decorators):
                return frame.yields[0]
            if frame.uncounted:
                return Seq([], "list", iterate.any_of(frame.yields), machine.path)
            return Seq(frame.yields, "list", None, machine.path)
        return core.returned(frame, fell, machine.path)
    except core.OutOfBudget:
        machine.cut = True
        if func.name == "__init__" and isinstance(frame.receiver, Obj):
            frame.receiver.cut = True
        if machine.steps > limit:
            raise
        if glance:
            machine.large.add(func.fragment)
        return _too_large(func)
    finally:
        if machine.cut and func.name == "__init__" and isinstance(frame.receiver, Obj):
            frame.receiver.short = True
        machine.path, machine.limit, machine.chosen, machine.cut = saved, limit, chosen, cut or machine.cut
        del machine.contexts[outside:]
        machine.frames.pop()
        machine.stack.pop()
        if place is not None:
            machine.calls.pop()


def _too_large(func: Func) -> Opaque:
    return Opaque(f"{func.name} is too large to follow from here")


def _run_closures(machine: Machine, frame: Frame) -> None:
    """Inner functions that nothing visible has called: they are handed to an optimizer, an engine, a decorator."""
    reached = machine.path
    for value in list(frame.names.values()):
        if isinstance(value, Func) and value.closure is frame and isinstance(value.node, cst.FunctionDef):
            if id(value.node) not in machine.visited:
                machine.path = frame.base
                enter_assumed(machine, value, None)
    machine.path = reached


def enter_assumed(machine: Machine, func: Func, receiver: Value | None) -> Value:
    """Run a function that no visible code calls: its parameters are unknown, defaults are the usual choice."""
    tree = func.tree()
    if tree is None or machine.stack.count(func) >= MAX_SAME or len(machine.frames) > core.MAX_DEPTH:
        return Opaque(f"{func.name} was not followed")
    frame = Frame(func.scope, func.fragment, func, func.closure, machine.path, receiver=receiver, assumed=True)
    arguments = Arguments([], {}, True, True)
    parameters.bind_parameters(machine, func, tree.params, receiver, arguments, frame)
    driven.hand(machine, func, receiver, tree.params, frame)
    return run(machine, func, tree, frame, None)


def external_init(machine: Machine, external: str, obj: Obj, arguments: Arguments) -> None:
    """`super().__init__(...)` reaching an external base: containers keep their children, losses their options."""
    layers.initialise(machine, external, obj, arguments)


