"""Innocent programs with a guilty twin each, read from the documents in `catalogue/`.

A document is one entry of the catalogue of false alarms: a title, a sentence, and one section per style. A section
holds a program (fences `python` or `python file=...`, as in rule documents) and one fence `diff` that makes the guilty
twin of it: every block of `-` lines stands once in the program and is replaced by the `+` lines after it. Marks such as
`# LA101` announce the findings: in the twin those that must appear, in the program notes that may.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lossadvisor.catalogue.examples import Example, examples, fences
from lossadvisor.catalogue.sections import sections

CATALOGUE = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Pair:
    """One innocent program and its guilty twin."""

    name: str
    innocent: Example
    guilty: Example


def pairs() -> list[Pair]:
    """All pairs of all documents, in order."""
    found: list[Pair] = []
    for path in sorted(CATALOGUE.glob("*.md")):
        for title, text in sections(path.read_text(encoding="utf-8")).items():
            found.append(_pair(f"{path.stem}: {title}", text))
    return found


def _pair(name: str, text: str) -> Pair:
    changes = [fence.text for fence in fences(text) if fence.language == "diff"]
    if not changes:
        raise ValueError(f"{name}: no diff makes a guilty twin")
    return Pair(name, _only(name, text), _only(name, _changed(name, text, changes)))


def _only(name: str, text: str) -> Example:
    found = examples(text)
    if len(found) != 1:
        raise ValueError(f"{name}: {len(found)} programs instead of one")
    return found[0]


def _changed(name: str, text: str, changes: list[str]) -> str:
    lines = text.splitlines()
    for change in changes:
        for old, new in _blocks(change):
            starts = [at for at in range(len(lines)) if lines[at : at + len(old)] == old]
            if len(starts) != 1:
                raise ValueError(f"{name}: {old[0]!r} stands {len(starts)} times in the program")
            lines[starts[0] : starts[0] + len(old)] = new
    return "\n".join(lines)


def _blocks(change: str) -> list[tuple[list[str], list[str]]]:
    blocks: list[tuple[list[str], list[str]]] = []
    for line in change.splitlines():
        if line.startswith("-"):
            if not blocks or blocks[-1][1]:
                blocks.append(([], []))
            blocks[-1][0].append(line[1:])
        elif line.startswith("+"):
            blocks[-1][1].append(line[1:])
    return blocks
