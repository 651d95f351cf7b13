"""Edits applied to the bytes of a file: encoding, byte order mark, line ends and all other bytes stay."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence

from lossadvisor.findings import Edit, Finding
from lossadvisor.patterns import pattern
from lossadvisor.source.decoding import encoding_of

_ROW = pattern(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class StaleEdit(Exception):
    """An edit names a place that the file does not have, or text that its encoding cannot say."""


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes after all edits, which must not overlap. Raises StaleEdit."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    encoding = encoding_of(data)
    text = data[len(mark) :].decode(encoding)
    rows = _ROW.findall(text)
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    newline = _newline(text)
    places = sorted({(*_place(edit, rows, starts), edit.content) for edit in edits}, reverse=True)
    for start, end, content in places:
        text = text[:start] + content.replace("\n", newline) + text[end:]
    try:
        return mark + text.encode(encoding)
    except UnicodeEncodeError:
        raise StaleEdit(f"the change cannot be written in {encoding}") from None


def _newline(text: str) -> str:
    """The line end that the text uses most."""
    windows = text.count("\r\n")
    counts = {"\n": text.count("\n") - windows, "\r\n": windows, "\r": text.count("\r") - windows}
    return max(counts, key=lambda end: counts[end])


def _place(edit: Edit, rows: Sequence[str], starts: Sequence[int]) -> tuple[int, int]:
    offsets = []
    for location in (edit.span.start, edit.span.end):
        if not 1 <= location.row <= len(rows) or location.column - 1 > len(rows[location.row - 1]):
            raise StaleEdit("the file is not what it was when it was analysed")
        offsets.append(starts[location.row - 1] + location.column - 1)
    return offsets[0], offsets[1]


def compatible(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings whose fixes can be applied together: of those that overlap the first wins.

    Two fixes may ask for the very same edit (an import, a change that mends both); it is made once.
    """
    taken: list[Edit] = []
    chosen: list[Finding] = []
    for finding in findings:
        assert finding.fix is not None
        edits = [edit for edit in finding.fix.edits if edit not in taken]
        if any(_overlap(edit, other) for edit in edits for other in taken):
            continue
        taken += edits
        chosen.append(finding)
    return tuple(chosen)


def _overlap(first: Edit, second: Edit) -> bool:
    if first.span.filename != second.span.filename or first.span.cell != second.span.cell:
        return False
    one, other = first.span, second.span
    if one.start == one.end or other.start == other.end:
        # Insertions at one place: which comes first would be chance. At the edge of another edit they are harmless.
        if one == other:
            return True
    return one.start < other.end and other.start < one.end
