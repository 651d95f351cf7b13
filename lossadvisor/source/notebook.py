"""Jupyter notebooks: the code cells as one text, IPython's own syntax neutralised in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lossadvisor.patterns import pattern
from lossadvisor.source.automagic import is_automagic
from lossadvisor.source.parts import SyntaxProblem
from lossadvisor.source.tokens import tokens

_HINT = pattern(r"^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_CELL_MAGIC = pattern(r"%%(\w+)")
_RUNS_PYTHON = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "snakeviz"})
_STATEMENT = pattern(r"(?P<indent>[ \t]*)(?:[%!]|\?{1,2}[\w.*]|[\w.]+\?{1,2}[ \t]*$)")
_TIMED = pattern(r"(?P<indent>[ \t]*)%(?P<word>time|timeit|prun|memit)(?P<gap>[ \t]+)(?=[\w(\[])")
_ASSIGNED = pattern(r"(?P<head>[ \t]*[\w.,()\[\] \t]+?=[ \t]*)[%!][^=]")


class NotebookError(Exception):
    """The file is no notebook; the message says why in one line."""


def code_cells(text: str) -> Iterator[tuple[int, str]]:
    """Position among all cells (from 1) and Python text of each code cell. Raises NotebookError."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"not valid JSON: {error}" if text.strip() else "the file is empty"
        raise NotebookError(f"not a notebook: {reason}") from None
    if not isinstance(content, dict):
        raise NotebookError("not a notebook: the JSON is no object")
    cells = content.get("cells")
    if cells is None:  # nbformat 3
        sheets = content.get("worksheets")
        cells = [cell for sheet in sheets for cell in _cells_of(sheet)] if isinstance(sheets, list) else None
    if not isinstance(cells, list):
        raise NotebookError("not a notebook: it has no list of cells")
    if _language(content) not in {"python", "ipython", ""}:
        return
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield number, neutralise(_source(cell))


def unreadable(error: NotebookError) -> SyntaxProblem:
    """The problem to report for a file that is no notebook."""
    return SyntaxProblem(1, 1, str(error), "unreadable")


def neutralise(source: str) -> str:
    """Magics, shell lines and help requests replaced by `pass`-like text of the same rows and indentation."""
    if "\n" not in source.strip("\n") and is_automagic(source):
        return "\n" * source.count("\n")
    if not _HINT.search(source):
        return source
    rows = source.split("\n")
    magic = _first_code(rows)
    if magic is not None and (match := _CELL_MAGIC.match(rows[magic])):
        if match.group(1) not in _RUNS_PYTHON:
            return "\n" * (len(rows) - 1)
        rows[magic] = "pass"
    starts = _statement_rows("\n".join(rows))
    index = 0
    while index < len(rows):
        if index in starts:
            index = _neutralised(rows, index)
        index += 1
    return "\n".join(rows)


def _neutralised(rows: list[str], index: int) -> int:
    """Mend the row if it is IPython's; the index of the last row dealt with."""
    row = rows[index]
    if match := _TIMED.match(row):
        # As wide as what it replaces, so that the columns of the timed statement stay.
        rows[index] = match["indent"] + "pass;".ljust(match.end() - match.end("indent")) + row[match.end() :]
        return index
    if match := _STATEMENT.match(row):
        rows[index] = match["indent"] + "pass"
    elif match := _ASSIGNED.match(row):
        rows[index] = match["head"] + "None"
    else:
        return index
    while row.endswith("\\") and index + 1 < len(rows):
        index += 1
        row = rows[index]
        rows[index] = ""
    return index


def _statement_rows(text: str) -> set[int]:
    """The rows (from 0) that do not begin inside a string, a bracket or a continued line."""
    starts = {0}
    row = depth = 0
    for token in tokens(text):
        row += token.text.count("\n")
        if token.kind == "newline":
            if depth == 0:
                starts.add(row)
        elif token.kind == "op":
            if token.text in "([{":
                depth += 1
            elif token.text in ")]}":
                depth = max(0, depth - 1)
    return starts


def _first_code(rows: list[str]) -> int | None:
    return next((i for i, row in enumerate(rows) if row.strip() and not row.lstrip().startswith("#")), None)


def _cells_of(sheet: object) -> list[object]:
    cells = sheet.get("cells") if isinstance(sheet, dict) else None
    return cells if isinstance(cells, list) else []


def _source(cell: dict[str, object]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""


def _language(content: dict[str, object]) -> str:
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        return ""
    for section, key in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(section)
        if isinstance(part, dict) and isinstance(part.get(key), str):
            return str(part[key]).lower()
    return ""
