"""Losses that the project computes by hand: activated twice."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, sure
from lossadvisor.interpreter.events import Backward, NumberReturned
from lossadvisor.values import Fact, Grad
from lossadvisor.values.marks import Twice


def custom_loss_domain(seen: Seen) -> Iterator[Hit]:
    """An activation of activated values on the way to a single number that is trained or returned."""
    for event in seen.events:
        if isinstance(event, NumberReturned | Backward) and event.fact.grad not in (Grad.CUT, Grad.DETACHED):
            for mark in event.fact.marks:
                if isinstance(mark, Twice):
                    guard = mark.guard if isinstance(mark.guard, frozenset) else frozenset()
                    yield Hit(mark.place, sure(guard), Fact(mark.before, trail=mark.trail))
