"""One line for each finding, as terminals and editors can click it."""

from __future__ import annotations

from lossadvisor.engine import Analysis
from lossadvisor.reporters.colours import SEVERITIES, painter
from lossadvisor.reporters.model import Medium, place
from lossadvisor.reporters.summary import closing


def render(analysis: Analysis, medium: Medium) -> str:
    """`path:row:column: CODE name: message`, then the closing line."""
    paint = painter(medium.colour)
    lines = [
        f"{paint(place(finding.span), 'bold')}: {paint(finding.code, SEVERITIES[finding.severity])} "
        f"{finding.name}: {finding.message}"
        for finding in analysis.report.findings
    ]
    return "\n".join([*lines, closing(analysis)]) + "\n"
