"""How each statement is executed. A handler returns False when control cannot go past the statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from lossadvisor.interpreter import (
    assign,
    contexts,
    iterate,
    listed,
    loops,
    mutation,
    operators,
    ranges,
    training,
    truth,
)
from lossadvisor.interpreter import decorators as decorators_of
from lossadvisor.interpreter.guards import ALWAYS, Condition, Origin, conjoin
from lossadvisor.interpreter.values import NONE, Cls, Dict, Func, Known, Opaque, Seq, Tensor, Union, Value
from lossadvisor.values import Grad

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


def _line(machine: Machine, node: cst.SimpleStatementLine) -> bool:
    return machine.execute(node.body)


def _suite(machine: Machine, node: cst.SimpleStatementSuite | cst.IndentedBlock) -> bool:
    return machine.execute(node.body)


def _expr(machine: Machine, node: cst.Expr) -> bool:
    machine.evaluate(node.value)
    return True


def _assign(machine: Machine, node: cst.Assign) -> bool:
    value = machine.evaluate(node.value)
    for target in node.targets:
        assign.assign(machine, target.target, value)
    return True


def _annotated(machine: Machine, node: cst.AnnAssign) -> bool:
    if node.value is not None:
        assign.assign(machine, node.target, machine.evaluate(node.value))
    return True


def _augmented(machine: Machine, node: cst.AugAssign) -> bool:
    old = machine.evaluate(node.target)
    added = machine.evaluate(node.value)
    value = operators.binary(machine, old, type(node.operator), added, node)
    value = training.accumulated(machine, added, value, node)
    if isinstance(old, Tensor | Union):
        value = _with_grad(old, value)
        mutation.rewrite(machine, old, value)
    assign.assign(machine, node.target, value)
    return True


def _with_grad(old: Value, new: Value) -> Value:
    """A tensor that is changed in place keeps its history, also where no gradient is recorded."""
    if isinstance(old, Tensor) and isinstance(new, Tensor) and old.fact.grad is Grad.FLOWS:
        return Tensor(replace(new.fact, grad=Grad.FLOWS, dtype=old.fact.dtype))
    return new


def _return(machine: Machine, node: cst.Return) -> bool:
    value: Value = NONE if node.value is None else machine.evaluate(node.value)
    machine.frame.returns.append((machine.path, value))
    training.returned(machine, value, node)
    return False


def _stop(machine: Machine, node: cst.CSTNode) -> bool:
    return False


def _if(machine: Machine, node: cst.If) -> bool:
    true, false = truth.ways(machine, node.test)
    saved = machine.path
    yes = None if true is None else conjoin(saved, true)
    no = None if false is None else conjoin(saved, false)
    if (yes is None or (no is None and node.orelse is not None)) and machine.frame.function is not None:
        machine.partly.add(id(machine.frame.function.fragment))
    passes_yes = passes_no = False
    if yes is not None:
        machine.path = yes
        passes_yes = machine.execute(node.body.body)
        yes = machine.path
    if no is not None:
        machine.path = no
        if node.orelse is None:
            passes_no = True
        elif isinstance(node.orelse, cst.If):
            passes_no = _if(machine, node.orelse)
        else:
            passes_no = machine.execute(node.orelse.body.body)
        no = machine.path
    if passes_yes and passes_no:
        machine.path = saved
        return True
    if no is None and not passes_yes and machine.frame.function is not None:
        machine.partly.add(id(machine.frame.function.fragment))
    if passes_yes and yes is not None:
        machine.path = yes
        return True
    if passes_no and no is not None:
        machine.path = no
        return True
    machine.path = saved
    return False


def _with(machine: Machine, node: cst.With) -> bool:
    outside, switch = len(machine.contexts), machine.switch
    for item in node.items:
        value = machine.evaluate(item.item)
        if item.asname is not None:
            assign.assign(machine, item.asname.name, value)
        text = cst.Module(()).code_for_node(item.item)
        if contexts.expects_an_error(text):  # what is done inside is wrong on purpose
            del machine.contexts[outside:]
            return True
        entered = contexts.entered(value, text)
        on = contexts.switched(machine, item.item) if contexts.AUTOCAST in entered else ALWAYS
        machine.contexts += (contexts.NO_CAST,) if on is None else entered
        machine.switch = on or machine.switch
    try:
        return machine.execute(node.body.body)
    finally:
        del machine.contexts[outside:]
        machine.switch = switch


def _try(machine: Machine, node: cst.Try | cst.TryStar) -> bool:
    saved = machine.path
    left = len(machine.frame.returns) + sum(len(e.breaks) + len(e.continues) for e in machine.frame.loops)
    passes = machine.execute(node.body.body)
    stays = left == len(machine.frame.returns) + sum(len(e.breaks) + len(e.continues) for e in machine.frame.loops)
    raised = not passes and stays and len(node.handlers) == 1  # the only way goes through the handler
    if passes and node.orelse is not None:
        passes = machine.execute(node.orelse.body.body)
    after = machine.path
    caught = False
    for handler in node.handlers:
        # What a handler does is the exception; its writes must not replace those of the normal way.
        key = Condition(("raised", id(handler)), False, Origin.OPAQUE, "an exception is raised")
        machine.path = saved if raised else saved | {(key, True)}
        if handler.name is not None:
            assign.assign(machine, handler.name.name, Opaque("an exception"))
        caught = machine.execute(handler.body.body) or caught
        machine.path = saved
    machine.path = after if passes else saved
    if node.finalbody is not None and not machine.execute(node.finalbody.body.body):
        return False
    return passes or caught


def _function(machine: Machine, node: cst.FunctionDef) -> bool:
    frame = machine.frame
    decorators = tuple(_decorator_text(d) for d in node.decorators)
    func = Func(node.name.value, node, frame.fragment, frame.scope, _closure(machine), None, decorators)
    assign.bind(machine, node.name.value, decorators_of.decorated(machine, func))
    return True


def _class(machine: Machine, node: cst.ClassDef) -> bool:
    frame = machine.frame
    bases = tuple(machine.evaluate(arg.value) for arg in node.bases if not arg.star)
    decorators = tuple(_decorator_text(d) for d in node.decorators)
    cls = Cls(node.name.value, frame.fragment, frame.scope, bases, {}, None, _closure(machine), decorators, node)
    assign.bind(machine, node.name.value, cls)
    return True


def _closure(machine: Machine) -> Any:
    return machine.frame if machine.frame.function is not None else None


def _decorator_text(decorator: cst.Decorator) -> str:
    return cst.Module(()).code_for_node(decorator.decorator)


def _global(machine: Machine, node: cst.Global | cst.Nonlocal) -> bool:
    machine.frame.outer_names.update(item.name.value for item in node.names)
    return True


def _import(machine: Machine, node: cst.Import) -> bool:
    from lossadvisor.project.index import ImportBinding

    for alias in node.names:
        module = alias.evaluated_name
        name = alias.evaluated_alias
        binding = ImportBinding(name or module.split(".")[0], module if name else module.split(".")[0], None, 0)
        assign.bind(machine, binding.name, machine.modules.imported(machine.frame.scope, binding))
    return True


def _import_from(machine: Machine, node: cst.ImportFrom) -> bool:
    from lossadvisor.project.index import ImportBinding

    if isinstance(node.names, cst.ImportStar):
        return True
    module = "" if node.module is None else cst.Module(()).code_for_node(node.module)
    for alias in node.names:
        name = alias.evaluated_alias or alias.evaluated_name
        binding = ImportBinding(name, module, alias.evaluated_name, len(node.relative))
        assign.bind(machine, name, machine.modules.imported(machine.frame.scope, binding))
    return True


def _assert(machine: Machine, node: cst.Assert) -> bool:
    since = len(machine.events)
    true, _ = truth.ways(machine, node.test)
    ranges.asserted(machine, node.test, since)
    if true is None:
        return True
    both = conjoin(machine.path, true)
    if both is not None:
        machine.path = both
    return True


def _del(machine: Machine, node: cst.Del) -> bool:
    target = node.target
    targets = [element.value for element in target.elements] if isinstance(target, cst.Tuple | cst.List) else [target]
    for one in targets:
        if isinstance(one, cst.Subscript):
            index = iterate.index_of(machine, one)
            for receiver in machine.branches(machine.evaluate(one.value)):
                if isinstance(receiver, Seq):
                    listed.delete(machine, receiver, index)
                elif isinstance(receiver, Dict) and isinstance(index, Known) and not machine.path - receiver.base:
                    receiver.items.pop(index.value, None)
    return True


def _match(machine: Machine, node: cst.Match) -> bool:
    subject = machine.evaluate(node.subject)
    saved = machine.path
    rest = saved
    passes = False
    for case in node.cases:
        true, false = _case(machine, subject, case)
        here = None if true is None else conjoin(rest, true)
        if here is not None:
            machine.path = here
            assign.pattern(machine, case.pattern, subject)
            passes = machine.execute(case.body.body) or passes
        following = None if false is None else conjoin(rest, false)
        if following is None:
            machine.path = saved
            return passes
        rest = following
    machine.path = saved
    return True


def _case(machine: Machine, subject: Value, case: cst.MatchCase) -> truth.Ways:
    pattern = case.pattern
    if isinstance(pattern, cst.MatchAs) and pattern.pattern is None and case.guard is None:
        return truth.TRUE
    if isinstance(pattern, cst.MatchValue) and case.guard is None:
        return truth.compare(machine, subject, cst.Equal, machine.evaluate(pattern.value), pattern)
    if isinstance(pattern, cst.MatchOr) and case.guard is None:
        values = [p.pattern.value for p in pattern.patterns if isinstance(p.pattern, cst.MatchValue)]
        if len(values) == len(pattern.patterns):
            known = [machine.evaluate(value) for value in values]
            return truth.compare(machine, subject, cst.In, operators.sequence(known, "tuple"), pattern)
    return truth.of_value(machine, Opaque("a pattern that is not followed"), case)


TABLE: dict[type, Callable[[Any, Any], bool]] = {
    cst.SimpleStatementLine: _line,
    cst.SimpleStatementSuite: _suite,
    cst.IndentedBlock: _suite,
    cst.Expr: _expr,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.Raise: _stop,
    cst.Continue: loops.leave,
    cst.Break: loops.leave,
    cst.If: _if,
    cst.For: loops.run_for,
    cst.While: loops.run_while,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
    cst.Global: _global,
    cst.Nonlocal: _global,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.Assert: _assert,
    cst.Del: _del,
    cst.Match: _match,
}

