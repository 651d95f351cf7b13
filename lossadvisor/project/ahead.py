"""Indexes made ahead, by processes beside this one.

An index depends on nothing but its file, and so does the question whether the file parses: whoever works that out
finds the same. This process begins with the first documents; each helper takes a later share of them, in order, and
sends what it has made. What no helper has sent is made here, so a helper that dies costs time and nothing else.

Helpers are forked, which costs nothing because they have all documents already; where there is no fork, or threads are
running that would not survive it, there are no helpers. They leave when this process does, however it ends.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from lossadvisor.project.index import ModuleIndex, build_index
from lossadvisor.project.packed import Packed, pack, unpack
from lossadvisor.source import Document

LEAST = 2_000_000
"""Characters of a project for which it is worth starting a process."""

Wanted = Callable[[Document], bool]
_Row = tuple[int, bool, Packed | None]  # position of a document, whether its text parses as it is, its index


class Ahead:
    """The indexes of `documents` as they come from `jobs` - 1 helpers. `wanted` says which will be asked for.

    Use as a context manager: at its end the helpers are gone.
    """

    def __init__(self, documents: Sequence[Document], jobs: int, wanted: Wanted) -> None:
        self._documents = documents
        self._positions = {document: position for position, document in enumerate(documents)}
        shares = _shares(documents, jobs) if _worth(documents, jobs) else []
        self._helpers = [_Helper(documents, share, wanted) for share in shares[1:]]
        for helper in self._helpers:
            helper.listen()  # threads only when all processes are there: no process is forked beside a thread
        self._rows: dict[int, Packed] = {}

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *error: object) -> None:
        for helper in self._helpers:
            helper.end()

    def index(self, document: Document) -> ModuleIndex | None:
        """The index that a helper made or is about to make; None when none does."""
        position = self._positions.get(document)
        helper = next((one for one in self._helpers if position in one.share), None)
        if position is None or helper is None:
            return None
        while helper.reached < position and (rows := helper.more()) is not None:
            self._take(rows)
        packed = self._rows.pop(position, None)
        return None if packed is None else unpack(packed, document)

    def finish(self) -> None:
        """Wait for what the helpers still have to say about texts that parse."""
        for helper in self._helpers:
            while (rows := helper.more()) is not None:
                self._take(rows)

    def _take(self, rows: Iterable[_Row]) -> None:
        for position, sound, packed in rows:
            if sound:
                self._documents[position].vouch()
            if packed is not None:
                self._rows[position] = packed


class _Helper:
    """One process and the documents, by position, that are its share. `reached` is the last one heard of."""

    def __init__(self, documents: Sequence[Document], share: range, wanted: Wanted) -> None:
        self.share = share
        self.reached = -1
        self._batches: queue.SimpleQueue[list[_Row] | None] = queue.SimpleQueue()
        reading, writing = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(reading)
            _help(documents, share, wanted, writing)
        os.close(writing)
        self._stream = os.fdopen(reading, "rb")

    def listen(self) -> None:
        """Take what comes from now on: a full pipe would stop the helper for as long as nobody asks."""
        threading.Thread(target=self._listen, daemon=True).start()

    def more(self) -> list[_Row] | None:
        """The next batch, or None when there will be no more."""
        rows = self._batches.get()
        if rows is None:
            self._batches.put(None)
            self.reached = self.share.stop
        else:
            self.reached = max(self.reached, rows[-1][0])
        return rows

    def end(self) -> None:
        """Stop the process and wait for its end."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._process, 0)

    def _listen(self) -> None:
        with self._stream, contextlib.suppress(EOFError, ValueError, TypeError, OSError):
            while True:
                self._batches.put(marshal.load(self._stream))
        self._batches.put(None)


_BATCH = 16  # documents; few, so that a helper whose reader has gone notices soon


def _help(documents: Sequence[Document], share: range, wanted: Wanted, writing: int) -> None:
    """What a helper does, in a process of its own. Never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the reader is interrupted, too, and ends this process
    try:
        with os.fdopen(writing, "wb") as stream:
            for start in range(share.start, share.stop, _BATCH):
                rows = [_row(documents[at], at, wanted) for at in range(start, min(start + _BATCH, share.stop))]
                marshal.dump(rows, stream)
                stream.flush()
    finally:
        os._exit(0)


def _row(document: Document, position: int, wanted: Wanted) -> _Row:
    packed = pack(build_index(document)) if document.kind in ("python", "stub") and wanted(document) else None
    return position, not document.cells and not document.problems, packed


def _worth(documents: Sequence[Document], jobs: int) -> bool:
    alone = threading.active_count() == 1
    return jobs > 1 and alone and hasattr(os, "fork") and sum(len(one.raw) for one in documents) >= LEAST


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _shares(documents: Sequence[Document], jobs: int) -> list[range]:
    """As many stretches of the documents as there are processes, of about the same number of characters."""
    total = sum(len(document.raw) for document in documents)
    ends, passed = [0], 0
    for position, document in enumerate(documents):
        passed += len(document.raw)
        if passed * jobs >= total * len(ends):
            ends.append(position + 1)
    ends[-1] = len(documents)
    return [range(first, last) for first, last in pairwise(ends)]
