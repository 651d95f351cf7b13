"""Running all checks: one finding per rule and place, and silence where a rule overrides another."""

from __future__ import annotations

from collections.abc import Iterable

from lossadvisor.catalogue import Rule, rule
from lossadvisor.catalogue.words import GOT
from lossadvisor.checking import naming, trace
from lossadvisor.checking.checks.model import Hit, Seen, last
from lossadvisor.checking.checks.table import CHECKS
from lossadvisor.checking.mismatches import fill
from lossadvisor.findings import Confidence, Finding
from lossadvisor.late import dataclass
from lossadvisor.values import Fact, Span

_RANK = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the codes that stay silent because of it, and where."""

    finding: Finding
    overrides: frozenset[str]
    covers: frozenset[Span]


def implemented() -> frozenset[str]:
    """The names of all checks of the table."""
    return frozenset(CHECKS)


def run(seen: Seen) -> list[Found]:
    """All checks over all events, one finding per rule and place: the strongest."""
    best: dict[tuple[str, Span], Hit] = {}
    covers: dict[tuple[str, Span], set[Span]] = {}
    for name, heading in naming.by_check().items():
        for check in CHECKS.get(name, ()):
            for hit in check(seen):
                key = (heading.code, hit.place.span())
                covers.setdefault(key, set()).update(place.span() for place in (hit.place, *hit.covers))
                old = best.get(key)
                if old is None or _RANK[hit.confidence] < _RANK[old.confidence]:
                    best[key] = hit
    return [
        Found(_finding(rule(key[0]), hit), frozenset(rule(key[0]).overrides), frozenset(covers[key]))
        for key, hit in best.items()
    ]


def _finding(said: Rule, hit: Hit) -> Finding:
    fact = hit.fact or Fact()
    words = {
        "loss": last(hit.loss) or "the loss",
        "got": GOT[fact.domain],
        "want": "",
        "argument": "",
        "axis": "?" if fact.axis is None else str(fact.axis),
        **hit.words,
    }
    return Finding(
        code=said.code,
        name=said.name,
        message=fill(said.message, words),
        severity=said.severity,
        confidence=hit.confidence,
        span=hit.place.span(),
        loss=hit.loss,
        evidence=hit.evidence,
        trace=(*hit.extra, *(trace.entries(hit.fact) if hit.fact is not None else ())),
        help=fill(said.help, words),
        url=said.url,
    )


def silenced(findings: Iterable[Finding], checked: Iterable[Found]) -> list[Finding]:
    """The findings that no finding of a check overrides."""
    quiet = {
        (code, span)
        for one in checked
        if one.finding.confidence is not Confidence.POSSIBLE
        for code in one.overrides
        for span in one.covers
    }
    return [finding for finding in findings if (finding.code, finding.span) not in quiet]
