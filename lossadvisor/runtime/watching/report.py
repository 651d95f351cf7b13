"""What a watch has found, as data, as text and as JSON in the form of `check`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from lossadvisor.findings import Confidence, Severity
from lossadvisor.late import dataclass
from lossadvisor.values import Span

_RANK = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class LossFinding:
    """One broken rule at one place, with how often it showed: on `hits` of `looked` sampled calls."""

    code: str
    name: str
    message: str
    severity: Severity
    confidence: Confidence
    span: Span
    loss: str
    hits: int
    looked: int
    evidence: Mapping[str, object] = field(default_factory=dict)
    help: str = ""
    callers: tuple[Span, ...] = ()

    def text(self) -> str:
        """The finding in three lines: place and rule, evidence, help."""
        start = self.span.start
        head = f"{self.span.filename}:{start.row}:{start.column}: {self.code} {self.name}: {self.message}"
        shown = f"on {self.hits} of {self.looked} batches looked at"
        via = "".join(f"\n   = called from: {span.filename}:{span.start.row}" for span in self.callers[:1])
        return f"{head}\n   = evidence: {shown}{_numbers(self.evidence)}{via}\n   = help: {self.help}"


@dataclass(frozen=True, slots=True)
class Observation:
    """Something worth knowing that breaks no rule by itself: a loss that does not move, a gradient that is zero."""

    kind: str
    message: str
    span: Span
    loss: str
    numbers: Mapping[str, object] = field(default_factory=dict)

    def text(self) -> str:
        """One line with the place."""
        return f"{self.span.filename}:{self.span.start.row}: {self.kind}: {self.message}{_numbers(self.numbers)}"


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """One place that called a loss: how often, and how many calls were looked at."""

    span: Span
    loss: str
    calls: int
    looked: int


@dataclass(frozen=True, slots=True)
class WatchReport:
    """Everything one watch saw. `notes` say what could not be seen, `errors` where a judge itself failed."""

    findings: tuple[LossFinding, ...]
    observations: tuple[Observation, ...]
    sites: tuple[SiteSummary, ...]
    notes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The distinct codes found, sorted."""
        return tuple(sorted({finding.code for finding in self.findings}))

    def fails(self, fail_on: Severity = Severity.WARNING) -> bool:
        """Whether a finding is at least as severe as `fail_on`: the exit status 1 of `check` and `run`."""
        return any(_RANK[finding.severity] >= _RANK[fail_on] for finding in self.findings)

    def text(self) -> str:
        """The report for a person; the last line says how much was seen."""
        blocks = [finding.text() for finding in self.findings]
        blocks += [observation.text() for observation in self.observations]
        blocks += [f"note: {note}" for note in self.notes] + [f"internal error: {error}" for error in self.errors]
        calls, looked = sum(one.calls for one in self.sites), sum(one.looked for one in self.sites)
        blocks.append(
            f"{len(self.sites)} loss {_plural(len(self.sites), 'place')}, {calls} {_plural(calls, 'call')}, "
            f"{looked} looked at: {len(self.findings)} {_plural(len(self.findings), 'finding')}"
        )
        return "\n".join(blocks)

    def to_json(self) -> str:
        """The findings as one JSON array with the keys of `check --output-format json`."""
        return json.dumps([_as_json(finding) for finding in self.findings], indent=2)


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _numbers(numbers: Mapping[str, object]) -> str:
    return "".join(f", {name.replace('_', ' ')} {_shown(value)}" for name, value in numbers.items())


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(_shown(one) for one in value) + ")"
    return str(value)


def _location(span: Span, start: bool) -> dict[str, int]:
    place = span.start if start else span.end
    return {"row": place.row, "column": place.column}


def _as_json(finding: LossFinding) -> dict[str, Any]:
    trace = [
        {"filename": span.filename, "location": _location(span, True), "cell": span.cell, "message": "called from here"}
        for span in finding.callers
    ]
    evidence = {**finding.evidence, "batches": finding.hits, "batches_looked_at": finding.looked}
    return {
        "code": finding.code, "name": finding.name, "message": finding.message, "severity": finding.severity.value,
        "confidence": finding.confidence.value, "filename": finding.span.filename,
        "location": _location(finding.span, True), "end_location": _location(finding.span, False),
        "cell": finding.span.cell, "loss": finding.loss, "trace": trace, "evidence": evidence, "help": finding.help,
        "fix": None, "url": None,
    }  # fmt: skip
