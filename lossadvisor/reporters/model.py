"""What every format gets: the analysis, and how much the output medium can show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lossadvisor.engine import Analysis
from lossadvisor.late import dataclass
from lossadvisor.values import Span


@dataclass(frozen=True, slots=True)
class Medium:
    """Where the text goes: whether it shows colours, how many columns it has, and the folder names are relative to."""

    colour: bool = False
    width: int = 120
    folder: Path = Path()


Format = Callable[[Analysis, Medium], str]


def row(span: Span) -> str:
    """`train.py:88`, and `lesson.ipynb:cell 3:2` inside a notebook."""
    cell = "" if span.cell is None else f"cell {span.cell}:"
    # A name may hold line breaks; nobody shall write lines of his own into a report with it.
    name = span.filename.replace("\r", "\\r").replace("\n", "\\n")
    return f"{name}:{cell}{span.start.row}"


def place(span: Span) -> str:
    """`train.py:88:16`, and `lesson.ipynb:cell 3:2:5` inside a notebook."""
    return f"{row(span)}:{span.start.column}"
