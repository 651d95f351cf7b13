"""Findings against the suppression comments of their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from lossadvisor.config.errors import suggestion
from lossadvisor.config.selection import matches
from lossadvisor.engine.comments import Form, Suppression, logical_rows, ours
from lossadvisor.engine.own import unused
from lossadvisor.findings import Finding
from lossadvisor.late import dataclass
from lossadvisor.source import Document
from lossadvisor.values import Location, Span


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings that stay, findings that a comment silences, and the findings about comments that silence nothing."""

    kept: tuple[Finding, ...]
    silenced: tuple[Finding, ...]
    about_comments: tuple[Finding, ...]


def apply(findings: Sequence[Finding], documents: Mapping[str, Document], selected: frozenset[str]) -> Sorted:
    """Sort the findings by the comments of the documents they stand in.

    A code in a comment is unused when it silenced nothing although its rule is among the selected ones.
    """
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_file[finding.span.filename].append(finding)
    kept: list[Finding] = []
    silenced: list[Finding] = []
    about: list[Finding] = []
    for filename, document in documents.items():
        comments = ours(document)
        if not comments:
            kept.extend(by_file[filename])
            continue
        used: set[tuple[Suppression, str]] = set()
        rows = _Rows(document)
        for finding in by_file[filename]:
            hits = [(comment, code) for comment in comments for code in _silences(comment, finding, rows)]
            used.update(hits)
            (silenced if hits else kept).append(finding)
        if document.kind != "markdown":  # a fence shows a part of a program: what it suppresses may not be in it
            about.extend(_unused(comments, used, document, selected))
    for filename in by_file.keys() - documents.keys():
        kept.extend(by_file[filename])
    return Sorted(tuple(kept), tuple(silenced), tuple(about))


class _Rows:
    """The rows on which a comment counts for a finding: its own, and the first and last of its statement."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def _lines(self) -> list[tuple[int, int]]:
        return logical_rows(self._document.raw)

    def of(self, finding: Finding) -> set[int]:
        span = finding.span
        start = self._document.row_of(span.cell, span.start.row)
        end = self._document.row_of(span.cell, span.end.row)
        around = next(((first, last) for first, last in self._lines if first <= start <= last), (start, start))
        return {start, end, *around}


def _silences(comment: Suppression, finding: Finding, rows: _Rows) -> Iterator[str]:
    """The codes of the comment (`*` for a comment without codes) that silence the finding."""
    if comment.form is not Form.FILE:
        covered = rows.of(finding)
        if not any(comment.first <= row <= comment.last for row in covered):
            return
    if not comment.codes:
        if comment.form is not Form.LINE:
            yield "*"
        return
    for code in comment.codes:
        if code.upper() != "ALL" and matches(code, finding.code, finding.name):
            yield code


def _unused(
    comments: Sequence[Suppression], used: set[tuple[Suppression, str]], document: Document, selected: frozenset[str]
) -> Iterator[Finding]:
    from lossadvisor.catalogue import headings

    catalogue = {rule.code: rule.name for rule in headings()}
    for comment in comments:
        span = _span(comment, document)
        if not comment.codes and comment.form is Form.LINE:
            yield unused("this comment names no rule and suppresses nothing: write ignore[CODE]", span)
        for code in comment.codes:
            if (comment, code) in used or (comment.form is Form.NOQA and not code.upper().startswith("LA")):
                continue
            meant = {known for known, name in catalogue.items() if code.upper() != "ALL" and matches(code, known, name)}
            if not meant:
                near = suggestion(code, (*catalogue, *catalogue.values()))
                yield unused(f"{code} is no rule, so nothing is suppressed{near}", span)
            elif meant & selected:
                place = "in this file" if comment.form is Form.FILE else "here"
                yield unused(f"nothing to suppress: {code} is not reported {place}", span)


def _span(comment: Suppression, document: Document) -> Span:
    cell, row = document.locate(comment.row)
    return Span(document.filename, cell, Location(row, comment.column), Location(row, comment.end))
