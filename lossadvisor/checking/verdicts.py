"""A verdict for every loss call, so that silence is never mistaken for safety."""

from __future__ import annotations

from collections.abc import Iterable

from lossadvisor.checking import trace
from lossadvisor.checking.compare import Alternative, Judged
from lossadvisor.contracts import Relation
from lossadvisor.findings import Finding, LossVerdict, PortReport, Verdict
from lossadvisor.interpreter.annotated import denied
from lossadvisor.interpreter.events import LossCall
from lossadvisor.values import REST, Domain, Place, Shape, Span

_PROVED = (Relation.FITS, Relation.REDUNDANT, Relation.FRAGILE)


def verdicts(judged: dict[LossCall, tuple[Judged, ...]], findings: Iterable[Finding]) -> list[LossVerdict]:
    """One verdict per place and loss."""
    sites: dict[tuple[Place, str], list[tuple[LossCall, tuple[Judged, ...]]]] = {}
    for call, ports in judged.items():
        sites.setdefault((call.place, call.contract.id), []).append((call, ports))
    by_span: dict[Span, list[Finding]] = {}
    for finding in findings:
        by_span.setdefault(finding.span, []).append(finding)
        for entry in finding.trace:
            by_span.setdefault(entry.span, []).append(finding)
    return [_verdict(place, rows, by_span) for (place, _), rows in sites.items()]


def _verdict(
    place: Place, rows: list[tuple[LossCall, tuple[Judged, ...]]], by_span: dict[Span, list[Finding]]
) -> LossVerdict:
    call, ports = max(rows, key=lambda row: _knowledge(row[1]))
    span = place.span()
    spans = {span, *(one.argument.place.span() for _, some in rows for one in some)}
    near = [f for at in spans for f in by_span.get(at, ()) if f.loss is None or f.loss == call.loss]
    codes = tuple(sorted({f.code for f in near}))
    prediction = next((one for one in ports if one.port.role == "prediction"), None)
    target = next((one for one in ports if one.port.role == "target"), None)
    reason: str | None = None
    if codes:
        verdict = Verdict.FINDING
    elif prediction is not None and _proved(prediction):
        verdict = Verdict.CONSISTENT
    else:
        verdict = Verdict.UNKNOWN
        reason = _reason(prediction)
    best = None if prediction is None else prediction.alternatives[0]
    return LossVerdict(
        span=span,
        loss=call.loss,
        contract=call.contract.id,
        verdict=verdict,
        codes=codes,
        input=_report(best),
        target=_report(None if target is None else target.alternatives[0]),
        options=dict(call.options),
        reason=reason,
        trace=() if best is None else trace.entries(best.fact),
    )


def _knowledge(ports: tuple[Judged, ...]) -> int:
    """Twice for the prediction, once for every other argument of which is known what it means."""
    return sum(
        1 + (one.port.role == "prediction")
        for one in ports
        if all(alternative.fact.domain is not Domain.UNKNOWN for alternative in one.alternatives)
    )


def _proved(one: Judged) -> bool:
    """All alternatives fit; where nothing is known of what a port wants, nothing is proved."""
    return all(alternative.relation in _PROVED for alternative in _as_annotated(one))


def _as_annotated(one: Judged) -> tuple[Alternative, ...]:
    """The alternatives that hold when every parameter is what its annotation says, as type checkers take it."""
    return tuple(
        alternative for alternative in one.alternatives if not any(denied(literal) for literal in alternative.guard)
    ) or one.alternatives


def _reason(one: Judged | None) -> str:
    if one is None:
        return "the arguments could not be matched to the loss"
    for alternative in one.alternatives:
        if alternative.relation is Relation.UNKNOWN:
            return alternative.fact.reason or f"the input is known as {alternative.fact.domain.value} only"
    return "some alternatives are not known"


def _report(alternative: Alternative | None) -> PortReport:
    if alternative is None:
        return PortReport(Domain.UNKNOWN)
    fact = alternative.fact
    return PortReport(fact.domain, fact.axis, fact.dtype, _public(fact.shape), fact.classes, fact.chain())


def _public(shape: Shape) -> Shape:
    """The sizes that are numbers; what stands for an unknown one inside of a run means nothing outside of it."""
    return None if shape is None else tuple(one if isinstance(one, int) or one == REST else None for one in shape)
