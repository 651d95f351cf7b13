"""The findings about the check itself: broken text (LA900, LA902) and comments that suppress nothing (LA901)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from lossadvisor.findings import Confidence, Finding
from lossadvisor.source import Document
from lossadvisor.values import Location, Span

if TYPE_CHECKING:
    from lossadvisor.catalogue import Rule

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
    rule = _rule(code)
    return Finding(
        code=code,
        name=rule.name,
        message=message,
        severity=rule.severity,
        confidence=Confidence.CERTAIN,
        span=span,
        help=rule.help,
        url=rule.url,
    )


@cache
def _rule(code: str) -> Rule:
    from lossadvisor.catalogue import rules  # a file without anything to report does without the catalogue

    return next(rule for rule in rules() if rule.code == code)
