"""Configuration files of the project, read when the code is seen to read them: YAML, JSON and Python.

A relative name is looked up from the folder of the file that names it upwards, as far as the project reaches: where
the program will be started is not known. Nothing outside of the project is read. Every look-up is remembered, so that
whoever keeps results can tell whether one of the files has changed since.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lossadvisor.patterns import pattern
from lossadvisor.source.reading import digest, listing

if TYPE_CHECKING:
    from lossadvisor.source.document import Document

LIMIT = 200_000  # bytes; what is larger holds data, not settings
SUFFIXES = (".yaml", ".yml", ".json")

PYTHON = ".py"
_READ = 300  # Python files beside those that were given, in which configurations are looked for
_ENTRIES = 6_000  # files and folders that are looked at for that
_OTHERS = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist"})

Data = bool | int | float | str | None | list["Data"] | dict[str, "Data"]


class DataFiles:
    """The configuration files of a project, by the path under which the code reads them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        folders = {str(document.path.parent) for document in documents}
        self._root = _top(os.path.commonpath(folders)) if folders and all(map(os.path.isabs, folders)) else None
        self._known: dict[str, Data | None] = {}
        self.seen: dict[str, str] = {}
        """What was looked for: the digest of its bytes in hexadecimal, empty where there is no such file."""

    def read(self, importer: Path, name: str) -> tuple[str, Data] | None:
        """The path and the content of the file that code in `importer` calls `name`; None when it cannot be had."""
        if not name.endswith(SUFFIXES) or "\0" in name:
            return None
        for path in self._candidates(importer, name):
            found = self._content(path)
            if found is not None:
                return path, found
        return None

    def source(self, importer: Path, name: str) -> tuple[str, str] | None:
        """The same for a Python file: its path and its text."""
        if not name.endswith(PYTHON) or "\0" in name:
            return None
        for path in self._candidates(importer, name):
            found = self._bytes(path)
            if found is not None:
                return path, found.decode("utf-8", "replace")
        return None

    def beside(self, known: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Path and text of the Python files of the project that are not `known`, settings alone: no definitions.

        Modules of packages are imported by those who want them; files of settings are read, and lie elsewhere.
        """
        pending = [self._root] if self._root is not None else []
        left, reads = _ENTRIES, _READ
        while pending and left > 0 and reads > 0:
            folder = pending.pop()
            entries = _entries(folder)
            self.seen[folder + os.sep] = listing(entries)
            left -= len(entries)
            package = "__init__.py" in entries
            for entry in entries:
                path = os.path.join(folder, entry)
                if entry.startswith(".") or entry in _OTHERS or path in known or os.path.islink(path):
                    continue
                if entry.endswith(PYTHON) and not package and reads > 0:
                    reads -= 1
                    text = (self._bytes(path) or b"").decode("utf-8", "replace")
                    if text and only_settings(text):
                        yield path, text
                elif "." not in entry and os.path.isdir(path):
                    pending.append(path)

    def _candidates(self, importer: Path, name: str) -> Iterator[str]:
        if self._root is None:
            return
        folder = str(importer.parent)
        if os.path.isabs(name):
            folder = self._root
        elif name.startswith(".."):  # the code itself says that it lies beside the checked folder
            path = os.path.normpath(os.path.join(folder, name))
            if path.startswith(os.path.dirname(self._root) + os.sep):
                yield path
        while True:
            path = os.path.normpath(os.path.join(folder, name))
            if path.startswith(self._root + os.sep):
                yield path
            if folder == self._root or not folder.startswith(self._root):
                return
            folder = os.path.dirname(folder)

    def _content(self, path: str) -> Data | None:
        if path not in self._known:
            self._known[path] = self._load(path)
        return self._known[path]

    def _load(self, path: str) -> Data | None:
        data = self._bytes(path)
        return None if data is None else _parsed(data, path)

    def _bytes(self, path: str) -> bytes | None:
        self.seen[path] = ""
        try:
            if os.path.islink(path) or os.path.getsize(path) > LIMIT:
                return None
            with open(path, "rb") as file:
                data = file.read(LIMIT + 1)
        except (OSError, ValueError):
            return None
        self.seen[path] = digest(data).hex()
        return data


_DEFINES = pattern(r"(?m)^(?:def|class|async def|if __name__)\b")


def only_settings(text: str) -> bool:
    """Whether a Python file defines nothing, so that all it can hold is values."""
    return _DEFINES.search(text) is None


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")


def _top(folder: str) -> str:
    """The top of the project: the nearest folder upwards that has a sign of one, else the folder itself."""
    here = folder
    for _ in range(4):
        if any(os.path.exists(os.path.join(here, mark)) for mark in _MARKS):
            return here
        here = os.path.dirname(here)
    return folder


def _parsed(data: bytes, path: str) -> Data | None:
    try:
        if path.endswith(".json"):
            import json

            found: Data = json.loads(data)
            return found
        from lossadvisor.project.yamls import load  # dear, and few projects need it

        loaded: Data = load(data)
        return loaded
    except (ValueError, RecursionError, MemoryError, ImportError):
        return None
    except Exception as error:  # errors of yaml, whose module may not be there to name them
        if type(error).__module__.startswith("yaml"):
            return None
        raise
