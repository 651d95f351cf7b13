"""Reading what whoever wrote the repository may have put in place of a small file: a device, a pipe, something huge."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

SMALL = 10_000_000
"""More bytes than a file of settings ever has."""


def read(path: str | Path, limit: int = SMALL, *, links: bool = True) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; with `links`, a symbolic link may lead to it.

    Raises OSError for everything else, without waiting for whoever may write into a pipe.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags if links else flags | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit:,} bytes")
    return data
