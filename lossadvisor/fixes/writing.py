"""Files replaced whole: a temporary file beside the old one, then a rename."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


class WriteError(Exception):
    """A file that cannot or must not be written; the message is one line without the name of the file."""


def target(path: Path, root: Path) -> Path:
    """The file that a path leads to. Raises WriteError when a symlink leads out of `root`, or it cannot be written."""
    real = Path(os.path.realpath(path))
    folder = Path(os.path.realpath(root))
    lexical = Path(os.path.normpath(path))
    outside = real != folder and folder not in real.parents
    named = lexical != Path(os.path.normpath(root)) and Path(os.path.normpath(root)) not in lexical.parents
    if outside and not (named and real == lexical):
        raise WriteError("a symlink leads out of the project: change the file where it is")
    try:
        mode = os.stat(real).st_mode
    except OSError as error:
        raise WriteError(error.strerror or str(error)) from None
    if not stat.S_ISREG(mode):
        raise WriteError("no regular file")
    if not os.access(real, os.W_OK) or not mode & 0o222:
        raise WriteError("the file is read-only")
    return real


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """Write all files. A kill at any moment leaves each of them old or new, whole; the mode stays.

    All temporary files are written before the first rename, so that a full disk changes nothing. Raises WriteError.
    """
    written: list[tuple[str, Path]] = []
    try:
        for path, content in contents.items():
            written.append((_temporary(path, content), path))
        while written:
            os.replace(*written[0])
            written.pop(0)
    except OSError as error:
        raise WriteError(f"{error.filename2 or error.filename or 'file'}: {error.strerror or error}") from None
    finally:
        for name, _ in written:
            with suppress(OSError):
                os.unlink(name)


def _temporary(path: Path, content: bytes) -> str:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, stat.S_IMODE(os.stat(path).st_mode))
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return name
