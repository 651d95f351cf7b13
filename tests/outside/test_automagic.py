"""Cells of one line that leave out the `%` of a magic are no syntax errors; Python stays Python."""

from __future__ import annotations

import pytest

from lossadvisor.source.notebook import neutralise


@pytest.mark.parametrize("cell", ["ls /content/data/", "pip install torch", "cd ~/work\n", "run train.py --epochs 3"])
def test_a_bare_magic_is_left_out(cell: str) -> None:
    assert neutralise(cell).strip() == ""
    assert neutralise(cell).count("\n") == cell.count("\n")


@pytest.mark.parametrize(
    "cell",
    [
        "run = 3",
        "time - start",
        "load in names",
        "ls",
        "unknown words here",  # a mistake, to be reported
        "x = 1\nls /content",  # IPython reads no bare magic in a cell of several lines
    ],
)
def test_other_lines_stay(cell: str) -> None:
    assert neutralise(cell) == cell
