"""A bar that shows how far a long run is, to somebody who watches."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TextIO

_PATIENCE = 1.0  # seconds before anything is shown: most runs are over by then
_PAUSE = 0.1  # seconds between two pictures
_WIDTH = 30  # columns
_CLEAR = "\r\x1b[2K"


class Bar:
    """Draws on a terminal only, and leaves no trace. Use as a context manager; call it with the progress."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._watched = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._due = clock() + _PATIENCE
        self._drawn = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._drawn:
            self._stream.write(_CLEAR)
            self._stream.flush()

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` steps have been made."""
        if not self._watched or not total or self._clock() < self._due:
            return
        self._due = self._clock() + _PAUSE
        self._drawn = True
        full = _WIDTH * done // total
        self._stream.write(f"{_CLEAR}checking [{'#' * full}{' ' * (_WIDTH - full)}] {100 * done // total:3}%")
        self._stream.flush()
