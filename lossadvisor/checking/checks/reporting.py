"""What is reported beside the loss: thresholds of the other domain, and totals that hold every graph."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, maker
from lossadvisor.contracts import Family
from lossadvisor.findings import Confidence
from lossadvisor.interpreter.events import AddedUp, Backward, Compared
from lossadvisor.values import Domain, Grad
from lossadvisor.values.marks import Accumulated, OfLoss

_ORDER = frozenset({"GreaterThan", "GreaterThanEqual", "LessThan", "LessThanEqual"})


def threshold_mismatch(seen: Seen) -> Iterator[Hit]:
    """0.5 on the logits of BCE-with-logits, 0 on the output of a sigmoid."""
    logits = {
        alternative.fact.trail
        for one in seen.judged
        if one.call.contract.family is Family.BCE_WITH_LOGITS and one.port.role == "prediction"
        for alternative in one.alternatives
        if alternative.fact.domain is Domain.SCORES and alternative.fact.trail
    }
    for event in seen.events:
        if not isinstance(event, Compared) or event.operator not in _ORDER:
            continue
        fact = event.fact
        middle = fact.domain is Domain.SCORES and event.number == 0.5 and fact.trail in logits
        below = fact.domain is Domain.UNIT_INTERVAL and event.number == 0 and maker(fact) in ("sigmoid", "Sigmoid")
        if middle or below:
            yield Hit(event.place, Confidence.CERTAIN, fact)


def accumulated_loss_graph(seen: Seen) -> Iterator[Hit]:
    """A total of losses that are each trained on their own, while the total never is."""
    backward = [event for event in seen.events if isinstance(event, Backward)]
    totals = {mark.place for event in backward for mark in event.fact.marks if isinstance(mark, Accumulated)}
    alone = {
        mark.site
        for event in backward
        if not any(isinstance(mark, Accumulated) for mark in event.fact.marks)
        for mark in event.fact.marks
        if isinstance(mark, OfLoss)
    }
    for event in seen.events:
        if isinstance(event, AddedUp) and event.place not in totals and event.fact.grad is Grad.FLOWS:
            if any(isinstance(mark, OfLoss) and mark.site in alone for mark in event.fact.marks):
                yield Hit(event.place, Confidence.CERTAIN)
