"""The closing line of a text report, and the counts of --statistics."""

from __future__ import annotations

from collections import Counter

from lossadvisor.engine import Analysis
from lossadvisor.findings import Finding, FixApplicability, LossVerdict, Severity, Verdict


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def closing(analysis: Analysis) -> str:
    """How much was found in how much; what could not be judged is said, so that silence is not read as safety."""
    report = analysis.report
    kinds = Counter(finding.severity for finding in report.findings)
    parts = ", ".join(counted(kinds[severity], severity.value) for severity in Severity if kinds[severity])
    found = f"{counted(len(report.findings), 'finding')} ({parts})" if report.findings else "No findings"
    calls = f"; {loss_counts(report.losses)}" if report.losses else ""
    if not report.findings and any(loss.verdict is Verdict.FINDING for loss in report.losses):
        calls += " (the findings are suppressed, in the baseline or not selected)"
    if any(loss.verdict is Verdict.UNKNOWN for loss in report.losses):
        calls += " (listed by `lossadvisor losses`)"
    return f"{found} in {counted(report.files, 'file')}{calls}.{_fixable(report.findings)}"


def _fixable(findings: tuple[Finding, ...]) -> str:
    """How many of the findings `--fix` would mend."""
    kinds = Counter(finding.fix.applicability for finding in findings if finding.fix is not None)
    safe, unsafe = kinds[FixApplicability.SAFE], kinds[FixApplicability.UNSAFE]
    if safe and unsafe:
        return f" Fixable with --fix: {safe}; with --unsafe-fixes, too: {unsafe} more."
    if safe:
        return f" Fixable with --fix: {safe}."
    return f" Fixable with --fix --unsafe-fixes: {unsafe}." if unsafe else ""


def loss_counts(losses: tuple[LossVerdict, ...]) -> str:
    """`5 loss calls: 3 consistent, 1 finding, 1 unknown`."""
    verdicts = Counter(loss.verdict for loss in losses)
    known = f"{verdicts[Verdict.CONSISTENT]} consistent, {counted(verdicts[Verdict.FINDING], 'finding')}"
    return f"{counted(len(losses), 'loss call')}: {known}, {verdicts[Verdict.UNKNOWN]} unknown"


def statistics(findings: tuple[Finding, ...]) -> str:
    """One line per rule with its number of findings, the most frequent first; `[*]` marks what --fix would mend."""
    return "".join(
        f"{number}\t{code}\t{'[*]' if fixable else '[ ]'} {name}\n" for number, code, name, fixable in _counts(findings)
    )


def statistics_json(findings: tuple[Finding, ...]) -> str:
    """The same as a JSON array."""
    import json

    rows = [
        {"code": code, "name": name, "count": number, "fixable": fixable}
        for number, code, name, fixable in _counts(findings)
    ]
    return json.dumps(rows, indent=2) + "\n"


def _counts(findings: tuple[Finding, ...]) -> list[tuple[int, str, str, bool]]:
    numbers = Counter((finding.code, finding.name) for finding in findings)
    safe = FixApplicability.SAFE
    fixable = {finding.code for finding in findings if finding.fix is not None and finding.fix.applicability is safe}
    rows = [(number, code, name, code in fixable) for (code, name), number in numbers.items()]
    return sorted(rows, key=lambda row: (-row[0], row[1]))
