"""Findings from loss calls: one per rule and place, with the strongest proof seen at that place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from lossadvisor import catalogue
from lossadvisor.catalogue import Rule
from lossadvisor.catalogue.words import GOT, WANTED
from lossadvisor.checking import naming, proof, trace
from lossadvisor.checking.compare import Alternative, Judged
from lossadvisor.contracts import Relation
from lossadvisor.contracts.evidence import evidence
from lossadvisor.findings import Confidence, Finding, TraceEntry
from lossadvisor.interpreter import contexts
from lossadvisor.interpreter.guards import ANY_MODE, Guard, Origin, conflicts
from lossadvisor.late import dataclass
from lossadvisor.values import NEW_TENSOR, Place, Span

_RANK = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}
_NAMED = (Relation.VIOLATES, Relation.REDUNDANT, Relation.FRAGILE)


@dataclass(slots=True)
class Candidate:
    """One mismatch of one evaluation."""

    rule: Rule
    judged: Judged
    alternative: Alternative
    confidence: Confidence
    place: Place
    extra: tuple[TraceEntry, ...] = field(default=())


def candidates(judged: Iterable[Judged]) -> list[Candidate]:
    """Every alternative that some rule names."""
    found: list[Candidate] = []
    everything = list(judged)
    innocent = _innocent_calls(everything)
    fitting = _fitting(everything)
    training = {
        (_site(one), alternative.fact.domain)
        for one in everything
        for alternative in one.alternatives
        if alternative.relation is Relation.VIOLATES and not _only_in_evaluation(alternative)
    }
    for one in everything:
        for alternative in one.alternatives:
            if alternative.relation not in _NAMED:
                continue
            rule = naming.name(one, alternative)
            if rule is None:
                continue
            total = _points(one, alternative) + _suited(one, alternative, fitting)
            if _only_in_evaluation(alternative) and (_site(one), alternative.fact.domain) not in training:
                rule = catalogue.rule("LA118")
                total += 0 if _seen_in_evaluation(one, alternative) else 2
            place = _place(one, innocent.get(_site(one), frozenset()))
            found.append(Candidate(rule, one, alternative, proof.confidence(total), place))
    return found


def _only_in_evaluation(alternative: Alternative) -> bool:
    """Whether something wrong arrives where a module is in evaluation mode."""
    return alternative.relation is Relation.VIOLATES and (
        alternative.fact.evaluation or proof.evaluation_only(alternative.guard)
    )


def _seen_in_evaluation(one: Judged, alternative: Alternative) -> bool:
    """Whether the code shows that the loss is computed in evaluation: a loss that is only asked for in training never
    meets what evaluation adds."""
    guard = alternative.guard | one.call.path
    modes = [condition.key for condition, polarity in guard if condition.origin is Origin.MODE and not polarity]
    if alternative.fact.switched or any(key != ANY_MODE for key in modes):
        return True
    words = [word for word in one.call.contexts if word in (contexts.NO_GRAD, contexts.GRAD, contexts.EVALUATION)]
    return bool(words) and words[-1] != contexts.GRAD


def _maker(alternative: Alternative) -> object:
    """What made the meaning of an argument: the place of the last operation on its trail."""
    return next((step.place for step in reversed(alternative.fact.trail) if step.op is not None), None)


def _fitting(everything: list[Judged]) -> Mapping[object, tuple[Guard, ...]]:
    """By maker, the paths on which its numbers reach a loss that they fit."""
    found: dict[object, set[Guard]] = {}
    for one in everything:
        for alternative in one.alternatives:
            maker = _maker(alternative)
            if maker is not None and alternative.relation in (Relation.FITS, Relation.FRAGILE):
                found.setdefault(maker, set()).add(one.call.path)
    return {maker: tuple(paths) for maker, paths in found.items()}


def _suited(one: Judged, alternative: Alternative, fitting: Mapping[object, tuple[Guard, ...]]) -> int:
    """Doubt where the same numbers reach a loss that they fit on another branch of a switch that is not followed: the
    switch may choose the loss by what the model returns."""
    return max(
        (proof.weight(one.call.path - path) for path in fitting.get(_maker(alternative), ())
         if conflicts(one.call.path, path) and not _independent(one, alternative, path, fitting)),
        default=0,
    )


def _independent(
    one: Judged, alternative: Alternative, path: Guard, fitting: Mapping[object, tuple[Guard, ...]]
) -> bool:
    """Whether the switch that parts the call from `path` has nothing to do with what the model returns: other numbers,
    those of another choice, fit on both of its branches. A switch that goes with the numbers would be wrong for them on
    one."""
    switches = [frozenset({literal}) for literal in one.call.path if conflicts(frozenset({literal}), path)]
    return any(
        other.relation is Relation.FITS
        and conflicts(other.guard, alternative.guard)
        and conflicts(switch, elsewhere)
        for other in one.alternatives
        for elsewhere in fitting.get(_maker(other), ())
        for switch in switches
    )


def _site(one: Judged) -> tuple[object, str]:
    return one.call.place, one.port.name


def _points(one: Judged, alternative: Alternative) -> int:
    total = one.call.doubt + (1 if one.call.by_default else 0) + proof.astray(one.call.path)
    same = all(other.relation is alternative.relation for other in one.alternatives if not _empty(one, other))
    if same or not alternative.guard:
        return total
    guard = _decisive(one, alternative)
    chosen = [c for c, _ in one.call.path if c.origin in (Origin.CONFIG, Origin.PARAMETER)]
    elsewhere = any(
        condition.default is not polarity for condition, polarity in one.call.path if condition in chosen
    )
    return total + proof.weight(guard) + (1 if elsewhere and proof.departs(guard) else 0)


def _decisive(one: Judged, alternative: Alternative) -> Guard:
    """What of the guard is needed: where all that is related alike has a condition in common that all others conflict
    with, what else parts those alternatives does not matter."""
    alike = [other.guard for other in one.alternatives if other.relation is alternative.relation]
    others = [other.guard for other in one.alternatives
              if other.relation is not alternative.relation and not _empty(one, other)]
    common = alike[0].intersection(*alike[1:])
    apart = bool(common) and all(conflicts(common, guard) for guard in others)
    return common if apart else alternative.guard


def _empty(one: Judged, alternative: Alternative) -> bool:
    """A prediction that nothing has been written to yet: the constant, or the new tensor, that a variable starts with.
    It trains nothing, so what is written to it is what the loss is meant for."""
    return (
        one.port.role == "prediction"
        and alternative.relation is Relation.UNKNOWN
        and alternative.fact.reason in (NEW_TENSOR, "a constant")
    )


def _innocent_calls(everything: list[Judged]) -> Mapping[tuple[object, str], frozenset[Place]]:
    """By site, the calls on the way to it in evaluations that are consistent there."""
    found: dict[tuple[object, str], set[Place]] = {}
    for one in everything:
        if all(alternative.relation in (Relation.FITS, Relation.FRAGILE) for alternative in one.alternatives):
            found.setdefault(_site(one), set()).update(one.call.calls)
    return {site: frozenset(places) for site, places in found.items()}


def _place(one: Judged, innocent: frozenset[Place]) -> Place:
    """The argument itself, or, in a helper shared with innocent callers, the call that brought the value in."""
    if innocent:
        for call in one.call.calls:
            if call not in innocent:
                return call
    return one.argument.place


def findings(found: Iterable[Candidate]) -> list[Finding]:
    """One finding per rule and place, the strongest."""
    best: dict[tuple[str, Span], tuple[int, Candidate]] = {}
    for candidate in found:
        key = (candidate.rule.code, candidate.place.span())
        rank = _RANK[candidate.confidence]
        if key not in best or rank < best[key][0]:
            best[key] = (rank, candidate)
    return [_finding(candidate, span) for (_, span), (_, candidate) in best.items()]


def _finding(candidate: Candidate, span: Span) -> Finding:
    rule, one, alternative = candidate.rule, candidate.judged, candidate.alternative
    fact = alternative.fact
    loss = one.call.loss
    words = {
        "loss": loss.rsplit(".", 1)[-1],
        "got": GOT[fact.domain],
        "want": WANTED[one.want],
        "argument": one.port.name,
        "axis": "?" if fact.axis is None else str(fact.axis),
    }
    entries: list[TraceEntry] = []
    at = one.argument.place.span()
    if at != span:
        entries.append(TraceEntry(at, f"the loss is computed here, as {words['loss']}"))
    if one.call.made is not None and one.call.made.span() != span:
        entries.append(TraceEntry(one.call.made.span(), f"{words['loss']} is made here"))
    entries += trace.entries(fact)
    return Finding(
        code=rule.code,
        name=rule.name,
        message=fill(rule.message, words),
        severity=rule.severity,
        confidence=candidate.confidence,
        span=span,
        loss=loss,
        trace=tuple(entries),
        evidence=evidence(
            one.call.contract.id, fact.domain, fact.classes, port=one.port.name, options=one.call.options
        ),
        help=fill(rule.help, words),
        url=rule.url,
    )


def fill(template: str, words: Mapping[str, str]) -> str:
    """The template with its words; unknown braces stay as they are."""
    for key, value in words.items():
        template = template.replace("{" + key + "}", value)
    return template
