"""Code frames: a line of source with a mark under the stretch that is meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from lossadvisor.reporters.colours import Paint
from lossadvisor.source import Document
from lossadvisor.values import Span

_TAB = "    "


def frame(document: Document, span: Span, gutter: int, width: int, *, paint: Paint, colour: str) -> Iterator[str]:
    """The lines of a frame; nothing when the row does not exist. `gutter` is the width of the row numbers."""
    rows = document.raw.split("\n")
    row = document.row_of(span.cell, span.start.row)
    if not 1 <= row <= len(rows) or not rows[row - 1].strip():
        return
    line = rows[row - 1]
    start = min(span.start.column - 1, len(line))
    end = span.end.column - 1 if span.end.row == span.start.row else len(line.rstrip())
    before, marked, after = (_shown(part) for part in (line[:start], line[start:end], line[max(end, start) :]))
    before, marked, after = _cropped(before, marked, after, max(width - gutter - 3, 40))
    bar = paint("|", "blue")
    yield f"{' ' * gutter} {bar}"
    yield f"{paint(str(span.start.row).rjust(gutter), 'blue')} {bar} {before}{marked}{after}".rstrip()
    yield f"{' ' * gutter} {bar} {' ' * columns(before)}{paint('^' * max(columns(marked), 1), colour)}"


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: two for wide characters, none for combining ones."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _shown(text: str) -> str:
    """Tabs as blanks; control characters, which could repaint the terminal, as a sign."""
    return "".join(
        _TAB if character == "\t" else character if character >= " " and character != "\x7f" else "\ufffd"
        for character in text
    )


def _cropped(before: str, marked: str, after: str, width: int) -> tuple[str, str, str]:
    """Cut a line that does not fit so that the marked part stays."""
    if columns(before + marked + after) <= width:
        return before, marked, after
    if columns(marked) > width - 20:
        marked = marked[: width - 20] + "…"
        after = ""
    room = width - columns(marked) - 2
    if columns(before) > room // 2 and columns(before + marked) > width - 10:
        keep = max(room // 2, 1)
        before = "…" + before[-keep:]
    left = width - columns(before + marked)
    if columns(after) > left:
        after = after[: max(left - 1, 0)] + "…"
    return before, marked, after
