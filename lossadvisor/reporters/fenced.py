"""Where a finding in a Markdown file stands in the file: hosts that show files know rows, no fences."""

from __future__ import annotations

from collections.abc import Callable

from lossadvisor.engine import Analysis
from lossadvisor.source import Document
from lossadvisor.source.markdown import fence_rows
from lossadvisor.values import Span

RowsOf = Callable[[Span], "tuple[int, int] | None"]
_Fences = dict[int, tuple[int, int]]


def rows_in_file(analysis: Analysis) -> RowsOf:
    """For a span its first and last row in the file; None in a notebook, and where a file has gone meanwhile."""
    known: dict[str, _Fences] = {}

    def rows(span: Span) -> tuple[int, int] | None:
        if span.cell is None:
            return span.start.row, span.end.row
        if span.filename not in known:
            known[span.filename] = _fences(analysis.documents.get(span.filename))
        fence = known[span.filename].get(span.cell)
        return None if fence is None else (fence[0] + span.start.row - 1, fence[0] + span.end.row - 1)

    return rows


def _fences(document: Document | None) -> _Fences:
    if document is None or document.kind != "markdown":
        return {}
    try:
        text = document.path.read_text("utf-8-sig", "replace")  # line ends become "\n"
    except OSError:
        return {}
    return fence_rows(text)
