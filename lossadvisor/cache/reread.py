"""The documents of a run that was not made: read again one by one when a reporter shows some of their lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lossadvisor.source import Document, ReadError, load
from lossadvisor.source.discovery import Found


class Reread(Mapping[str, Document]):
    """Documents by reported name. `size_limit` is in bytes; a file that has vanished meanwhile is no key."""

    def __init__(self, files: Iterable[Found], size_limit: int) -> None:
        self._files = {file.filename: file for file in files}
        self._limit = size_limit
        self._documents: dict[str, Document] = {}

    def __getitem__(self, name: str) -> Document:
        found = self._documents.get(name)
        if found is None:
            file = self._files[name]
            try:
                found = self._documents[name] = load(file.path, file.filename, self._limit)
            except ReadError:
                raise KeyError(name) from None
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
