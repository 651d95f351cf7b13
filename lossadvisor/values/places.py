"""Places in source files, resolved to rows and columns only when a report needs them.

Positions are the dearest thing to compute (libcst's position provider costs twice the parse), and almost no place is
ever printed. A `Place` therefore only knows how to find out where it is.
"""

from __future__ import annotations

from typing import Protocol

from lossadvisor.late import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A row and a column, both counted from 1."""

    row: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file. `cell` is the 1-based cell of a notebook or fence of a Markdown file, else None."""

    filename: str
    cell: int | None
    start: Location
    end: Location


class Place(Protocol):
    """Something in the source that can say where it stands."""

    def span(self) -> Span: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a trail: at `place` happened what `message` says; `op` is the operation's qualified name."""

    place: Place
    message: str
    op: str | None = None
