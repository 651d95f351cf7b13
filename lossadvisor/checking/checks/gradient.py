"""The gradient between the model and the loss, and between the loss and backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lossadvisor.checking.checks.model import Hit, Seen, sure, sure_of
from lossadvisor.checking.compare import Alternative, Judged
from lossadvisor.contracts import Family, Want
from lossadvisor.findings import TraceEntry
from lossadvisor.interpreter import contexts
from lossadvisor.interpreter.events import Backward, Measured
from lossadvisor.interpreter.guards import Guard, Origin, conflicts
from lossadvisor.project import NodePlace
from lossadvisor.values import Domain, Dtype, Grad, Place
from lossadvisor.values.marks import OfLoss, Rebuilt, Severed

_SCORES_WANTED = (Want.LOGITS, Want.LOG_PROBABILITIES)


Call = tuple[Place, tuple[Place, ...]]
"""Where a loss is called, and by way of which calls."""


def trained(seen: Seen, *, alone: bool = False) -> Mapping[Call, list[Guard]]:
    """The loss calls whose value reaches backward, `alone` or as part of something, with the conditions of that."""
    found: dict[Call, list[Guard]] = {}
    for event in seen.events:
        if isinstance(event, Backward):
            for mark in event.fact.marks:
                if isinstance(mark, OfLoss) and (mark.plain or not alone):
                    found.setdefault((mark.site, mark.calls), []).append(event.path | event.guard)
    return found


def where(one: Judged) -> Call:
    """The key of a judged loss call."""
    return one.call.place, one.call.calls


def measured(seen: Seen) -> frozenset[Place]:
    """The places of the loss calls whose number is read: what is not trained besides is a metric."""
    return frozenset(
        mark.site
        for event in seen.events
        if isinstance(event, Measured)
        for mark in event.fact.marks
        if isinstance(mark, OfLoss)
    )


def recorded(one: Judged) -> bool:
    """Whether a gradient may be recorded around the loss call, as far as the code says."""
    for name in reversed(one.call.contexts):
        if name == contexts.GRAD:
            return True
        if name in (contexts.NO_GRAD, contexts.MAYBE):
            return False
    return not any(condition.origin is Origin.MODE and not polarity for condition, polarity in one.call.path)


def non_differentiable_prediction(seen: Seen) -> Iterator[Hit]:
    """A prediction of the model that has become indices, flags or whole numbers."""
    sites, numbers = trained(seen), measured(seen)
    for one in seen.judged:
        if one.port.role != "prediction":
            continue
        for alternative in one.alternatives:
            if _raises(one, alternative):
                yield Hit(one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss)
            elif alternative.fact.grad is Grad.CUT and recorded(one) and _only_place(seen, one):
                read = one.call.place in numbers or _beside(one.call.place, sites)
                doubts = 0 if where(one) in sites else 2 if read else 1
                yield Hit(
                    one.argument.place, sure_of(one, alternative, doubts=doubts), alternative.fact, one.call.loss
                )


def _beside(place: Place, sites: Mapping[Call, list[Guard]]) -> bool:
    """Whether the same function trains another loss: the one at `place` is then a number to look at."""
    return isinstance(place, NodePlace) and any(
        isinstance(site, NodePlace) and site.fragment is place.fragment for site, _ in sites
    )


def _raises(one: Judged, alternative: Alternative) -> bool:
    """Class indices where scores are wanted fail even without a gradient."""
    fact = alternative.fact
    return one.want in _SCORES_WANTED and fact.domain is Domain.INDICES and fact.dtype is Dtype.INTEGER


def _only_place(seen: Seen, one: Judged) -> bool:
    """No other port of the call carries the gradient (a commitment term trains its target)."""
    return not any(
        alternative.fact.grad is Grad.FLOWS
        for other in seen.calls.get(one.call, ())
        if other is not one
        for alternative in other.alternatives
    )


def detached_prediction(seen: Seen) -> Iterator[Hit]:
    """A detached prediction in a loss that is trained."""
    sites, alone = trained(seen), trained(seen, alone=True)
    for one in seen.judged:
        if one.port.role != "prediction" or where(one) not in sites or not recorded(one):
            continue
        for alternative in one.alternatives:
            if not _together(one, alternative, sites[where(one)]):
                continue
            if alternative.fact.grad is Grad.DETACHED and _only_place(seen, one) and _of_model(alternative):
                # A term of a sum may train its other argument (the codebook of a quantiser).
                doubts = 2 if where(one) not in alone and _may_train_target(seen, one) else 0
                yield Hit(
                    one.argument.place, sure_of(one, alternative, doubts=doubts), alternative.fact, one.call.loss
                )


def _together(one: Judged, alternative: Alternative, backward: list[Guard]) -> bool:
    """Whether backward can be reached where the alternative holds."""
    here = alternative.guard | one.call.path
    return any(not conflicts(here, there) for there in backward)


def _may_train_target(seen: Seen, one: Judged) -> bool:
    return one.call.contract.family is Family.REGRESSION and any(
        alternative.fact.grad is Grad.UNKNOWN
        for other in seen.calls.get(one.call, ())
        if other is not one
        for alternative in other.alternatives
    )


def _of_model(alternative: Alternative) -> bool:
    return alternative.fact.domain not in (Domain.UNKNOWN, Domain.INDICES, Domain.ONE_HOT, Domain.MULTI_HOT)


def rewrapped_loss(seen: Seen) -> Iterator[Hit]:
    """A new tensor of the numbers of a loss that is then trained."""
    for event in seen.events:
        if isinstance(event, Backward):
            for mark in event.fact.marks:
                if isinstance(mark, Rebuilt):
                    trace = (TraceEntry(event.place.span(), "backward starts here"),)
                    words = {"got": "the loss is rebuilt as a new tensor"}
                    yield Hit(mark.place, sure(event.guard, event.path), None, mark.loss, words, extra=trace)
    yield from _terms_without_history(seen)


def _terms_without_history(seen: Seen) -> Iterator[Hit]:
    """Numbers of a loss that is trained nowhere else, added to another one on its way to backward."""
    learnt = {
        mark.site
        for event in seen.events
        if isinstance(event, Backward)
        for mark in event.fact.marks
        if isinstance(mark, OfLoss) and event.fact.grad is Grad.FLOWS
        and not any(isinstance(one, Severed) and mark.site in one.sites for one in event.fact.marks)
    }
    for event in seen.events:
        if isinstance(event, Backward):
            for mark in event.fact.marks:
                if isinstance(mark, Severed) and mark.added and not mark.sites & learnt:
                    trace = (TraceEntry(event.place.span(), "backward starts here"),)
                    words = {"got": "a term of the loss is a number without a graph"}
                    reached = mark.path if isinstance(mark.path, frozenset) else frozenset()
                    yield Hit(mark.place, sure(event.guard - reached, event.path), None, None, words, extra=trace)


_UNREDUCED = {
    "got": "returns one value per element here; backward needs a single number",
    "want": "reduce it: loss.mean(), loss.sum(), or (loss * mask).sum() / mask.sum()",
}


def unreduced_loss(seen: Seen) -> Iterator[Hit]:
    """backward on one value per element."""
    for event in seen.events:
        if not isinstance(event, Backward) or event.seeded:
            continue
        for mark in event.fact.marks:
            if isinstance(mark, OfLoss) and not mark.reduced:
                trace = (TraceEntry(mark.site.span(), "the loss is computed here, without a reduction"),)
                yield Hit(event.place, sure(event.guard, event.path), None, mark.loss, _UNREDUCED, extra=trace)
