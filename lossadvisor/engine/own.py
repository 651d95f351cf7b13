"""The findings about the check itself: broken text (LA900, LA902) and comments that suppress nothing (LA901)."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.findings import Confidence, Finding
from lossadvisor.source import Document
from lossadvisor.values import Location, Span

SYNTAX_ERROR, UNUSED_SUPPRESSION, UNREADABLE_FILE = "LA900", "LA901", "LA902"


def text_findings(document: Document) -> Iterator[Finding]:
    """One finding for every problem of the text itself."""
    for problem in document.problems:
        cell, row = document.locate(problem.row)
        start = Location(row, problem.column)
        span = Span(document.filename, cell, start, Location(row, problem.column + 1))
        yield _finding(SYNTAX_ERROR if problem.kind == "syntax" else UNREADABLE_FILE, problem.message, span)


def unused(message: str, span: Span) -> Finding:
    """A suppression comment, or one code in it, that suppresses nothing."""
    return _finding(UNUSED_SUPPRESSION, message, span)



def _finding(code: str, message: str, span: Span) -> Finding:
    from lossadvisor.catalogue import rule  # a file without anything to report does without the catalogue

    said = rule(code)
    return Finding(
        code=code,
        name=said.name,
        message=message,
        severity=said.severity,
        confidence=Confidence.CERTAIN,
        span=span,
        help=said.help,
        url=said.url,
    )
