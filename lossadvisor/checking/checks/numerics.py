"""Formulas that overflow or have no gradient at zero, and losses that autocast refuses."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking import proof
from lossadvisor.checking.checks.gradient import trained
from lossadvisor.checking.checks.model import Hit, Seen, last, made, maker, sure
from lossadvisor.contracts import Autocast, by_name
from lossadvisor.findings import Confidence, TraceEntry
from lossadvisor.interpreter import contexts
from lossadvisor.interpreter.events import Applied, Combined, LossCall
from lossadvisor.values import Domain
from lossadvisor.values.marks import Exponential, Masked, MayBeZero, OfLoss, SummedExponential

_SQUARED = frozenset({"mse"})


def handwritten_softmax(seen: Seen) -> Iterator[Hit]:
    """exp(x) / exp(x).sum(...) where nothing bounds x."""
    for event in seen.events:
        if not isinstance(event, Combined) or event.kind != "Divide":
            continue
        below = {mark.of for mark in event.right.marks if isinstance(mark, SummedExponential)}
        for mark in event.left.marks:
            if isinstance(mark, Exponential) and mark.of in below:
                yield Hit(event.place, Confidence.CERTAIN if mark.told else Confidence.LIKELY)


def bce_under_autocast(seen: Seen) -> Iterator[Hit]:
    """A loss that raises under autocast, called inside of it."""
    for call, ports in seen.calls.items():
        if call.contract.autocast is Autocast.RAISES and contexts.casting(call.contexts):
            covers = tuple(one.argument.place for one in ports)
            confidence = proof.confidence(_both_chosen(call) + (1 if call.by_default else 0))
            facts = [one.alternatives[0].fact for one in ports if one.port.role == "prediction"]
            fact = next((fact for fact in facts if fact.domain is Domain.UNIT_INTERVAL), None)
            yield Hit(call.place, confidence, fact, call.loss, covers=covers, extra=made(call))


def _both_chosen(call: LossCall) -> int:
    """Where autocast is a matter of choice, that choice and the one of the loss have to be made together: settings
    count once, and a switch that is not followed may go with the loss."""
    if not call.switch:
        return 0
    told = [literal for literal in call.switch | call.chosen if literal[0].key[0] != contexts.SWITCH]
    unfollowed = any(literal[0].key[0] == contexts.SWITCH for literal in call.switch)
    return max((proof.points(literal) for literal in told), default=0) + unfollowed


def sqrt_of_mse(seen: Seen) -> Iterator[Hit]:
    """The root of a mean of squares to which nothing was added."""
    sites = trained(seen)
    for event in seen.events:
        if not isinstance(event, Applied) or last(event.operation) != "sqrt":
            continue
        if contexts.NO_GRAD in event.contexts:
            continue
        for mark in event.fact.marks:
            contract = by_name.get(mark.loss) if isinstance(mark, OfLoss) and mark.plain else None
            if isinstance(mark, OfLoss) and contract is not None and contract.id in _SQUARED and (
                mark.site, mark.calls
            ) in sites:
                trace = (TraceEntry(mark.site.span(), "the loss is computed here"),)
                yield Hit(event.place, sure(event.guard, event.path), None, mark.loss, extra=trace)


def masked_mean(seen: Seen) -> Iterator[Hit]:
    """The mean over all positions of a loss times a mask."""
    for event in seen.events:
        if isinstance(event, Applied) and last(event.operation) == "mean" and event.options.get("dim") is None:
            for mark in event.fact.marks:
                if isinstance(mark, Masked):
                    yield Hit(event.place, sure(event.guard, event.path), None, mark.loss)


def unguarded_log(seen: Seen) -> Iterator[Hit]:
    """log of averaged or multiplied probabilities and of rectified values, on the way to a loss."""
    for event in seen.events:
        if not isinstance(event, Applied) or last(event.operation) != "log" or contexts.NO_GRAD in event.contexts:
            continue
        why = next((mark.why for mark in event.fact.marks if isinstance(mark, MayBeZero)), None)
        if why is None and event.fact.domain is Domain.RECTIFIED and maker(event.fact) in ("ReLU", "relu", "relu_"):
            why = "rectified scores"
        if why is not None:
            yield Hit(event.place, sure(event.guard, event.path), event.fact, words={"got": why})


