"""The folder of the cache: entries that are written whole or not at all, and read only when they are whole.

A cache is a convenience. A folder that cannot be written, a full disk, an entry that was cut off or belongs to another
version are no errors: the entry is not there, and the run does its work.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from lossadvisor.late import dataclass
from lossadvisor.source import regular
from lossadvisor.source.hashing import blake2b

NAME = ".lossadvisor_cache"
_TAG = "CACHEDIR.TAG"
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55"  # bford.info/cachedir
_TAG_TEXT = f"{_SIGNATURE}\n# Results of lossadvisor. They may be deleted at any time: `lossadvisor clean`.\n"
_SUFFIX = ".run"
_UNFINISHED = ".part"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_LARGEST = 500_000_000  # bytes of an entry
_DIGEST = 32  # hexadecimal digits before the body of an entry
MOST = 64
"""Entries kept in one folder; the ones unused for the longest time make room."""


@dataclass(frozen=True, slots=True)
class Store:
    """Entries by key below one folder. No method raises for what is wrong with the folder.

    A `planted` folder came with the repository as a link to somewhere else: nothing is read or written there.
    """

    folder: Path
    planted: bool = False

    def read(self, key: str) -> bytes | None:
        """The body of an entry, or None when there is none or it is damaged."""
        if self.planted:
            return None
        try:
            data = regular.read(self._path(key), _LARGEST, links=False)
        except OSError:
            return None
        body = data[_DIGEST:]
        return body if data[:_DIGEST] == _seal(body) else None

    def write(self, key: str, body: bytes) -> bool:
        """Put an entry in the place of an older one, in one step; whether that worked."""
        if self.planted:
            return False
        try:
            self._prepare()
            name = self.folder / f"{key[:16]}{os.urandom(8).hex()}{_UNFINISHED}"
            handle = os.open(name, _NEW, 0o600)
        except OSError:
            return False
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_seal(body) + body)
            os.replace(name, self._path(key))
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name)
            return False
        self._make_room()
        return True

    def _path(self, key: str) -> Path:
        return self.folder / (key + _SUFFIX)

    def _prepare(self) -> None:
        """The folder with the two files that keep it out of git and of backups."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), (_TAG, _TAG_TEXT)):
            try:
                handle = os.open(self.folder / name, _NEW, 0o666)
            except FileExistsError:  # a link counts as there, wherever it leads
                continue
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)

    def _make_room(self) -> None:
        try:
            entries = [entry for entry in os.scandir(self.folder) if entry.name.endswith((_SUFFIX, _UNFINISHED))]
            if len(entries) > MOST:
                for entry in sorted(entries, key=lambda entry: entry.stat().st_mtime_ns)[: len(entries) - MOST]:
                    os.unlink(entry.path)
        except OSError:
            return  # another run makes room at the same time


def _seal(body: bytes) -> bytes:
    return blake2b(body, digest_size=_DIGEST // 2).hexdigest().encode("ascii")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many entries of how many bytes were deleted, and what could not be."""

    entries: int
    size: int
    left: tuple[str, ...]


def clean(folder: Path) -> Cleaned | None:
    """Delete a cache folder; None when there is none. A folder without our mark in it is not touched.

    Only files that the cache itself writes are deleted, so that a wrong `--cache-dir` costs nobody their work.
    """
    try:
        if not regular.read(folder / _TAG, links=False).startswith(_SIGNATURE.encode()):
            return None
        entries = list(os.scandir(folder))
    except OSError:
        return None
    number = size = 0
    left: list[str] = []
    for entry in entries:
        ours = entry.name.endswith((_SUFFIX, _UNFINISHED))
        if not ours and entry.name not in {_TAG, ".gitignore"}:
            left.append(f"{entry.path}: not written by lossadvisor")
            continue
        try:
            bytes_ = entry.stat().st_size
            os.unlink(entry.path)
        except OSError as error:
            left.append(f"{entry.path}: {error.strerror or error}")
            continue
        number, size = (number + 1, size + bytes_) if ours else (number, size)
    if not left:
        with contextlib.suppress(OSError):
            folder.rmdir()
    return Cleaned(number, size, tuple(left))
