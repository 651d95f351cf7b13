"""JSON: the stable shape that other programs read (one array, or one object per line)."""

from __future__ import annotations

import json

from lossadvisor.engine import Analysis
from lossadvisor.findings import Finding, Fix, LossVerdict, PortReport, TraceEntry
from lossadvisor.reporters.model import Medium
from lossadvisor.values import Location, Span


def render(analysis: Analysis, medium: Medium) -> str:
    """One array of findings."""
    rows = [as_json(finding) for finding in analysis.report.findings]
    return json.dumps(rows, indent=2, ensure_ascii=False, default=str) + "\n"


def render_lines(analysis: Analysis, medium: Medium) -> str:
    """One finding per line."""
    return "".join(
        json.dumps(as_json(finding), ensure_ascii=False, default=str) + "\n" for finding in analysis.report.findings
    )


def as_json(finding: Finding) -> dict[str, object]:
    """One finding; rows and columns start at 1."""
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        **_place(finding.span),
        "loss": finding.loss,
        "trace": [_entry(entry) for entry in finding.trace],
        "evidence": dict(finding.evidence) if finding.evidence else None,
        "help": finding.help,
        "fix": None if finding.fix is None else _fix(finding.fix),
        "url": finding.url,
    }


def loss_as_json(loss: LossVerdict) -> dict[str, object]:
    """One loss call with its verdict."""
    return {
        **_place(loss.span),
        "loss": loss.loss,
        "verdict": loss.verdict.value,
        "codes": list(loss.codes),
        "input": _port(loss.input),
        "target": _port(loss.target),
        "options": dict(loss.options),
        "reason": loss.reason,
        "trace": [_entry(entry) for entry in loss.trace],
    }


def _port(port: PortReport) -> dict[str, object]:
    return {
        "domain": port.domain.value,
        "axis": port.axis,
        "dtype": port.dtype.value,
        "shape": None if port.shape is None else list(port.shape),
        "classes": port.classes,
        "chain": list(port.chain),
    }


def _place(span: Span) -> dict[str, object]:
    return {
        "filename": span.filename,
        "location": _location(span.start),
        "end_location": _location(span.end),
        "cell": span.cell,
    }


def _entry(entry: TraceEntry) -> dict[str, object]:
    span = entry.span
    return {
        "filename": span.filename,
        "location": _location(span.start),
        "cell": span.cell,
        "message": entry.message,
    }


def _fix(fix: Fix) -> dict[str, object]:
    edits = [
        {
            "filename": edit.span.filename,
            "location": _location(edit.span.start),
            "end_location": _location(edit.span.end),
            "cell": edit.span.cell,
            "content": edit.content,
        }
        for edit in fix.edits
    ]
    return {"applicability": fix.applicability.value, "message": fix.message, "edits": edits}


def _location(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}
