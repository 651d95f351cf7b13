"""What can be done about the findings in a stretch of code: mend them, or say that they are meant."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types

from lossadvisor.engine.adding import silenced_rows
from lossadvisor.findings import Finding, Fix, FixApplicability
from lossadvisor.late import dataclass
from lossadvisor.server.diagnostics import diagnostic
from lossadvisor.server.layout import Layout

FIX_ALL = "source.fixAll.lossadvisor"
_FIRST_ROWS = re.compile(r"#!|\s*#.*coding[:=]")  # they mean something only where they stand


@dataclass(frozen=True, slots=True)
class Change:
    """Text that takes the place of a range of the text with that URI."""

    uri: str
    range: types.Range
    content: str


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the menu."""

    title: str
    kind: str
    changes: tuple[Change, ...]
    diagnostics: tuple[types.Diagnostic, ...] = ()
    preferred: bool = False


def actions(layout: Layout, uri: str, selected: types.Range) -> Iterator[Action]:
    """The actions for the findings that touch the selected range of a text, fixes first."""
    findings = [one for one in layout.analysis.report.findings if layout.uri(one.span) == uri]
    here = [one for one in findings if _touch(layout.range(one.span), selected)]
    for finding in here:
        yield from _fixes(layout, finding)
    for finding in here:
        yield from _suppressions(layout, finding)
    every = tuple(_all_safe(layout, findings))
    if every:
        yield Action("Apply all safe fixes of lossadvisor", FIX_ALL, every)


def _fixes(layout: Layout, finding: Finding) -> Iterator[Action]:
    fix = finding.fix
    if fix is None or fix.applicability is FixApplicability.DISPLAY:
        return
    changes = _changes(layout, fix)
    if changes:
        safe = fix.applicability is FixApplicability.SAFE
        title = f"{finding.code}: {fix.message}" + ("" if safe else " (changes training)")
        yield Action(title, types.CodeActionKind.QuickFix, changes, (diagnostic(finding, layout),), safe)


def _changes(layout: Layout, fix: Fix) -> tuple[Change, ...]:
    """All edits of the fix, or none when one of them is in a text that cannot be edited here."""
    if not all(edit.span.filename in layout.analysis.documents and layout.exact(edit.span) for edit in fix.edits):
        return ()
    return tuple(Change(layout.uri(edit.span), layout.range(edit.span), edit.content) for edit in fix.edits)


def _all_safe(layout: Layout, findings: Iterable[Finding]) -> Iterator[Change]:
    taken: dict[str, list[types.Range]] = defaultdict(list)
    for finding in findings:
        if finding.fix is None or finding.fix.applicability is not FixApplicability.SAFE:
            continue
        changes = _changes(layout, finding.fix)
        if any(_touch(change.range, other) for change in changes for other in taken[change.uri]):
            continue  # the next round will see to it
        for change in changes:
            taken[change.uri].append(change.range)
            yield change


# --- suppressions --------------------------------------------------------------------------------------------------


def _suppressions(layout: Layout, finding: Finding) -> Iterator[Action]:
    document = layout.analysis.documents.get(finding.span.filename)
    if document is None or not layout.exact(finding.span) or finding.code.startswith("LA9"):
        return  # a finding about the check itself is mended, not silenced
    about = (diagnostic(finding, layout),)
    rows = document.raw.split("\n")
    changes = tuple(
        change
        for number, after in silenced_rows(document, [finding], rows).items()
        for change in _row_change(layout, finding, number, rows[number - 1], after)
    )
    if changes:
        yield Action(f"Silence {finding.code} here: # noqa", types.CodeActionKind.QuickFix, changes, about)
    if document.kind in {"python", "stub"}:
        row = _row_for_comment(rows)
        start = types.Position(row, 0)
        comment = f"# lossadvisor: ignore-file[{finding.code}]\n"
        change = Change(layout.uri(finding.span), types.Range(start, start), comment)
        yield Action(f"Silence {finding.code} in this file", types.CodeActionKind.QuickFix, (change,), about)


def _row_change(layout: Layout, finding: Finding, row: int, before: str, after: str) -> Iterator[Change]:
    """The smallest edit that turns a row of the document's text into another."""
    document = layout.analysis.documents[finding.span.filename]
    if before == after:
        return
    most = min(len(before), len(after))
    kept = next((i for i in range(most) if before[i] != after[i]), most)
    rest = 0
    while rest < most - kept and before[-1 - rest] == after[-1 - rest]:
        rest += 1
    # Where the editor has the row of the finding, it has the other rows of the same cell too.
    here = document.row_of(finding.span.cell, finding.span.start.row)
    line = layout.range(finding.span).start.line + row - here
    units = layout.codec.client_num_units
    start, end = units(before[:kept]), units(before[: len(before) - rest])
    changed = types.Range(types.Position(line, start), types.Position(line, end))
    yield Change(layout.uri(finding.span), changed, after[kept : len(after) - rest])


def _row_for_comment(rows: Sequence[str]) -> int:
    """The first row (from 0) that can be moved down."""
    return next((i for i, row in enumerate(rows[:3]) if i == 2 or not _FIRST_ROWS.match(row)), len(rows) - 1)


def _touch(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges share a character or a border."""
    return (one.start.line, one.start.character) <= (other.end.line, other.end.character) and (
        other.start.line,
        other.start.character,
    ) <= (one.end.line, one.end.character)
