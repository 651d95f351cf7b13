"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

from __future__ import annotations

import json

from lossadvisor.engine import Analysis
from lossadvisor.findings import Severity
from lossadvisor.reporters.fingerprints import fingerprinted
from lossadvisor.reporters.model import Medium

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(analysis: Analysis, medium: Medium) -> str:
    """One array of issues with unique fingerprints."""
    rows = [
        {
            "description": f"{finding.code} {finding.name}: {finding.message}",
            "check_name": finding.name,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": finding.span.filename,
                "lines": {"begin": finding.span.start.row, "end": finding.span.end.row},
            },
        }
        for finding, fingerprint in fingerprinted(analysis, medium)
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
