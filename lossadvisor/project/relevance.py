"""Which definitions can have to do with a loss: those that name one, and transitively those that name these.

Work is done on demand: a file that names no loss, no activation and no such definition is never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lossadvisor.project.index import ModuleIndex, Statement
    from lossadvisor.project.project import Project
    from lossadvisor.source.document import Document

_WORD = re.compile(r"[A-Za-z_]\w*")

# Names too common to lead from a definition to its users.
_GENERIC = frozenset({"main", "forward", "train", "test", "run", "step", "get", "init", "setup", "update", "__init__"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A top-level statement of a module: what a root evaluation starts from. `depth` counts hops from a loss."""

    document: Document
    index: ModuleIndex
    statement: Statement
    depth: int


def relevant(project: Project, seeds: re.Pattern[str], max_depth: int = 6) -> list[Unit]:
    """The units that name a seed, and those that name these units' definitions, callers last in depth."""
    words: dict[Document, frozenset[str]] = {}
    frontier: set[str] = set()
    found: dict[Statement, Unit] = {}
    seeded = [document for document in project.documents if seeds.search(document.raw)]
    for document in seeded:
        index = project.index(document)
        for statement in index.statements:
            if seeds.search(_text(statement)):
                found[statement] = Unit(document, index, statement, 0)
                frontier |= _names(statement)
    stems = {document.path.stem if document.path.stem != "__init__" else document.path.parent.name
             for document in seeded}
    seen_names: set[str] = set()
    for depth in range(1, max_depth + 1):
        frontier -= seen_names
        if not frontier:
            break
        seen_names |= frontier
        fresh: set[str] = set()
        for document in project.documents:
            have = words.get(document)
            if have is None:
                have = words[document] = frozenset(_WORD.findall(document.raw))
            hits = frontier & have
            if not hits or (hits <= _GENERIC and not (stems & have)):
                continue
            index = project.index(document)
            pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(hits))) + r")\b")
            for statement in index.statements:
                if statement not in found and not statement.imports and pattern.search(_text(statement)):
                    found[statement] = Unit(document, index, statement, depth)
                    fresh |= _names(statement)
                    stems.add(document.path.stem)
        frontier = fresh
    return list(found.values())


def _names(statement: Statement) -> set[str]:
    if statement.definitions:
        return {definition.name for definition in statement.definitions}
    return set() if statement.imports else set(statement.binds[:8]) - {"i", "x", "_", "loss", "model", "args", "data"}


def _text(statement: Statement) -> str:
    fragment = statement.fragment
    return "\n".join(fragment.document.lines()[fragment.first_row - 1 : fragment.last_row])


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern that matches any of the names as a word."""
    return re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, set(names)), key=len, reverse=True)) + r")\b")


def words(text: str) -> Iterator[str]:
    """The identifiers of a text."""
    for match in _WORD.finditer(text):
        yield match.group()
