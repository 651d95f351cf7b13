"""From a file, or a text with a name, to a document."""

from __future__ import annotations

import os
from pathlib import Path

from lossadvisor.source.decoding import decode
from lossadvisor.source.document import Document
from lossadvisor.source.hashing import blake2b
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
    return load_bytes(data, filename, path, digest(data))


def digest(data: bytes) -> bytes:
    """What stands for the bytes of a file: 16 bytes, equal only for equal contents."""
    return blake2b(data, digest_size=16).digest()


def load_bytes(data: bytes, filename: str, path: Path, digest: bytes = b"") -> Document:
    """A document of the bytes of a file (from standard input, for one); the name decides its kind."""
    text, problems = decode(data)
    return _document(text, filename, path, problems, digest)


def load_text(text: str, filename: str, path: Path | None = None) -> Document:
    """A document of a text that is already there (an editor's buffer); the name decides its kind."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _document(text.removeprefix("\ufeff"), filename, path or Path(filename).absolute(), ())


def _document(
    text: str, filename: str, path: Path, problems: tuple[SyntaxProblem, ...], digest: bytes = b""
) -> Document:
    kind = KINDS.get(os.path.splitext(filename)[1].lower(), "python")
    if kind in {"python", "stub"}:
        return Document(filename, path, text, kind, (), problems, digest)
    if any(problem.kind == "unreadable" for problem in problems) and not text:
        return Document(filename, path, "", kind, (), problems, digest)
    if kind == "markdown":
        return _markdown(text, filename, path, digest)
    return _notebook(text, filename, path, problems, digest)


def _markdown(text: str, filename: str, path: Path, digest: bytes) -> Document:
    from lossadvisor.source.joining import join
    from lossadvisor.source.markdown import fences

    joined, cells = join(fences(text))
    return Document(filename, path, joined, "markdown", cells, (), digest)


def _notebook(
    text: str, filename: str, path: Path, problems: tuple[SyntaxProblem, ...], digest: bytes
) -> Document:
    from lossadvisor.source.joining import join
    from lossadvisor.source.notebook import NotebookError, code_cells, unreadable

    try:
        joined, cells = join(code_cells(text))
    except NotebookError as error:
        return Document(filename, path, "", "notebook", (), (*problems, unreadable(error)), digest)
    return Document(filename, path, joined, "notebook", cells, problems, digest)


def listing(names: list[str]) -> str:
    """What stands for the names of the files of a folder."""
    return digest("\n".join(names).encode("utf-8", "surrogatepass")).hex()
