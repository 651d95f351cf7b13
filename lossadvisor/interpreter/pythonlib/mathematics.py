"""The functions of Python's math module. Source: docs.python.org/3/library/math.html."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.pythonlib.given import Handler, settled
from lossadvisor.interpreter.values import Known, Opaque, Value
from lossadvisor.values import Dtype

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_FUNCTIONS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt, "log": math.log, "log2": math.log2, "log10": math.log10, "exp": math.exp, "pow": math.pow,
    "sin": math.sin, "cos": math.cos, "tanh": math.tanh, "ceil": math.ceil, "floor": math.floor,
}
_WHOLE = frozenset({"ceil", "floor"})


def _handler(name: str) -> Handler:
    def compute(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
        numbers = [settled(value) for value in arguments.args]
        known = [one.value for one in numbers if isinstance(one, Known) and isinstance(one.value, int | float)]
        if known and len(known) == len(numbers) and not arguments.star:
            try:
                return Known(_FUNCTIONS[name](*known))
            except (ValueError, OverflowError, TypeError):
                return Opaque("arithmetic that fails")
        return Opaque("a number", number=Dtype.INTEGER if name in _WHOLE else Dtype.FLOAT)

    return compute


FUNCTIONS: dict[str, Handler] = {f"math.{name}": _handler(name) for name in _FUNCTIONS}
