"""SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/"""

from __future__ import annotations

import json
from urllib.parse import quote

from lossadvisor import __version__
from lossadvisor.engine import Analysis
from lossadvisor.findings import Finding, TraceEntry
from lossadvisor.reporters.fenced import RowsOf, rows_in_file
from lossadvisor.reporters.fingerprints import fingerprinted
from lossadvisor.reporters.model import Medium
from lossadvisor.values import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(analysis: Analysis, medium: Medium) -> str:
    """One run with the rules that were found, and the way from each loss call to its cause as a code flow."""
    codes = sorted({finding.code for finding in analysis.report.findings})
    named = fingerprinted(analysis, medium)
    rows = rows_in_file(analysis)
    results = [_result(finding, codes.index(finding.code), fingerprint, rows) for finding, fingerprint in named]
    driver = {"name": "lossadvisor", "version": __version__, "rules": _rules(codes)}
    notifications = [
        {"level": "error", "message": {"text": problem}, "descriptor": {"id": "not-analysed"}}
        for problem in analysis.report.problems
    ]
    invocation = {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rules(codes: list[str]) -> list[dict[str, object]]:
    if not codes:
        return []
    from lossadvisor.catalogue import rules

    by_code = {rule.code: rule for rule in rules()}
    return [
        {
            "id": code,
            "name": by_code[code].name,
            "shortDescription": {"text": by_code[code].summary},
            "help": {"text": by_code[code].help},
            "helpUri": by_code[code].url,
            "defaultConfiguration": {"level": by_code[code].severity.value},
        }
        for code in codes
    ]


def _result(finding: Finding, index: int, fingerprint: str, rows: RowsOf) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [_location(finding.span, rows)],
        "partialFingerprints": {"lossadvisor/v1": fingerprint},
        "properties": {"confidence": finding.confidence.value},
    }
    if finding.trace:
        result["relatedLocations"] = [
            {"id": number, **_location(entry.span, rows, entry.message)}
            for number, entry in enumerate(finding.trace, 1)
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": _flow(finding, rows)}]}]
    return result


def _flow(finding: Finding, rows: RowsOf) -> list[dict[str, object]]:
    """From the cause to the loss call, the order in which the value travels."""
    way = [*reversed(finding.trace), TraceEntry(finding.span, finding.message)]
    return [{"location": _location(entry.span, rows, entry.message)} for entry in way]


def _location(span: Span, rows: RowsOf, message: str | None = None) -> dict[str, object]:
    first, last = rows(span) or (span.start.row, span.end.row)
    region: dict[str, object] = {
        "startLine": first,
        "startColumn": span.start.column,
        "endLine": last,
        "endColumn": span.end.column,
    }
    physical = {"artifactLocation": {"uri": quote(span.filename)}, "region": region}
    location: dict[str, object] = {"physicalLocation": physical}
    if span.cell is not None:
        location["logicalLocations"] = [{"name": f"cell {span.cell}", "kind": "member"}]
    if message:
        location["message"] = {"text": message}
    return location
