"""Comparisons that decide nothing: `assert (p >= 0).all()`, `if (p < 0).any(): raise`, `torch.all(p <= 1)`.

They ask whether all values lie in a range, which for a probability is no threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.events import Compared
from lossadvisor.interpreter.values import External, Value
from lossadvisor.project import NodePlace

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_WHOLE = frozenset({"all", "any"})
_FUNCTIONS = frozenset({"torch.all", "torch.any", "builtins.all", "builtins.any"})


def called(machine: Machine, callee: Value, node: cst.Call, since: int) -> None:
    """After a call: the comparison that it asks about as a whole is no decision."""
    match node:
        case cst.Call(func=cst.Attribute(value=cst.Comparison() as inner, attr=cst.Name(value=name))) if name in _WHOLE:
            _forget(machine, inner, since)
        case cst.Call(args=[cst.Arg(value=cst.Comparison() as inner), *_]):
            if isinstance(callee, External) and callee.name in _FUNCTIONS:
                _forget(machine, inner, since)


def asserted(machine: Machine, test: cst.BaseExpression, since: int) -> None:
    """After an assertion: the comparisons that it states."""
    for inner in _stated(test):
        _forget(machine, inner, since)


def _stated(test: cst.BaseExpression) -> Iterator[cst.Comparison]:
    match test:
        case cst.Comparison():
            yield test
        case cst.BooleanOperation(left=left, right=right):
            yield from _stated(left)
            yield from _stated(right)
        case cst.UnaryOperation(expression=inner):
            yield from _stated(inner)


def _forget(machine: Machine, inner: cst.Comparison, since: int) -> None:
    kept = [
        event
        for event in machine.events[since:]
        if not (isinstance(event, Compared) and isinstance(event.place, NodePlace) and event.place.node is inner)
    ]
    machine.events[since:] = kept
