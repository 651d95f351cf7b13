"""Whole runs: what was found is found again while everything it was made from is the same.

An entry is named by the question (paths, settings, baseline, this program, this Python) and lists every file the answer
was made from. A file counts as unchanged when size, times and inode are those of the entry; where they are not, or
where the file was touched so shortly before the run that a later change could have left them equal, its bytes decide.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lossadvisor.cache.codec import CodecError, decode, encode
from lossadvisor.cache.folder import NAME, Store
from lossadvisor.cache.outcome import Outcome
from lossadvisor.config import Settings
from lossadvisor.findings import Severity
from lossadvisor.late import dataclass
from lossadvisor.source import Document, regular
from lossadvisor.source.discovery import Found
from lossadvisor.source.hashing import blake2b
from lossadvisor.source.reading import digest, listing

_FORMAT = 2
_LARGEST = 500_000_000  # bytes of a file that an answer was made from
_FRESH = 2_000_000_000  # nanoseconds; the coarsest file times that are in use
_PACKAGE = Path(__file__).resolve().parent.parent

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Row:
    """One file of an entry. `sound` says that its text parses as it is."""

    path: str
    given: bool
    stamp: Stamp
    digest: str
    sound: bool


class Memory:
    """The cached answer to one question: ask with `recall` before any file is read, answer with `keep`."""

    def __init__(self, paths: Sequence[str], settings: Settings, cwd: Path) -> None:
        self._started = time.time_ns()
        usual = settings.root / NAME
        self._store = Store(settings.cache_dir or usual, settings.cache_dir is None and usual.is_symlink())
        self._key = _key(paths, settings, cwd)
        self._stamps: dict[str, Stamp] = {}
        self._sound: frozenset[str] = frozenset()

    def recall(self, given: Iterable[Found], around: Iterable[Found]) -> Outcome | None:
        """What the same question found the last time, when no file has changed since."""
        files = [(str(file.path), mine) for group, mine in ((given, True), (around, False)) for file in group]
        self._stamps = dict(_stamps(path for path, _ in files))
        entry = self._entry()
        if entry is None:
            return None
        made, rows, also, outcome = entry
        self._sound = frozenset(row.digest for row in rows if row.sound)
        if [(row.path, row.given) for row in rows] != files:
            return None
        if any(sha != _digest_of(path) for path, sha in also.items()):
            return None
        doubtful = [row for row in rows if row.stamp != self._stamps.get(row.path) or _fresh(row.stamp, made)]
        if any(row.digest != _digest_of(row.path) for row in doubtful):
            return None
        try:
            found = decode(outcome)
            if not isinstance(found, list) or len(found) != 3:
                return None
            if any(not _fresh(self._stamps[row.path], self._started) for row in doubtful):
                self._write([replace(row, stamp=self._stamps[row.path]) for row in rows], also, outcome)
            return Outcome(*found)
        except (CodecError, KeyError):
            return None

    def vouch(self, documents: Iterable[Document]) -> None:
        """Spare the syntax check of plain files whose very bytes have passed it before."""
        if self._sound:
            for document in documents:
                if not document.cells and document.digest.hex() in self._sound:
                    document.vouch()

    def keep(
        self, given: Iterable[Document], around: Iterable[Document], outcome: Outcome, also: Mapping[str, str]
    ) -> None:
        """Remember what was found. A file that vanished or changed on the way makes a miss of it the next time.

        `also` are further files that the answer rests on, by path, with their digests (empty: no file).
        """
        rows: list[_Row] = []
        for documents, mine in ((given, True), (around, False)):
            for document in documents:
                stamp = self._stamps.get(str(document.path))
                if stamp is None or not document.digest:
                    return
                sound = mine and not document.cells and not document.problems
                rows.append(_Row(str(document.path), mine, stamp, document.digest.hex(), sound))
        try:
            form = encode([outcome.report, outcome.notices, outcome.suppressed])
            if decode(form) == [outcome.report, outcome.notices, outcome.suppressed]:
                self._write(rows, also, form)
        except CodecError:
            return  # a finding carries something that JSON cannot: such runs are made anew

    def _write(self, rows: Sequence[_Row], also: Mapping[str, str], outcome: object) -> None:
        content = {
            "key": self._key,
            "made": self._started,
            "files": [[row.path, row.given, *row.stamp, row.digest, row.sound] for row in rows],
            "also": dict(also),
            "outcome": outcome,
        }
        try:
            body = json.dumps(content, separators=(",", ":")).encode("utf-8", "surrogatepass")
        except (TypeError, ValueError, RecursionError):
            return
        self._store.write(self._key, body)

    def _entry(self) -> tuple[int, list[_Row], dict[str, str], object] | None:
        body = self._store.read(self._key)
        if body is None:
            return None
        try:
            content: Any = json.loads(body.decode("utf-8", "surrogatepass"))
            rows = [_Row(path, mine, (a, b, c, d), sha, ok) for path, mine, a, b, c, d, sha, ok in content["files"]]
            also = {str(path): str(sha) for path, sha in content["also"].items()}
            return int(content["made"]), rows, also, content["outcome"] if content["key"] == self._key else None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def _key(paths: Sequence[str], settings: Settings, cwd: Path) -> str:
    """The name of the question. How a report is shown, and what makes the run fail, is no part of it."""
    asked = replace(
        settings, output_format="full", fail_on=Severity.NOTE, jobs=0, cache=True, cache_dir=None, source=None
    )
    baseline = "" if settings.baseline is None else _digest_of(str(settings.baseline))
    question = (_FORMAT, _program(), sys.version, sys.flags.optimize, list(paths), str(cwd), asked, baseline)
    return blake2b(repr(question).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _program() -> str:
    """This very program: names, sizes and times of its modules and of the rule documents."""
    rules = next((folder for folder in (_PACKAGE / "rules", _PACKAGE.parent / "rules") if folder.is_dir()), None)
    content = hash_of(_stats(str(_PACKAGE), (".py", ".md")))
    return content + (hash_of(_stats(str(rules), (".md",))) if rules is not None else "")


def hash_of(rows: Iterable[tuple[str, int, int]]) -> str:
    """One digest for the names, sizes and times of files in any order."""
    return blake2b(repr(sorted(rows)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _stats(folder: str, suffixes: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _stats(entry.path, suffixes)
            elif entry.name.endswith(suffixes):
                stat = entry.stat()
                yield entry.path, stat.st_size, stat.st_mtime_ns


def _stamps(paths: Iterable[str]) -> Iterator[tuple[str, Stamp]]:
    for path in paths:
        try:
            stat = os.stat(path)
        except OSError:
            continue
        yield path, (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


def _fresh(stamp: Stamp, at: int) -> bool:
    """Whether a change after `at` could have left the times as they are."""
    return max(stamp[1], stamp[2]) > at - _FRESH


def _digest_of(path: str) -> str:
    try:
        if path.endswith(os.sep):
            return listing(sorted(os.listdir(path)))
        return digest(regular.read(path, _LARGEST)).hex()
    except OSError:
        return ""
