"""Findings as the protocol's diagnostics."""

from __future__ import annotations

from collections import defaultdict

from lsprotocol import types

from lossadvisor.findings import Confidence, Finding, Severity
from lossadvisor.reporters.evidence import in_words
from lossadvisor.server.judging import Judgement
from lossadvisor.server.layout import Layout

SOURCE = "lossadvisor"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_NEEDLESS = frozenset({"LA901"})  # editors show the place in a fainter colour


def by_uri(judgement: Judgement) -> dict[str, list[types.Diagnostic]]:
    """The diagnostics of every text that has some, open or not, each once."""
    found: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for layout in judgement.layouts:
        for finding in layout.analysis.report.findings:
            found[layout.uri(finding.span)].append(diagnostic(finding, layout))
    return found


def diagnostic(finding: Finding, layout: Layout) -> types.Diagnostic:
    """One finding: what is wrong, what it costs and what to do; the places behind it as related information."""
    return types.Diagnostic(
        range=layout.range(finding.span),
        message="\n".join(_lines(finding)),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=None if finding.url is None else types.CodeDescription(finding.url),
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.code in _NEEDLESS else None,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(layout.uri(entry.span), layout.range(entry.span)), entry.message
            )
            for entry in finding.trace
        ],
    )


def _lines(finding: Finding) -> list[str]:
    doubt = "" if finding.confidence is Confidence.CERTAIN else f" ({finding.confidence.value})"
    lines = [f"{finding.name}: {finding.message}{doubt}"]
    if finding.evidence:
        lines.append(f"evidence: {in_words(finding.evidence)}")
    if finding.help:
        lines.append(f"help: {finding.help}")
    return lines
