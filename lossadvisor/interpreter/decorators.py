"""Decorators written in the project: what they return takes the place of the function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Bound, Cls, Func, Opaque, Partial, Value
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_KNOWN = frozenset({"staticmethod", "classmethod", "property", "cached_property", "lazy_property", "setter", "deleter",
                    "abstractmethod", "overload", "contextmanager"})  # fmt: skip


def decorated(machine: Machine, func: Func) -> Value:
    """The function after its decorators, evaluated in the current frame; those from outside the project keep it."""
    value: Value = func
    for number, text in reversed(list(enumerate(func.decorators))):
        if text.split("(", maxsplit=1)[0].rsplit(".", 1)[-1] in _KNOWN:
            continue
        decorator = _evaluated(machine, func, number, text)
        if not isinstance(decorator, Func) or machine.stack.count(decorator):
            continue
        from lossadvisor.interpreter.calls import Arguments, call

        made = call(machine, decorator, Arguments([value], {}), None)
        if isinstance(made, Func | Bound | Partial) and made is not func:
            value = made
    if isinstance(value, Func) and value is not func:
        # What wraps a method is a method.
        return Func(func.name, value.node, value.fragment, value.scope, value.closure, func.owner, ())
    return value


def _evaluated(machine: Machine, func: Func, number: int, text: str) -> Value:
    """The decorator as written; where something is seen in it, it is read again in its place in the file."""
    since = len(machine.events)
    try:
        value = machine.evaluate(parse_expression(text))
    except (cst.ParserSyntaxError, RecursionError):
        return Opaque("a decorator that does not parse")
    if len(machine.events) > since:
        del machine.events[since:]
        tree = func.tree()
        if isinstance(tree, cst.FunctionDef) and number < len(tree.decorators):
            value = machine.evaluate(tree.decorators[number].decorator)
    return value


def of_class(machine: Machine, cls: Cls, func: Func) -> Value:
    """The same for a method, in the frame of its module."""
    if not func.decorators or cls.definition is None:
        return func
    with machine.modules.inside(cls.scope, cls.definition):
        return decorated(machine, func)
