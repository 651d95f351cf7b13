"""The small parts that a document is made of: cells and problems."""

from __future__ import annotations

from typing import Literal

from lossadvisor.late import dataclass

Kind = Literal["python", "stub", "notebook", "markdown"]


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Something wrong with the text itself, at a 1-based row and column of the document's text.

    `kind` is "syntax" where the grammar is broken (LA900) and "unreadable" where there is no text to speak of:
    undecodable bytes, null bytes, a notebook that is no JSON (LA902).
    """

    row: int
    column: int
    message: str
    kind: Literal["syntax", "unreadable"] = "syntax"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a notebook or a fence of a Markdown file inside the joined text.

    From row `first` of the joined text on come `header` rows that the cell does not have, then its `rows` rows.
    """

    number: int
    first: int
    rows: int
    header: int = 0
