"""Markdown: the Python fences of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lossadvisor.patterns import pattern

_OPENING = pattern(r"(?P<indent>[ \t]*(?:>[ \t]?)*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_LANGUAGE = pattern(r"\{?[ \t]*\.?([\w+-]*)")
_PYTHON = frozenset({"python", "py", "python3"})


def fences(text: str) -> Iterator[tuple[int, str]]:
    """Position among all fences (from 1) and text of each Python fence."""
    for number, _, inside in _blocks(text):
        yield number, "\n".join(inside)


def fence_rows(text: str) -> dict[int, tuple[int, int]]:
    """Position of each Python fence, with the rows of the file (from 1) that its first and last row are."""
    return {number: (first, first + len(inside) - 1) for number, first, inside in _blocks(text)}


def _blocks(text: str) -> Iterator[tuple[int, int, list[str]]]:
    if "```" not in text and "~~~" not in text:
        return
    number = 0
    rows = iter(enumerate(text.split("\n"), start=1))
    for at, row in rows:
        opening = _OPENING.match(row)
        if opening is None:
            continue
        number += 1
        inside: list[str] = []
        mark = opening["mark"]
        quoted = opening["indent"].count(">")
        quotes = re.compile(rf"^(?:[ \t]*>){{{quoted}}}")
        closing = re.compile(rf"[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        for _, content in rows:
            if closing.match(content):
                break
            inside.append(quotes.sub(_blanks, content, count=1) if quoted else content)
        language = _LANGUAGE.match(opening["info"].strip())
        if language is not None and language.group(1).lower() in _PYTHON and inside:
            yield number, at + 1, inside


def _blanks(found: re.Match[str]) -> str:
    """The marks of a quotation as blanks, so that columns stay."""
    return " " * len(found.group())
