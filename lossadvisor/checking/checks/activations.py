"""Softmax without an axis, softmax over one entry, and logarithms of what an activation has just made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lossadvisor.checking.checks.model import Hit, Seen, last, maker, sure, sure_of
from lossadvisor.contracts import Want
from lossadvisor.findings import Confidence, TraceEntry
from lossadvisor.interpreter.events import Applied, Constructed
from lossadvisor.interpreter.guards import Guard, Origin
from lossadvisor.interpreter.values import Known
from lossadvisor.transfers import shapes
from lossadvisor.values import Domain, Place, Span
from lossadvisor.values.marks import Fixed

SOFTMAX = frozenset({"softmax", "Softmax", "softmin", "Softmin", "gumbel_softmax", "Softmax2d"})
LOG_SOFTMAX = frozenset({"log_softmax", "LogSoftmax"})
SIGMOID = frozenset({"sigmoid", "Sigmoid", "sigmoid_", "expit"})


def implicit_softmax_dim(seen: Seen) -> Iterator[Hit]:
    """F.softmax, nn.Softmax and their like without dim; the number of dimensions where it is the same every time."""
    dimensions: dict[Span, set[int | None]] = {}
    found: list[tuple[Place, Span]] = []
    innocent = _others_made(seen)
    for event in seen.events:
        if isinstance(event, Applied):
            name = last(event.operation)
            named = name in SOFTMAX | LOG_SOFTMAX and name != "gumbel_softmax"
            if event.operation.startswith("torch.nn.functional.") and named and event.options.get("dim") is None:
                shape, span = shapes.full(event.fact.shape), event.place.span()
                dimensions.setdefault(span, set()).add(None if shape is None else len(shape))
                found.append((event.place, span))
        elif isinstance(event, Constructed) and event.name.startswith("torch.nn."):
            if last(event.name) in ("Softmax", "LogSoftmax", "Softmin"):
                first = event.args[0] if event.args else event.keywords.get("dim")
                place = _bringing(event, innocent)
                here = TraceEntry(event.place.span(), f"{last(event.name)} is made here")
                made = () if place is event.place else (here,)
                if first is None:
                    yield Hit(place, sure(event.guard), extra=made)
                elif isinstance(first, Known) and first.value is None:  # it has come here on this path
                    yield Hit(place, sure(event.guard | event.path), extra=made)
    for place, span in found:
        number = next(iter(dimensions[span])) if len(dimensions[span]) == 1 else None
        yield Hit(place, Confidence.CERTAIN, evidence=None if number is None else {"dimensions": number})


def _others_made(seen: Seen) -> Mapping[Span, frozenset[Place]]:
    """Places that make several classes, whichever they are told, with the calls that lead to the other ones."""
    found: dict[Span, set[Place]] = {}
    made = [event for event in seen.events if isinstance(event, Constructed)]
    softmax = {event.place for event in made if last(event.name) in SOFTMAX | LOG_SOFTMAX}
    for event in made:
        if event.place in softmax and last(event.name) not in SOFTMAX | LOG_SOFTMAX:
            found.setdefault(event.place.span(), set()).update(event.calls)
    return {span: frozenset(calls) for span, calls in found.items()}


def _bringing(event: Constructed, innocent: Mapping[Span, frozenset[Place]]) -> Place:
    """The place itself, or, where a class is made that callers choose, the call that chose this one."""
    others = innocent.get(event.place.span())
    if others is None or not event.calls:
        return event.place
    return next((call for call in event.calls if call not in others), event.calls[0])


def single_unit_softmax(seen: Seen) -> Iterator[Hit]:
    """Softmax over an axis of one entry, and cross-entropy over one class."""
    for event in seen.events:
        if isinstance(event, Applied) and last(event.operation) in SOFTMAX | LOG_SOFTMAX:
            dim, shape = event.options.get("dim"), shapes.full(event.fact.shape)
            rows = dim == 1 and shape is not None and len(shape) == 2  # else axis 1 may be that of positions
            if event.fact.classes == 1 and (dim == -1 or rows):
                yield Hit(event.place, _as_built(sure(event.guard, event.path), event.path), event.fact)
    for one in seen.judged:
        if one.want is not Want.LOGITS or one.port.role != "prediction":
            continue
        for alternative in one.alternatives:
            if alternative.fact.classes == 1 and alternative.fact.domain is Domain.SCORES and not alternative.guard:
                yield Hit(one.argument.place, Confidence.CERTAIN, alternative.fact, one.call.loss)
    for one in seen.judged:
        for alternative in one.alternatives:
            fact = alternative.fact
            summed = fact.domain in (Domain.PROBABILITIES, Domain.LOG_PROBABILITIES) and fact.axis in (1, -1)
            if summed and fact.classes == 1 and one.port.role == "prediction":
                places = tuple(step.place for step in fact.trail if last(step.op) in SOFTMAX | LOG_SOFTMAX)
                if places:
                    confidence = _as_built(sure_of(one, alternative), one.call.path)
                    yield Hit(places[-1], confidence, fact, one.call.loss, covers=(one.argument.place,))


def _as_built(confidence: Confidence, path: Guard) -> Confidence:
    """Whoever chooses the softmax by a setting chooses the number of units by another: it need not stay one."""
    chosen = any(one.origin is Origin.CONFIG and one.default is not holds for one, holds in path)
    return confidence if confidence is Confidence.CERTAIN and not chosen else Confidence.POSSIBLE


def _logarithm(event: Applied) -> bool:
    """log of what may saturate; a table of known numbers is what it is."""
    return last(event.operation) == "log" and not any(isinstance(mark, Fixed) for mark in event.fact.marks)


def log_of_softmax(seen: Seen) -> Iterator[Hit]:
    """log of what a softmax has just made."""
    for event in seen.events:
        if isinstance(event, Applied) and _logarithm(event) and maker(event.fact) in SOFTMAX:
            if event.fact.domain in (Domain.PROBABILITIES, Domain.UNIT_INTERVAL):
                yield Hit(event.place, sure(event.guard, event.path), event.fact)
    yield from _guarded_log_in_a_loss(seen)


_LOG_PORTS = (Want.LOG_PROBABILITIES, Want.LOG_DISTRIBUTION)


def _guarded_log_in_a_loss(seen: Seen) -> Iterator[Hit]:
    """`log(softmax(x) + eps)` handed to a loss that reads log-probabilities.

    An entropy may guard its log; what a loss differentiates should be the exact log_softmax, which the epsilon caps.
    """
    for one in seen.judged:
        if one.want not in _LOG_PORTS:
            continue
        for alternative in one.alternatives:
            steps = [step for step in alternative.fact.trail if step.op is not None]
            ops = [last(step.op) for step in steps[-3:]]
            if len(ops) == 3 and ops[0] in SOFTMAX and ops[1] == "add" and ops[2] == "log":
                doubts = 1 if alternative.fact.domain is Domain.LOG_PROBABILITIES else 2
                yield Hit(steps[-1].place, sure_of(one, alternative, doubts=doubts), alternative.fact, one.call.loss)


def log_of_sigmoid(seen: Seen) -> Iterator[Hit]:
    """log of what a sigmoid has just made, or of one minus it."""
    for event in seen.events:
        if isinstance(event, Applied) and _logarithm(event) and maker(event.fact) in SIGMOID:
            if event.fact.domain is Domain.UNIT_INTERVAL:
                yield Hit(event.place, sure(event.guard, event.path), event.fact)
