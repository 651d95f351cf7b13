"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

from __future__ import annotations

import json

from lossadvisor.engine import Analysis
from lossadvisor.findings import Severity
from lossadvisor.reporters.fenced import rows_in_file
from lossadvisor.reporters.fingerprints import fingerprinted
from lossadvisor.reporters.model import Medium
from lossadvisor.values import Span

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def _in_cell(span: Span) -> tuple[int, int]:
    return span.start.row, span.end.row


def render(analysis: Analysis, medium: Medium) -> str:
    """One array of issues with unique fingerprints."""
    in_file = rows_in_file(analysis)
    rows = [
        {
            "description": f"{finding.code} {finding.name}: {finding.message}",
            "check_name": finding.name,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": finding.span.filename,
                "lines": dict(zip(("begin", "end"), in_file(finding.span) or _in_cell(finding.span), strict=True)),
            },
        }
        for finding, fingerprint in fingerprinted(analysis, medium)
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
