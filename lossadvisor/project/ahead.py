"""Indexes made ahead, by processes beside this one.

An index depends on nothing but its file, and so does the question whether the file parses: whoever works that out
finds the same. This process begins with the first documents; each helper takes a later share of them, in order, and
sends what it has made. What no helper has sent is made here, so a helper that dies costs time and nothing else.

Helpers are forked, which costs nothing because they have all documents already; where there is no fork, or threads are
running that would not survive it, there are no helpers. They leave when this process does, however it ends.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from lossadvisor.project.index import ModuleIndex
from lossadvisor.project.packed import Packed, Row, unpack
from lossadvisor.source import Document

if TYPE_CHECKING:
    from lossadvisor.project.helper import Helper

LEAST = 2_000_000
"""Characters of a project for which it is worth starting a process."""

_SOON = 64
"""Documents: what is so far behind the last one heard of is made sooner than waited for."""

Wanted = Callable[[Document], bool]


class Ahead:
    """The indexes of `documents` as they come from `jobs` - 1 helpers. `wanted` says which will be asked for.

    Use as a context manager: at its end the helpers are gone.
    """

    def __init__(self, documents: Sequence[Document], jobs: int, wanted: Wanted) -> None:
        self._documents = documents
        self._positions = {document: position for position, document in enumerate(documents)}
        shares = _shares(documents, jobs) if _worth(documents, jobs) else []
        self._helpers = _helpers(documents, shares[1:], wanted)
        for helper in self._helpers:
            helper.listen()  # threads only when all processes are there: no process is forked beside a thread
        self._rows: dict[int, Packed] = {}

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *error: object) -> None:
        for helper in self._helpers:
            helper.end()

    def index(self, document: Document) -> ModuleIndex | None:
        """The index that a helper made or is about to make; None when none does, or not soon."""
        position = self._positions.get(document)
        helper = next((one for one in self._helpers if position in one.share), None)
        if position is None or helper is None:
            return None
        while helper.sent() or helper.reached < position <= helper.reached + _SOON:
            rows = helper.more()
            if rows is None:
                break
            self._take(rows)
        packed = self._rows.pop(position, None)
        return None if packed is None else unpack(packed, document)

    def finish(self) -> None:
        """Wait for what the helpers still have to say about texts that parse."""
        for helper in self._helpers:
            while (rows := helper.more()) is not None:
                self._take(rows)

    def _take(self, rows: Iterable[Row]) -> None:
        for position, sound, packed in rows:
            if sound:
                self._documents[position].vouch()
            if packed is not None:
                self._rows[position] = packed


def _helpers(documents: Sequence[Document], shares: Sequence[range], wanted: Wanted) -> list[Helper]:
    if not shares:
        return []
    from lossadvisor.project.helper import Helper  # a small project has none, and does without queues and signals

    return [Helper(documents, share, wanted) for share in shares]


def _worth(documents: Sequence[Document], jobs: int) -> bool:
    return jobs > 1 and possible() and sum(len(one.raw) for one in documents) >= LEAST


def possible() -> bool:
    """Whether a process can be forked: threads would not survive it."""
    return hasattr(os, "fork") and threading.active_count() == 1


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_OWN = 0.5  # of a helper's share is that of this process: it has all texts to cut into words meanwhile


def _shares(documents: Sequence[Document], jobs: int) -> list[range]:
    """A stretch of the documents for each process, this one's first: characters, in the proportions of the work."""
    total = sum(len(document.raw) for document in documents)
    ends, passed = [0], 0
    for position, document in enumerate(documents):
        passed += len(document.raw)
        if passed * (jobs - 1 + _OWN) >= total * (len(ends) - 1 + _OWN):
            ends.append(position + 1)
    ends[-1] = len(documents)
    return [range(first, last) for first, last in pairwise(ends)]
