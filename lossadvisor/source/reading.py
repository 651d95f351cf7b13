"""From a file, or a text with a name, to a document."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lossadvisor.source.decoding import decode
from lossadvisor.source.document import Document
from lossadvisor.source.joining import join
from lossadvisor.source.markdown import fences
from lossadvisor.source.notebook import NotebookError, code_cells, unreadable
from lossadvisor.source.parts import Kind, SyntaxProblem

DEFAULT_SIZE_LIMIT = 5_000_000  # bytes
KINDS: dict[str, Kind] = {".py": "python", ".pyi": "stub", ".ipynb": "notebook", ".md": "markdown"}


class ReadError(Exception):
    """A file that cannot be had at all (missing, forbidden, too large); the message is one line for a person."""


def load(path: Path, filename: str, size_limit: int = DEFAULT_SIZE_LIMIT) -> Document:
    """Read and decode a file. `size_limit` is in bytes. Raises ReadError."""
    try:
        with open(path, "rb") as file:
            data = file.read(size_limit + 1)
    except OSError as error:
        raise ReadError(f"{filename}: {error.strerror or error}") from None
    if len(data) > size_limit:
        size = f"{os.stat(path).st_size:,} bytes, above the limit of {size_limit:,} bytes"
        raise ReadError(f"{filename}: not analysed: {size} (raise max-file-size or exclude the file)")
    return load_bytes(data, filename, path)


def load_bytes(data: bytes, filename: str, path: Path) -> Document:
    """A document of the bytes of a file (from standard input, for one); the name decides its kind."""
    text, problems = decode(data)
    return _document(text, filename, path, problems)


def load_text(text: str, filename: str, path: Path | None = None) -> Document:
    """A document of a text that is already there (an editor's buffer); the name decides its kind."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _document(text.removeprefix("\ufeff"), filename, path or Path(filename).absolute(), ())


def _document(text: str, filename: str, path: Path, problems: tuple[SyntaxProblem, ...]) -> Document:
    kind = KINDS.get(os.path.splitext(filename)[1].lower(), "python")
    if kind in {"python", "stub"}:
        return Document(filename, path, text, kind, (), problems)
    if any(problem.kind == "unreadable" for problem in problems) and not text:
        return Document(filename, path, "", kind, (), problems)
    parts: Iterable[tuple[int, str]] = fences(text) if kind == "markdown" else code_cells(text)
    try:
        joined, cells = join(parts)
    except NotebookError as error:
        return Document(filename, path, "", kind, (), (*problems, unreadable(error)))
    return Document(filename, path, joined, kind, cells, () if kind == "markdown" else problems)
