"""Cells and fences joined into one text."""

from __future__ import annotations

from collections.abc import Iterable

from lossadvisor.source.parts import Cell


def join(parts: Iterable[tuple[int, str]]) -> tuple[str, tuple[Cell, ...]]:
    """One text of all numbered parts, with the map back.

    A part that is indented as a whole (a fence inside a list, a cell that IPython would dedent) keeps its columns: a
    row `if True:` of its own goes before it.
    """
    rows: list[str] = []
    cells: list[Cell] = []
    for number, text in parts:
        inside = text.split("\n")
        first = next((row for row in inside if row.strip() and not row.lstrip().startswith("#")), "")
        header = ["if True:"] if first[:1] in {" ", "\t"} else []
        cells.append(Cell(number, len(rows) + 1, len(inside), len(header)))
        rows += (*header, *inside)
    return "\n".join(rows) + ("\n" if rows else ""), tuple(cells)
