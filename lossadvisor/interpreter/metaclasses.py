"""Metaclasses of the project that say themselves what a call of the class returns: wrappers, instances kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import classes
from lossadvisor.interpreter.values import Cls, Func, Opaque, Value
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

CONSTRUCTS = "builtins.type.__call__"
"""What `super().__call__(...)` means in a metaclass: the instance is made and initialised."""

_WRITTEN = "metaclass="


def caller(machine: Machine, cls: Cls) -> Func | None:
    """The `__call__` of the metaclass, where the project writes one."""
    for one in classes.linearize(machine, cls):
        if isinstance(one, Cls) and one.definition is not None:
            for text in one.definition.keywords:
                if text.startswith(_WRITTEN):
                    found = _evaluated(machine, one, text.removeprefix(_WRITTEN))
                    member = classes.class_member(machine, found, "__call__") if isinstance(found, Cls) else None
                    return member if isinstance(member, Func) and not machine.stack.count(member) else None
    return None


def _evaluated(machine: Machine, cls: Cls, text: str) -> Value:
    assert cls.definition is not None
    try:
        node = parse_expression(text)
    except cst.ParserSyntaxError:
        return Opaque("a metaclass that does not parse")
    with machine.modules.inside(cls.scope, cls.definition):
        return machine.evaluate(node)
