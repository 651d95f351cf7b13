"""Edits inside the cells of a notebook: the strings of the source change, the rest of the JSON stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from lossadvisor.findings import Edit
from lossadvisor.fixes.apply import StaleEdit
from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.source.decoding import encoding_of

_TOKEN = pattern(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s"\[\]{},:]+', re.DOTALL)
_UNIT = pattern(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)

_SOURCE = ["{", "cells", "[", "{", "source"]


@dataclass(frozen=True, slots=True)
class _Literal:
    """One JSON string of a cell's source: its text, and where in the file each character of it is written."""

    text: str
    places: tuple[int, ...]  # one more than characters: the last is the closing quotation mark


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The notebook after all edits, each within one row of one cell. Raises StaleEdit."""
    encoding = encoding_of(data)
    text = data.decode(encoding)
    sources = dict(enumerate(_sources(text), start=1))
    changes: set[tuple[int, int, str]] = set()
    for edit in edits:
        rows = _rows(sources.get(edit.span.cell or 0, []))
        start, end = edit.span.start, edit.span.end
        if start.row != end.row or not 1 <= start.row <= len(rows) or end.column > len(rows[start.row - 1]):
            raise StaleEdit("a change over several rows of a cell has to be made by hand")
        row = rows[start.row - 1]
        content = json.dumps(edit.content, ensure_ascii=False)[1:-1]
        changes.add((row[start.column - 1], row[end.column - 1], content))
    for first, last, content in sorted(changes, reverse=True):
        if first > last:
            raise StaleEdit("a change over several strings of a cell has to be made by hand")
        text = text[:first] + content + text[last:]
    return text.encode(encoding)


def _rows(literals: list[_Literal]) -> list[list[int]]:
    """For every row of a cell, where each of its characters and its end are written."""
    rows: list[list[int]] = [[]]
    for index, literal in enumerate(literals):
        for character, place in zip(literal.text, literal.places, strict=False):
            rows[-1].append(place)
            if character == "\n":
                rows.append([])
        if index == len(literals) - 1:
            rows[-1].append(literal.places[-1])
    return rows


def _sources(text: str) -> Iterator[list[_Literal]]:
    """The strings of the source of each cell, in the order of the cells."""
    path: list[str] = []  # brackets, each followed by the key that its value is given for
    cell: list[_Literal] = []
    key: str | None = None
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in ("{", "["):
            path.append(token)
        elif token in ("}", "]"):
            if path[-1:] not in (["{"], ["["]):
                path.pop()  # the key of the last member
            if path == ["{", "cells", "[", "{"]:
                yield cell
                cell = []
            path.pop()
        elif token == ",":
            if path[-1:] not in (["{"], ["["]):
                path.pop()
        elif token == ":":
            path.append(f"{key}")
        elif path[-1:] == ["{"]:
            key = json.loads(token)
        elif token[0] == '"' and path in (_SOURCE, [*_SOURCE, "["]):
            cell.append(_literal(token, match.start()))


def _literal(token: str, start: int) -> _Literal:
    """The characters of a JSON string with their places; `\\r\\n` counts as one character, as it does in a document."""
    characters: list[str] = []
    places: list[int] = []
    for unit in _UNIT.finditer(token, 1, len(token) - 1):
        character = json.loads(f'"{unit.group()}"')
        if character == "\n" and characters and characters[-1] == "\r":
            characters[-1] = "\n"
            continue
        characters.append(character)
        places.append(start + unit.start())
    text = "".join("\n" if character == "\r" else character for character in characters)
    return _Literal(text, (*places, start + len(token) - 1))
