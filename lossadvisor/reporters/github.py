"""Workflow commands of GitHub Actions, which become annotations of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from lossadvisor.engine import Analysis
from lossadvisor.findings import Finding, Severity
from lossadvisor.reporters.fenced import rows_in_file
from lossadvisor.reporters.model import Medium, place

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def render(analysis: Analysis, medium: Medium) -> str:
    """One command for each finding; errors first, because GitHub shows only the first ten of a kind per step."""
    ordered = sorted(analysis.report.findings, key=lambda finding: _RANK[finding.severity])
    rows = rows_in_file(analysis)
    return "".join(_command(finding, rows(finding.span)) + "\n" for finding in ordered)


def _command(finding: Finding, rows: tuple[int, int] | None) -> str:
    span = finding.span
    properties: dict[str, object] = {"file": span.filename}
    if span.cell is None:
        properties |= {"line": span.start.row, "col": span.start.column, "endLine": span.end.row}
        if span.end.row == span.start.row:
            properties["endColumn"] = span.end.column
    elif rows is not None:
        properties |= {"line": rows[0], "endLine": rows[1]}
    else:
        properties["line"] = 1  # GitHub counts rows of the JSON, which nobody reads; the cell is in the message
    properties["title"] = f"lossadvisor {finding.code} {finding.name}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = f"{place(span)}: {finding.code} {finding.message}"
    if finding.trace:
        cause = finding.trace[-1]
        text += f"\nbecause: {place(cause.span)} {cause.message}"
    if finding.help:
        text += f"\nhelp: {finding.help}"
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
