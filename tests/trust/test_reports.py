"""Every finding of the fixtures and of the rule documents says where, why and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lossadvisor.catalogue import rules
from lossadvisor.config import Layer, Settings
from lossadvisor.engine import analysis
from lossadvisor.findings import Finding
from lossadvisor.source import Document
from lossadvisor.values import Span

ROOT = Path(__file__).resolve().parents[2]
# Findings that are their own cause: what is written at their place is the whole story.
_ABOUT_TEXT = ("LA9",)


def _all() -> Iterator[tuple[Finding, dict[str, Document]]]:
    for folder in ("fixtures", "rules"):
        settings = Settings(root=ROOT, layers=(Layer(select=("ALL",)),), cache=False)
        found = analysis([folder], settings, ROOT)
        for finding in found.report.findings:
            yield finding, dict(found.documents)


@pytest.fixture(scope="module")
def found() -> list[tuple[Finding, dict[str, Document]]]:
    return list(_all())


def _exists(span: Span, documents: dict[str, Document]) -> bool:
    document = documents.get(span.filename)
    if document is None or span.start.row < 1 or span.start.column < 1:
        return False
    row = document.row_of(span.cell, span.start.row)
    last = document.row_of(span.cell, span.end.row)
    lines = document.lines()
    if not 1 <= row <= last <= len(lines) or document.locate(row) != (span.cell, span.start.row):
        return False
    return span.start.column <= len(lines[row - 1]) and span.end.column <= len(lines[last - 1]) + 1


def test_enough_is_looked_at(found: list[tuple[Finding, dict[str, Document]]]) -> None:
    assert len(found) > 100
    assert len({finding.code for finding, _ in found}) > 30


def test_places_exist(found: list[tuple[Finding, dict[str, Document]]]) -> None:
    for finding, documents in found:
        assert _exists(finding.span, documents), finding
        for entry in finding.trace:
            assert _exists(entry.span, documents), (finding, entry)
            assert entry.message.strip()


def test_every_mismatch_has_a_trail(found: list[tuple[Finding, dict[str, Document]]]) -> None:
    """The rules about what reaches a loss say how it came there."""
    for finding, _ in found:
        if finding.code.startswith("LA1") and finding.loss is not None:
            assert finding.trace, finding


# What is reported at the place where it is written: the call itself is the mistake, nothing was brought there.
_AT_ITS_PLACE = frozenset({
    "LA201", "LA202", "LA203", "LA208", "LA212", "LA301", "LA304", "LA404", "LA407", "LA501", "LA503", "LA504", "LA506",
    "LA507", "LA508", "LA509", "LA512", "LA605",
})  # fmt: skip


def test_what_is_reported_by_default_has_a_trail_or_is_its_own_cause() -> None:
    without: set[str] = set()
    for folder in ("fixtures", "rules"):
        report = analysis([folder], Settings(root=ROOT, cache=False), ROOT).report
        without |= {finding.code for finding in report.findings if not finding.trace}
    assert {code for code in without if not code.startswith(_ABOUT_TEXT)} <= _AT_ITS_PLACE


def test_every_finding_says_what_to_change(found: list[tuple[Finding, dict[str, Document]]]) -> None:
    for finding, _ in found:
        assert finding.message.strip() and "\n" not in finding.message and "{" not in finding.message, finding
        if not finding.code.startswith(_ABOUT_TEXT):
            assert finding.help and finding.help.strip() and "{" not in finding.help, finding
        assert finding.url and finding.name


def test_evidence_where_a_number_applies(found: list[tuple[Finding, dict[str, Document]]]) -> None:
    """Softmax before cross-entropy has a floor; where the number of classes is known it is told, and it is right."""
    import math

    told = [finding.evidence for finding, _ in found if finding.code == "LA101" and finding.evidence]
    assert told
    for evidence in told:
        classes, floor = evidence.get("classes"), evidence.get("floor")
        if isinstance(classes, int) and isinstance(floor, float):
            assert floor == pytest.approx(math.log(math.e + classes - 1) - 1, abs=2e-3)


def test_rules_that_fire_are_documented(found: list[tuple[Finding, dict[str, Document]]]) -> None:
    assert {finding.code for finding, _ in found} <= {rule.code for rule in rules()}
