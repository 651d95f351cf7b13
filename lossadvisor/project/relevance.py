"""Which definitions can have to do with a loss: those that name one, and transitively those that name these.

Work is done on demand: a file that names no loss, no activation and no such definition is never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lossadvisor.project.index import ModuleIndex, Statement
    from lossadvisor.project.project import Project
    from lossadvisor.source.document import Document

_WORD = re.compile(r"[A-Za-z_]\w*")

@dataclass(frozen=True, slots=True)
class Unit:
    """A top-level statement of a module: what a root evaluation starts from. `depth` counts hops from a loss."""

    document: Document
    index: ModuleIndex
    statement: Statement
    depth: int


def relevant(
    project: Project, losses: re.Pattern[str], activations: re.Pattern[str], max_depth: int = 6
) -> list[Unit]:
    """The units that name a loss or an activation, and those that name the definitions of units that name a loss.

    A file counts as a user of a definition only when it also names the module (or its package) that holds it.
    """
    found: dict[Statement, Unit] = {}
    quiet: set[Statement] = set()  # found for an activation alone: who names them has not been asked yet
    frontier: dict[str, set[str]] = {}
    for document in project.documents:
        has_loss = losses.search(document.raw) is not None
        if not has_loss and activations.search(document.raw) is None:
            continue
        index = project.index(document)
        for statement in index.statements:
            text = _text(statement)
            if has_loss and losses.search(text):
                found[statement] = Unit(document, index, statement, 0)
                _add(frontier, _names(statement), document)
                _add_registries(frontier, index, statement)
            elif activations.search(text):
                found[statement] = Unit(document, index, statement, 0)
                quiet.add(statement)
    words: dict[Document, frozenset[str]] = {}
    seen: set[tuple[str, str]] = set()
    for depth in range(1, max_depth + 1):
        fresh = {name: {s for s in stems if (name, s) not in seen} for name, stems in frontier.items()}
        seen |= {(name, stem) for name, stems in fresh.items() for stem in stems}
        fresh = {name: stems for name, stems in fresh.items() if stems}
        if not fresh:
            break
        frontier = {}
        for document in project.documents:
            have = words.get(document)
            if have is None:
                have = words[document] = frozenset(_WORD.findall(document.raw))
            own = _stem(document)
            hits = [name for name in fresh if name in have and any(s == own or s in have for s in fresh[name])]
            if hits:
                _spread(project, document, hits, depth, found, quiet, frontier)
    return list(found.values())


def _spread(
    project: Project, document: Document, hits: list[str], depth: int, found: dict[Statement, Unit],
    quiet: set[Statement], frontier: dict[str, set[str]],
) -> None:
    index = project.index(document)
    mentions = pattern(hits)
    for statement in index.statements:
        fresh = statement not in found or statement in quiet
        if fresh and not statement.imports and mentions.search(_text(statement)):
            found.setdefault(statement, Unit(document, index, statement, depth))
            quiet.discard(statement)
            _add(frontier, _names(statement), document)
            _add_registries(frontier, index, statement)


def _add_registries(frontier: dict[str, set[str]], index: ModuleIndex, statement: Statement) -> None:
    """A class registered by a decorator is used by those who name the registry, not the class."""
    for definition in statement.definitions:
        for text in definition.decorators:
            head = _WORD.match(text)
            for binder in index.binders.get(head.group(), ()) if head else ():
                for binding in binder.imports:
                    if binding.name == head.group():  # type: ignore[union-attr]
                        stem = binding.module.rsplit(".", 1)[-1] or _stem(index.document)
                        frontier.setdefault(binding.name, set()).add(stem)


def _add(frontier: dict[str, set[str]], names: set[str], document: Document) -> None:
    for name in names:
        frontier.setdefault(name, set()).add(_stem(document))


def _stem(document: Document) -> str:
    """The word by which an importer has to name the module: its own name, or its package's."""
    return document.path.parent.name if document.path.stem == "__init__" else document.path.stem


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
