"""What arithmetic does beyond the domain: shapes, marks, and the combinations that a rule may speak of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import contexts, critics, products, scattering, soft_targets
from lossadvisor.interpreter.events import Averaged, Combined
from lossadvisor.interpreter.values import Known, Opaque, Single, Tensor, Value
from lossadvisor.transfers import shapes
from lossadvisor.values import Domain, Dtype, Fact, Grad, Shape
from lossadvisor.values.marks import (
    Accumulated,
    Bounded,
    Exponential,
    Extreme,
    Fixed,
    Integers,
    MadePositive,
    Mark,
    Masked,
    MayBeZero,
    Minus,
    OfLoss,
    Ones,
    Paired,
    PickedAcross,
    PickedLog,
    Rebuilt,
    Severed,
    Similar,
    SoftCross,
    Spread,
    SummedExponential,
    Total,
    Twice,
)

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_LINEAR = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide)
_SMALL = 1e-2
_TOLD = (OfLoss, Exponential)


def combined(machine: Machine, left: Single, kind: type, right: Single, result: Value, node: cst.CSTNode) -> Value:
    """The result of `left kind right` with its shape and marks."""
    if not isinstance(result, Tensor):
        return result
    a, b = _fact(left), _fact(right)
    fact = replace(
        result.fact,
        shape=_shape(kind, left, right, a, b),
        marks=frozenset((
            *_marks(kind, left, right, a, b), *_severed(machine, kind, a, b, node),
            *critics.combined(machine, kind, left, right, a, b, node),
            *soft_targets.combined(machine, kind, a, b, node),
        )),
    )
    if kind is cst.MatrixMultiply and a is not None:
        fact = scattering.mixed("matmul", a, b) or fact
    if kind is cst.MatrixMultiply and products.mapped([one for one in (a, b) if one is not None]):
        fact = products.scores(fact, machine.place(node), "torch.matmul")
    fact = contexts.fact_in(machine, fact)
    if kind is cst.Divide and a is not None and any(isinstance(mark, Accumulated) for mark in a.marks):
        machine.events.append(Averaged(machine.place(node), a, right, machine.path))
    if a is not None and any(isinstance(mark, _TOLD) for mark in (*a.marks, *(b.marks if b else ()))):
        machine.events.append(
            Combined(machine.place(node), kind.__name__, a, b or Fact(), fact, machine.path, tuple(machine.contexts))
        )
    return Tensor(fact)


def _fact(value: Single) -> Fact | None:
    match value:
        case Tensor(fact):
            return fact
        case Opaque(default=Tensor(fact)):
            return fact
        case Known(value=bool()):  # a comparison of something unknown
            return Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL)
        case _:
            return None


def _shape(kind: type, left: Single, right: Single, a: Fact | None, b: Fact | None) -> Shape:
    if kind is cst.MatrixMultiply:
        return None if a is None or b is None else shapes.product(a.shape, b.shape)
    if a is not None and b is not None:
        return shapes.broadcast(a.shape, b.shape)
    one, other = (a, right) if a is not None else (b, left)
    if one is None:
        return None
    scalar = isinstance(other, Known) or (
        isinstance(other, Opaque) and (other.number is not None or isinstance(other.default, Known))
    )
    return one.shape if scalar else None


def _severed(machine: Machine, kind: type, a: Fact | None, b: Fact | None, node: cst.CSTNode) -> Iterator[Mark]:
    """Terms that have lost their history: the numbers of a loss, added to another one that is trained."""
    if a is None or b is None:
        if kind in _LINEAR:  # a weight is a number
            yield from (mark for fact in (a, b) if fact is not None for mark in fact.marks if isinstance(mark, Severed))
        return
    if kind is not cst.Add:
        return
    for term, other in ((a, b), (b, a)):
        beside = {mark.site for mark in other.marks if isinstance(mark, OfLoss)}
        sites = frozenset(mark.site for mark in term.marks if isinstance(mark, OfLoss))
        if beside and other.grad is Grad.FLOWS and term.grad is Grad.DETACHED:
            if sites and not sites & beside and all(one.reduced for one in term.marks if isinstance(one, OfLoss)):
                yield Severed(machine.place(node), sites, True, machine.path)
            yield from (
                replace(one, added=True, path=machine.path) for one in term.marks if isinstance(one, Severed)
            )
        else:
            yield from (one for one in term.marks if isinstance(one, Severed) and one.added)


def _marks(kind: type, left: Single, right: Single, a: Fact | None, b: Fact | None) -> Iterator[Mark]:
    sides = [fact for fact in (a, b) if fact is not None]
    if kind is not cst.MatrixMultiply:
        yield from (mark for fact in sides for mark in fact.marks if isinstance(mark, Twice))
    if kind in _LINEAR:
        for fact in sides:
            for mark in fact.marks:
                if isinstance(mark, OfLoss):
                    yield replace(mark, plain=False)
                elif isinstance(mark, Accumulated | Rebuilt):
                    yield mark
    if kind is cst.Multiply and a is not None and b is not None:
        for one, other in ((a, b), (b, a)):
            loss = next((mark for mark in one.marks if isinstance(mark, OfLoss) and not mark.reduced), None)
            if loss is not None and other.domain is Domain.MULTI_HOT and other.grad is not Grad.CUT:
                yield Masked(loss.loss)
        if {a.domain, b.domain} <= {Domain.PROBABILITIES, Domain.UNIT_INTERVAL}:
            yield MayBeZero("multiplied probabilities")
    if kind is cst.Add and len(sides) == 2 and all(map(_may_be_zero, sides)):
        yield MayBeZero("mixed probabilities")  # a mixture is zero where both of its parts are
    if kind is cst.Subtract and b is not None and any(isinstance(mark, Extreme) for mark in b.marks):
        yield Bounded()
    if kind in (cst.Multiply, cst.Divide) and a is not None and any(isinstance(mark, Bounded) for mark in a.marks):
        yield Bounded()  # the scale, a temperature, is positive
    if kind is cst.Subtract and b is not None and b.domain is Domain.PROBABILITIES and isinstance(left, Known):
        yield MayBeZero("one minus a probability")
    if kind is cst.MatrixMultiply and a is not None and b is not None and products.similar([a, b]):
        yield Similar()
    if kind is cst.Multiply and a is not None and b is not None and products.similar([a, b]):
        yield Paired()
    if kind in (cst.Multiply, cst.Divide):  # by a number, a scale that is learnt or a temperature
        for fact in sides:
            if all(other is fact or other.domain is Domain.NON_NEGATIVE for other in sides):
                yield from (mark for mark in fact.marks if isinstance(mark, Similar))
    if sides and all(_fixed(side) for side in (left, right)):
        yield Fixed()
    number = isinstance(left, Known) or isinstance(right, Known)
    if kind is cst.Add and number:  # an epsilon before the logarithm
        yield from (mark for fact in sides for mark in fact.marks if isinstance(mark, PickedAcross))
        if any(isinstance(side, Known) and _epsilon(side.value) for side in (left, right)):
            yield from (mark for fact in sides for mark in fact.marks if isinstance(mark, MadePositive))
    if kind in (cst.Multiply, cst.Divide) and number:
        yield from (mark for fact in sides for mark in fact.marks if isinstance(mark, Total))
    if kind is not cst.MatrixMultiply:
        yield from (mark for fact in sides for mark in fact.marks if isinstance(mark, Spread))
    if kind is cst.Multiply and a is not None and b is not None:
        if {a.domain, b.domain} == {Domain.ONE_HOT, Domain.LOG_PROBABILITIES}:
            yield PickedLog()
    if isinstance(right, Known) and kind is cst.Multiply:
        yield from (mark for mark in (a.marks if a else ()) if isinstance(mark, Exponential | SummedExponential))


def _epsilon(number: object) -> bool:
    """A number that only keeps another one away from zero."""
    return isinstance(number, float) and 0 < number < _SMALL


def _may_be_zero(fact: Fact) -> bool:
    return any(isinstance(mark, MayBeZero) for mark in fact.marks)


def _fixed(side: Single) -> bool:
    """A number of Python, or a tensor of numbers that stand in the code."""
    match side:
        case Tensor(fact):
            return any(isinstance(mark, Fixed | Ones) for mark in fact.marks)
        case Opaque(number=number):
            return number is not None
        case _:
            return isinstance(side, Known)


def negated(fact: Fact) -> Fact:
    """The marks of -x: a sum stays a sum."""
    if not fact.marks:
        return fact
    marks: frozenset[Mark] = frozenset(
        replace(mark, negated=not mark.negated) if isinstance(mark, PickedLog | SoftCross) else mark
        for mark in critics.negated(fact.marks)
        if not isinstance(mark, Exponential | SummedExponential | Ones | Integers | Minus)
    )
    return replace(fact, marks=marks | frozenset(soft_targets.minus(fact)))
