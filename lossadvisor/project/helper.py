"""A process beside this one that makes a share of the indexes."""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from lossadvisor.project.index import build_index
from lossadvisor.project.packed import Row, pack
from lossadvisor.source import Document

Wanted = Callable[[Document], bool]


class Helper:
    """One process and the documents, by position, that are its share. `reached` is the last one heard of."""

    def __init__(self, documents: Sequence[Document], share: range, wanted: Wanted) -> None:
        self.share = share
        self.reached = -1
        self._batches: SimpleQueue[list[Row] | None] = SimpleQueue()
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

    def more(self) -> list[Row] | None:
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


def _row(document: Document, position: int, wanted: Wanted) -> Row:
    packed = pack(build_index(document)) if document.kind in ("python", "stub") and wanted(document) else None
    return position, not document.cells and not document.problems, packed
