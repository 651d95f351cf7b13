"""Cuts the body of a rule document at its headings, leaving headings inside fences alone."""

from __future__ import annotations

from collections.abc import Mapping


def sections(body: str) -> Mapping[str, str]:
    """The text under each `## Title`, by title and in order."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    fenced = False
    for line in body.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        if not fenced and line.startswith("## "):
            current = found.setdefault(line[3:].strip(), [])
        elif current is not None:
            current.append(line)
    return {title: "\n".join(lines).strip("\n") for title, lines in found.items()}


def section(body: str, title: str) -> str:
    """The text under one heading, empty when there is none."""
    return sections(body).get(title, "")
