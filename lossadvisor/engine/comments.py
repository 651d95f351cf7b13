"""Suppression comments: `# noqa: LA101`, `# lossadvisor: ignore[LA101] reason`, `# lossadvisor: ignore-file[LA1]`.

Only real comments count, not text inside strings. Columns and rows are those of the document's text, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.source import Document
from lossadvisor.source.tokens import Token, tokens

_HINT = pattern(r"noqa|lossadvisor:", re.IGNORECASE)
_NOQA = pattern(r"\bnoqa\b(?P<colon>\s*:\s*(?P<codes>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+\b)*)?)?", re.IGNORECASE)
_OWN = pattern(r"\blossadvisor:\s*ignore(?P<file>-file)?\b(?:\s*\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)


class Form(Enum):
    """How a suppression is written."""

    NOQA = "noqa"
    LINE = "line"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One suppression comment. It covers findings on the rows `first` to `last`; a file's covers every row.

    No `codes` means every rule.
    """

    form: Form
    codes: tuple[str, ...]
    row: int
    column: int
    end: int
    first: int
    last: int


def suppressions(document: Document) -> tuple[Suppression, ...]:
    """The suppression comments of a document in the order of the text."""
    return tuple(_read(document.raw)) if _HINT.search(document.raw) else ()


def ours(document: Document) -> tuple[Suppression, ...]:
    """The same, or none where no comment can be about our rules: most that say noqa name rules of others."""
    text = document.raw
    if not _HINT.search(text):
        return ()
    told = _OWN.search(text) is not None or any(
        not match["colon"] or any(code.upper().startswith("LA") for code in _codes(match))
        for match in _NOQA.finditer(text)
    )
    return tuple(_read(text)) if told else ()


def _codes(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(code for code in re.split(r"[,\s]+", match["codes"] or "") if code)


@dataclass(frozen=True, slots=True)
class _Comment:
    token: Token
    row: int
    column: int
    alone: bool
    nested: bool


def _read(text: str) -> Iterator[Suppression]:
    lines: list[tuple[int, int]] | None = None
    for comment in _comments(text):
        for form, match in _written(comment.token.text):
            codes = _codes(match)
            first = last = comment.row
            if form is Form.LINE and comment.alone:
                lines = logical_rows(text) if lines is None else lines
                first, last = (comment.row + 1,) * 2 if comment.nested else _next(lines, comment.row)
            column = comment.column + match.start()
            yield Suppression(form, codes, comment.row, column, column + len(match.group()), first, last)


def _written(body: str) -> Iterator[tuple[Form, re.Match[str]]]:
    """The suppressions in one comment: `# lossadvisor: ignore[LA101] reason  # noqa: E501` holds two."""
    own = _OWN.search(body)
    if own:
        yield Form.FILE if own["file"] else Form.LINE, own
    noqa = _NOQA.search(body, 0, own.start() if own else len(body))
    if own and noqa is None:
        # Behind a comment of ours stands a reason, which may speak of noqa; only one with a mark of its own is meant.
        mark = body.find("#", own.end())
        noqa = _NOQA.search(body, mark) if mark >= 0 else None
        if noqa and body[mark + 1 : noqa.start()].strip():
            return
    if noqa and (noqa["codes"] or not noqa["colon"]):
        yield Form.NOQA, noqa  # `noqa: words` names no rule; as "every rule" it would hide what nobody meant to hide


def _comments(text: str) -> Iterator[_Comment]:
    row, row_start, depth, alone = 1, 0, 0, True
    for token in tokens(text):
        if token.kind == "comment":
            yield _Comment(token, row, token.start - row_start + 1, alone, depth > 0)
        elif token.kind == "op":
            depth = max(0, depth + (token.text in "([{") - (token.text in ")]}"))
        if token.kind not in {"space", "newline"}:
            alone = False
        breaks = token.text.count("\n")
        if breaks:
            row += breaks
            row_start = token.start + token.text.rindex("\n") + 1
            alone = token.kind in {"space", "newline"}


def logical_rows(text: str) -> list[tuple[int, int]]:
    """First and last row of every logical line that holds code, in order."""
    lines: list[tuple[int, int]] = []
    row = 1
    depth = first = last = 0
    for token in tokens(text):
        if token.kind == "op":
            depth = max(0, depth + (token.text in "([{") - (token.text in ")]}"))
        if token.kind == "newline" and depth == 0:
            if first:
                lines.append((first, last))
            first = 0
        elif token.kind not in {"space", "comment", "newline"}:
            first = first or row
            last = row + token.text.count("\n")
        row += token.text.count("\n")
    if first:
        lines.append((first, last))
    return lines


def _next(lines: list[tuple[int, int]], row: int) -> tuple[int, int]:
    return next(((first, last) for first, last in lines if first > row), (row + 1, row + 1))
