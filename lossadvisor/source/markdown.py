"""Markdown: the Python fences of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENING = re.compile(r"(?P<indent>[ \t]*(?:>[ \t]?)*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_LANGUAGE = re.compile(r"\{?[ \t]*\.?([\w+-]*)")
_PYTHON = frozenset({"python", "py", "python3"})


def fences(text: str) -> Iterator[tuple[int, str]]:
    """Position among all fences (from 1) and text of each Python fence."""
    if "```" not in text and "~~~" not in text:
        return
    number = 0
    rows = iter(text.split("\n"))
    for row in rows:
        opening = _OPENING.match(row)
        if opening is None:
            continue
        number += 1
        inside: list[str] = []
        mark = opening["mark"]
        closing = re.compile(rf"[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        for content in rows:
            if closing.match(content):
                break
            inside.append(content)
        language = _LANGUAGE.match(opening["info"].strip())
        if language is not None and language.group(1).lower() in _PYTHON and inside:
            yield number, "\n".join(inside)
