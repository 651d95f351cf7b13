"""What the handlers of Python itself read from their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Opaque, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

Handler = Callable[["Machine", "Arguments", "cst.Call | None"], Value]


def first(arguments: Arguments) -> Value:
    """The first positional argument, or an unknown."""
    return arguments.args[0] if arguments.args else Opaque("no argument")


def settled(value: Value) -> Value:
    """The default of a setting that has one, else the value itself."""
    return value.default if isinstance(value, Opaque) and value.default is not None else value


def any_element(machine: Machine, value: Value) -> Value:
    """One of the elements that iterating over `value` gives."""
    from lossadvisor.interpreter import iterate

    found = iterate.elements(machine, value)
    return found[0] if len(found) == 1 else iterate.any_of(found)
