"""Cross-entropy against a soft target, written out: `-(target * log_softmax(scores)).sum(1)`.

The formula is that of torch.nn.CrossEntropyLoss with class probabilities:
https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html. An entropy is written alike; there both
factors are made of the same scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Single
from lossadvisor.transfers.model import Operation
from lossadvisor.values import Domain, Fact, Grad
from lossadvisor.values.marks import Minus, NormalisedFrom, SoftCross

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_ACTIVATIONS = frozenset({"softmax", "Softmax", "log_softmax", "LogSoftmax"})
_DISTRIBUTIONS = (Domain.PROBABILITIES, Domain.LOG_PROBABILITIES)


def normalised(operation: Operation, source: Single, after: Fact) -> Fact:
    """Remember which scores a distribution is made of."""
    if operation.name.rsplit(".", 1)[-1] not in _ACTIVATIONS or after.grad is not Grad.FLOWS:
        return after
    return replace(after, marks=after.marks | {NormalisedFrom(source)})


def minus(fact: Fact) -> Iterator[Minus]:
    """What -x is the negative of, where x is a distribution through which gradients flow."""
    if fact.domain in _DISTRIBUTIONS and fact.grad is Grad.FLOWS:
        yield Minus(fact)


def combined(machine: Machine, kind: type, a: Fact | None, b: Fact | None, node: cst.CSTNode) -> Iterator[SoftCross]:
    """The mark of a product of a distribution and the logarithms of another, and of what is made of such marks."""
    if a is None or b is None or kind is not cst.Multiply:
        if kind in (cst.Add, cst.Multiply, cst.Divide):
            marks = (mark for fact in (a, b) if fact is not None for mark in fact.marks)
            yield from (mark for mark in marks if isinstance(mark, SoftCross))
        return
    (first, minus_first), (second, minus_second) = _unsigned(a), _unsigned(b)
    for target, logs in ((first, second), (second, first)):
        if _domains(target, logs) and _apart(target, logs):
            yield SoftCross(machine.place(node), minus_first is not minus_second, target)


def _unsigned(fact: Fact) -> tuple[Fact, bool]:
    """The distribution of which a factor is the negative, or the factor itself."""
    found = next((mark.of for mark in fact.marks if isinstance(mark, Minus)), None)
    return (fact, False) if found is None else (found, True)


def _domains(target: Fact, logs: Fact) -> bool:
    return (
        (target.domain, logs.domain) == _DISTRIBUTIONS
        and target.grad is Grad.FLOWS and logs.grad is Grad.FLOWS
        and (target.axis is None or logs.axis is None or target.axis == logs.axis)
    )


def _apart(target: Fact, logs: Fact) -> bool:
    """Whether the two are made of different scores: not of one tensor, nor by the same layers."""
    made_of, logs_of = _source(target), _source(logs)
    if made_of is None or logs_of is None or made_of is logs_of:
        return False
    layers = [{step.place for step in fact.trail[:-1] if step.op is not None} for fact in (target, logs)]
    return not (layers[0] & layers[1])


def _source(fact: Fact) -> object:
    return next((mark.source for mark in fact.marks if isinstance(mark, NormalisedFrom)), None)
