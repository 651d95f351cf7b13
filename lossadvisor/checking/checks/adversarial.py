"""Objectives of critics that a sigmoid at their end makes meaningless."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, sure
from lossadvisor.findings import Confidence
from lossadvisor.interpreter import contexts
from lossadvisor.interpreter.events import Backward, NumberReturned
from lossadvisor.values import Domain, Fact, Grad
from lossadvisor.values.marks import AgainstItself


def adversarial_head_mismatch(seen: Seen) -> Iterator[Hit]:
    """The averages or the hinges of one sigmoid head against each other, trained or returned with their gradient."""
    for event in seen.events:
        if not isinstance(event, Backward | NumberReturned) or event.fact.grad is not Grad.FLOWS:
            continue
        if isinstance(event, Backward):
            confidence = sure(event.guard, event.path)
        elif contexts.NO_GRAD in event.contexts:
            continue
        else:
            confidence = Confidence.LIKELY  # what is returned may only be logged
        for mark in event.fact.marks:
            if isinstance(mark, AgainstItself):
                yield Hit(mark.place, confidence, Fact(Domain.UNIT_INTERVAL, trail=mark.trail))
