"""Bytes to text as Python itself does it: byte order mark, PEP 263 cookie, else UTF-8."""

from __future__ import annotations

import codecs
import re

from lossadvisor.patterns import pattern
from lossadvisor.source.parts import SyntaxProblem

_COOKIE = pattern(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)


def decode(data: bytes) -> tuple[str, tuple[SyntaxProblem, ...]]:
    """The text with newlines as "\\n" and no byte order mark, and what was wrong with the bytes.

    Undecodable bytes become U+FFFD, so that what stands around them can still be analysed. Null bytes mean that this
    is no text: the result is empty.
    """
    if b"\0" in data:
        row = data.count(b"\n", 0, data.index(b"\0")) + 1
        return "", (SyntaxProblem(row, 1, "the file holds null bytes: is it a text file?", "unreadable"),)
    problems: tuple[SyntaxProblem, ...] = ()
    encoding = encoding_of(data)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(encoding)
    except LookupError:
        text = data.decode("utf-8", "replace")
        problems = (SyntaxProblem(1, 1, f"unknown encoding {encoding!r} in the coding comment", "unreadable"),)
    except UnicodeDecodeError as error:
        text = _replaced(data, encoding)
        row = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02x} is not {encoding}: declare the encoding or save the file as UTF-8"
        problems = (SyntaxProblem(row, 1, message, "unreadable"),)
    except UnicodeError:  # codecs that do not say where
        text = data.decode("utf-8", "replace")
        problems = (SyntaxProblem(1, 1, f"the bytes are not {encoding}, which the coding comment names", "unreadable"),)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, problems


def _replaced(data: bytes, encoding: str) -> str:
    """The text with U+FFFD for what cannot be decoded; some codecs refuse even that, UTF-8 does not."""
    try:
        return data.decode(encoding, "replace")
    except UnicodeError:
        return data.decode("utf-8", "replace")


def encoding_of(data: bytes) -> str:
    """The encoding that the byte order mark or the coding comment declares, else UTF-8."""
    head = data[:1000]
    if b"coding" not in head or head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    match = _COOKIE.search(b"\n".join(head.splitlines()[:2]))
    if match is None:
        return "utf-8"
    name = match.group(1).decode("ascii", "replace")
    try:
        info = codecs.lookup(name)
    except LookupError:
        return name
    return info.name if info._is_text_encoding else f"{name} (not a text encoding)"
