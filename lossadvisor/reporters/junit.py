"""JUnit XML: one test suite for each file with findings, one failed case for each finding."""

from __future__ import annotations

from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from lossadvisor.engine import Analysis
from lossadvisor.findings import Finding
from lossadvisor.reporters.model import Medium, place
from lossadvisor.reporters.summary import counted


def render(analysis: Analysis, medium: Medium) -> str:
    """The document; without findings it holds one suite with one passed case."""
    findings = analysis.report.findings
    number = max(len(findings), 1)
    head = f'<testsuites name="lossadvisor" tests="{number}" failures="{len(findings)}" errors="0">'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', head]
    for filename, group in groupby(findings, key=lambda finding: finding.span.filename):
        cases = list(group)
        counts = f'tests="{len(cases)}" failures="{len(cases)}" errors="0"'
        lines.append(f"  <testsuite name={_attribute(filename)} {counts}>")
        lines += map(_case, cases)
        lines.append("  </testsuite>")
    if not findings:
        name = quoteattr(f"no findings in {counted(analysis.report.files, 'file')}")
        lines.append('  <testsuite name="lossadvisor" tests="1" failures="0" errors="0">')
        lines.append(f'    <testcase name={name} classname="lossadvisor"/>')
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _case(finding: Finding) -> str:
    span = finding.span
    name = _attribute(f"{finding.code} {finding.name}")
    where = f'line="{span.start.row}" column="{span.start.column}"'
    attributes = f"message={_attribute(finding.message)} type={quoteattr(finding.severity.value)}"
    body = _clean(f"{place(span)}: {finding.message}" + (f"\nhelp: {finding.help}" if finding.help else ""))
    return (
        f"    <testcase name={name} classname={_attribute(span.filename)} {where}>"
        f"<failure {attributes}>{escape(body)}</failure></testcase>"
    )


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(character for character in text if character in "\n\t" or character >= " ")
