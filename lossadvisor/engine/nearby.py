"""The files that have to do with a few others: what they import, and what imports them; the nearest first.

An editor wants an answer about the open file at once. What is near decides most findings; the whole project has the
last word.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lossadvisor.patterns import pattern
from lossadvisor.source import Document

if TYPE_CHECKING:
    from lossadvisor.project import Project

MOST = 60
"""Files that count as near; a project that is no larger is near as a whole."""

_IMPORT = pattern(
    r"^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n#]*)"
    r"|import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)
_NAME = pattern(r"[A-Za-z_]\w*")


def nearby(given: Mapping[str, Document], around: Mapping[str, Document]) -> dict[str, Document]:
    """The documents of `around` that are at most a few imports away from those that are given, by reported name."""
    if len(around) <= MOST:
        return dict(around)
    from lossadvisor.project import Project  # costs the import of libcst, which `check` may not need

    project = Project((*given.values(), *around.values()))
    waiting = deque(given.values())
    for document in given.values():
        waiting.extend(_importers(project, document, around))
    found: dict[str, Document] = {}
    seen: set[str] = set()
    while waiting and len(found) < MOST:
        document = waiting.popleft()
        if document.filename in seen:
            continue
        seen.add(document.filename)
        if document.filename in around:
            found[document.filename] = document
        waiting.extend(_imported(project, document))
    return found


def _importers(project: Project, wanted: Document, around: Mapping[str, Document]) -> Iterator[Document]:
    word = wanted.path.parent.name if wanted.path.stem == "__init__" else wanted.path.stem
    for document in around.values():
        if word in document.raw and any(one is wanted for one in _imported(project, document)):
            yield document


def _imported(project: Project, document: Document) -> Iterator[Document]:
    """The documents that the import statements of a document name."""
    for found in _IMPORT.finditer(document.raw):
        if found["modules"]:
            for part in found["modules"].split(","):
                target = project.resolve(document, part.split()[0], 0) if part.split() else None
                if isinstance(target, Document):
                    yield target
            continue
        module = project.resolve(document, found["module"], len(found["dots"]))
        if module is None:
            continue
        if isinstance(module, Document):
            yield module
        for name in _NAME.findall(found["names"]):
            child = project.child(module, name)
            if isinstance(child, Document):
                yield child
