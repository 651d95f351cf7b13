"""Losses that the project computes by hand: activated twice, not reduced, reduced in two ways, written out."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking import proof
from lossadvisor.checking.checks.gradient import trained
from lossadvisor.checking.checks.model import Hit, Seen, sure
from lossadvisor.findings import Confidence, TraceEntry
from lossadvisor.interpreter import contexts
from lossadvisor.interpreter.events import Backward, Combined, NumberReturned
from lossadvisor.values import Fact, Grad
from lossadvisor.values.marks import OfLoss, PickedLog, SoftCross, Spread, Total, Twice


def custom_loss_domain(seen: Seen) -> Iterator[Hit]:
    """An activation of activated values on the way to a single number that is trained or returned."""
    for event in seen.events:
        if isinstance(event, NumberReturned | Backward) and event.fact.grad not in (Grad.CUT, Grad.DETACHED):
            for mark in event.fact.marks:
                if isinstance(mark, Twice):
                    guard = mark.guard if isinstance(mark.guard, frozenset) else frozenset()
                    yield Hit(mark.place, sure(guard), Fact(mark.before, trail=mark.trail))


def custom_loss_reduction(seen: Seen) -> Iterator[Hit]:
    """backward on what still has an axis after a reduction over a later one."""
    for event in seen.events:
        if isinstance(event, Backward) and not event.seeded and event.fact.shape != ():
            if any(isinstance(mark, Spread) for mark in event.fact.marks):
                yield Hit(event.place, sure(event.guard, event.path))


def handwritten_cross_entropy(seen: Seen) -> Iterator[Hit]:
    """The negated mean of the log-probabilities of the target classes."""
    for event in seen.events:
        if isinstance(event, NumberReturned) and contexts.NO_GRAD not in event.contexts:
            if any(isinstance(mark, PickedLog) and mark.negated for mark in event.fact.marks):
                if event.fact.grad is not Grad.DETACHED:
                    yield Hit(event.place, Confidence.CERTAIN, event.fact)


def soft_target_not_detached(seen: Seen) -> Iterator[Hit]:
    """A cross-entropy against a distribution, written out, that trains the distribution as well."""
    for event in seen.events:
        if not isinstance(event, NumberReturned | Backward) or event.fact.grad is not Grad.FLOWS:
            continue
        for mark in event.fact.marks:
            if isinstance(mark, SoftCross) and mark.negated:
                doubt = proof.confidence(1)  # both may be meant to learn
                yield Hit(mark.place, doubt, mark.target, words={"loss": "a cross-entropy written out"})


def mixed_reductions(seen: Seen) -> Iterator[Hit]:
    """A loss that is a mean plus the sum over all elements of something."""
    means = {
        call.place
        for call in seen.calls
        if call.contract.option("reduction", call.options) == "mean" and "reduction" not in call.unknown_options
    }
    for event in seen.events:
        if not isinstance(event, Combined) or event.kind != "Add":
            continue
        for one, other in ((event.left, event.right), (event.right, event.left)):
            mean = [mark.site.span() for mark in one.marks
                    if isinstance(mark, OfLoss) and mark.plain and mark.site in means]  # fmt: skip
            if mean and any(isinstance(mark, Total) for mark in other.marks):
                trace = TraceEntry(min(mean), "this loss is a mean")
                yield Hit(event.place, Confidence.CERTAIN, extra=(trace,))


def mean_of_means(seen: Seen) -> Iterator[Hit]:
    """The mean over the targets that count, divided by a number of steps, then trained."""
    counts = {
        call.place: call.loss
        for call in seen.calls
        if call.contract.id in ("cross_entropy", "nll")
        and call.contract.option("reduction", call.options) == "mean"
        and (call.options.get("ignore_index") is not None or "weight" in call.given)
    }
    sites = trained(seen)
    for event in seen.events:
        if not isinstance(event, Combined) or event.kind != "Divide" or event.right != Fact():
            continue
        for mark in event.left.marks:
            if not isinstance(mark, OfLoss) or not mark.plain or mark.site not in counts:
                continue
            if (mark.site, mark.calls) in sites:
                trace = TraceEntry(mark.site.span(), "the loss is averaged here")
                yield Hit(event.place, Confidence.CERTAIN, loss=counts[mark.site], extra=(trace,))
