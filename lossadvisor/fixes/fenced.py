"""Edits inside the Python fences of a Markdown file: the rows around the fences stay byte for byte."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import replace

from lossadvisor.findings import Edit
from lossadvisor.fixes.apply import StaleEdit
from lossadvisor.fixes.apply import edited as edited_rows
from lossadvisor.source.decoding import encoding_of
from lossadvisor.source.markdown import fence_rows
from lossadvisor.values import Location


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The Markdown file after all edits, whose rows are counted inside their fences. Raises StaleEdit."""
    text = data.removeprefix(codecs.BOM_UTF8).decode(encoding_of(data))
    fences = fence_rows(text.replace("\r\n", "\n").replace("\r", "\n"))
    return edited_rows(data, [_in_file(edit, fences) for edit in edits])


def _in_file(edit: Edit, fences: Mapping[int, tuple[int, int]]) -> Edit:
    span = edit.span
    if span.cell is None or span.cell not in fences:
        raise StaleEdit("the file is not what it was when it was analysed")
    first, last = fences[span.cell]
    start, end = span.start.row + first - 1, span.end.row + first - 1
    # An edit may end at the start of the row behind the last: it takes the whole last row.
    if start < first or end > last + 1 or (end == last + 1 and span.end.column > 1):
        raise StaleEdit("a change over several fences has to be made by hand")
    return replace(edit, span=replace(span, cell=None, start=Location(start, span.start.column),
                                      end=Location(end, span.end.column)))
