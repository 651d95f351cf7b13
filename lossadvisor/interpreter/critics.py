"""Objectives of critics: the averages and margins of scores that stand against each other.

Wasserstein: mean(critic(fake)) - mean(critic(real)), https://arxiv.org/abs/1701.07875. Hinge: relu(1 - critic(real)) +
relu(1 + critic(fake)), https://arxiv.org/abs/1802.05957. Followed only where the critic ends in a sigmoid, which
neither objective can use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Known, Single
from lossadvisor.values import Domain, Fact, Grad, Step
from lossadvisor.values.marks import AgainstItself, Form, Mark, OfCritic, Ones

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_SIGMOIDS = frozenset({"sigmoid", "Sigmoid", "sigmoid_", "expit"})
_RECTIFIERS = frozenset({"relu", "ReLU", "relu_"})
_OPPOSITE = {Form.AVERAGE: Form.MINUS, Form.MINUS: Form.AVERAGE}
_LINEAR = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide)
_HINGE = {Form.ABOVE: Form.HINGE_ABOVE, Form.BELOW: Form.HINGE_BELOW}


def _head(fact: Fact) -> Step | None:
    """The sigmoid that has just made the fact, where a gradient flows through it."""
    if fact.domain is not Domain.UNIT_INTERVAL or fact.grad is not Grad.FLOWS:
        return None
    step = next((one for one in reversed(fact.trail) if one.op is not None), None)
    return step if step is not None and str(step.op).rsplit(".", 1)[-1] in _SIGMOIDS else None


def operated(name: str, before: Fact, cut_at_zero: bool) -> Iterator[Mark]:
    """What a mean, or a cut at zero, makes of the output or the margin of a critic."""
    head = _head(before) if name == "mean" else None
    if head is not None:
        yield OfCritic(head.place, Form.AVERAGE, before.trail)
    for mark in before.marks:
        if isinstance(mark, OfCritic):
            if name in ("mean", "sum") and mark.form in (Form.HINGE_ABOVE, Form.HINGE_BELOW):
                yield mark
            elif (name in _RECTIFIERS or cut_at_zero) and mark.form in _HINGE:
                yield OfCritic(mark.head, _HINGE[mark.form], mark.trail)


def combined(
    machine: Machine, kind: type, left: Single, right: Single, a: Fact | None, b: Fact | None, node: cst.CSTNode
) -> Iterator[Mark]:
    """Margins around one, and two terms of one critic that pull against each other."""
    if kind in _LINEAR:
        for fact in (a, b):
            if fact is not None:
                yield from (mark for mark in fact.marks if isinstance(mark, AgainstItself))
    if kind not in (cst.Add, cst.Subtract):
        return
    for value, fact, other in ((left, a, b), (right, b, a)):
        head = _head(other) if other is not None else None
        if head is not None and other is not None and _is_one(value, fact):
            if kind is cst.Add:
                yield OfCritic(head.place, Form.ABOVE, other.trail)
            elif value is left:
                yield OfCritic(head.place, Form.BELOW, other.trail)
    if a is not None and b is not None:
        for one in a.marks:
            for two in b.marks:
                if isinstance(one, OfCritic) and isinstance(two, OfCritic) and _against(one, two, kind):
                    yield AgainstItself(machine.place(node), one.trail)


def _against(one: OfCritic, two: OfCritic, kind: type) -> bool:
    """Two terms of the same network: a difference of averages, or a sum of both hinges."""
    if one.head != two.head:
        return False
    forms = {one.form, two.form}
    if kind is cst.Subtract:
        return forms in ({Form.AVERAGE}, {Form.MINUS})
    return forms in ({Form.AVERAGE, Form.MINUS}, {Form.HINGE_ABOVE, Form.HINGE_BELOW})


def negated(marks: frozenset[Mark]) -> Iterator[Mark]:
    """The marks of -x: of what is followed here only an average has a meaning then."""
    for mark in marks:
        if not isinstance(mark, OfCritic):
            yield mark
        elif mark.form in _OPPOSITE:
            yield OfCritic(mark.head, _OPPOSITE[mark.form], mark.trail)


def _is_one(value: Single, fact: Fact | None) -> bool:
    if isinstance(value, Known):
        return not isinstance(value.value, bool) and value.value == 1
    return fact is not None and any(isinstance(mark, Ones) and mark.value == 1 for mark in fact.marks)
