"""Small projects written for one test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write the files below the folder, and hand the folder back."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def notebook(*cells: str | tuple[str, str], language: str = "python") -> str:
    """A notebook of code cells; a cell of another kind is (kind, source)."""
    return json.dumps({
        "cells": [_cell(cell) for cell in cells],
        "metadata": {"language_info": {"name": language}},
        "nbformat": 4,
        "nbformat_minor": 5,
    })  # fmt: skip


def _cell(cell: str | tuple[str, str]) -> dict[str, object]:
    kind, source = ("code", cell) if isinstance(cell, str) else cell
    lines: Sequence[str] = source.splitlines(keepends=True)
    return {"cell_type": kind, "metadata": {}, "source": list(lines), "outputs": [], "execution_count": None}
