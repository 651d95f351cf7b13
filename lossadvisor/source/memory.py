"""The memory that a process may still take, where the system limits it (`ulimit`, or `limit` below).

The parser of libcst is native code that ends the process when it gets no memory; so a text is refused before, when the
tree that it makes could not fit.
"""

from __future__ import annotations

import os

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

DEFAULT_LIMIT = 4_096  # megabytes
_MEGABYTE = 1 << 20
# Bytes of tree for each byte of text, measured on lists of one-digit numbers, which need most (8 000 of them: 35 MB).
_TREE = 2_000
_RESERVE = 16 * _MEGABYTE  # what must be left for everything but the tree
_FAR = 256 * _MEGABYTE  # so far from the limit a glance is enough


class TooLarge(MemoryError):
    """A text whose tree would not fit; the message is one line for a person."""

    def __init__(self, filename: str, row: int, size: int) -> None:
        need = size * _TREE // _MEGABYTE
        super().__init__(
            f"{filename}: not analysed: a statement of {size:,} characters in row {row} would need some {need:,} MB"
            " of memory (raise max-memory or exclude the file)"
        )
        self.filename = filename


def limit(megabytes: int) -> None:
    """Let this process have so much memory for its data and no more; 0 leaves it as it is. Never raises a limit."""
    if resource is None or megabytes == 0:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes * _MEGABYTE
    if soft == resource.RLIM_INFINITY or wanted < soft:
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def claim(text: str, filename: str, row: int) -> None:
    """Make sure that the tree of `text` fits into what is left of the limit.

    Raises TooLarge when the text is to blame, MemoryError when hardly anything is left.
    """
    if resource is None:
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if soft == resource.RLIM_INFINITY:
        return
    need = len(text) * _TREE
    if _most() + need + _FAR < soft or _taken() + need + _RESERVE < soft:
        return
    if need > _RESERVE:
        raise TooLarge(filename, row, len(text))
    raise MemoryError


def _most() -> int:
    """The most bytes that the process ever had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _taken() -> int:
    """Bytes of data that the process has now; the most that it ever had where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return _most()
