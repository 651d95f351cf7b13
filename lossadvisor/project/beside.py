"""A process beside this one: forked, so that it has everything this one has, and sending what it makes of it.

It ignores the keyboard's interrupt, which reaches this process, too, and is ended by this one or, when this one is gone
however it went, by itself.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any


class Beside:
    """One process by its number, and what it sends: values that `marshal` can write, one by one."""

    def __init__(self, work: Callable[[], Iterable[Any]]) -> None:
        """`work` runs in the process. What it raises, memory among it, ends the process and nothing else."""
        self._sent: SimpleQueue[Any] = SimpleQueue()
        self._thread: threading.Thread | None = None
        reading, writing = os.pipe()
        parent = os.getpid()
        self.number = os.fork()
        if not self.number:
            os.close(reading)
            _run(work, writing, parent)
        os.close(writing)
        self._stream = os.fdopen(reading, "rb")

    def listen(self) -> None:
        """Take what comes from now on: a full pipe would stop the process for as long as nobody asks."""
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def sent(self) -> bool:
        """Whether the next value is there already, so that nobody waits for it."""
        return not self._sent.empty()

    def more(self) -> Any:
        """The next value; None when there will be no more."""
        value = self._sent.get()
        if value is None:
            self._sent.put(None)
        return value

    def end(self) -> None:
        """Stop the process and wait for its end."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.number, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.number, 0)
        if self._thread is not None:
            self._thread.join()

    def _listen(self) -> None:
        with self._stream, contextlib.suppress(EOFError, ValueError, TypeError, OSError):
            while True:
                self._sent.put(marshal.load(self._stream))
        self._sent.put(None)


_LOOK = 1.0  # seconds between two looks at whether the parent is still there


def _run(work: Callable[[], Iterable[Any]], writing: int, parent: int) -> None:
    """What the process does. Never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave_with(parent)
    try:
        with os.fdopen(writing, "wb") as stream:
            for value in work():
                marshal.dump(value, stream)
                stream.flush()
    finally:
        os._exit(0)


def _leave_with(parent: int) -> None:
    """End this process soon after its parent is gone, whatever it is doing."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)
