"""Where in the user's code a loss was called."""

from __future__ import annotations

import os
import sys
from types import CodeType, FrameType, FunctionType

import torch

from lossadvisor.late import dataclass
from lossadvisor.values import Location, Span

_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
_RUNTIME = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PACKAGES = os.sep + "site-packages" + os.sep
_GENERATED = ("<frozen", "<eval_with_key>")  # the import system, and graphs that torch.compile runs
_INNER: dict[CodeType, bool] = {}

Key = tuple[CodeType, int]
"""A place: the code object and the offset of the instruction in it."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its file and rows (from 1); `callers` are the calls that led there, the nearest first.

    `library` names the installed package inside which the loss was called; the place is then the user's call of it.
    """

    span: Span
    function: str
    callers: tuple[Span, ...]
    library: str | None = None


def _is_inner(code: CodeType) -> bool:
    """Whether the code belongs to torch or to this package: places there are never the user's."""
    known = _INNER.get(code)
    if known is None:
        path = os.path.abspath(code.co_filename)
        known = _INNER[code] = path.startswith((_TORCH, _RUNTIME)) or code.co_filename.startswith(_GENERATED)
    return known


def caller() -> FrameType | None:
    """The innermost frame that belongs neither to torch nor to this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_inner(frame.f_code):
        frame = frame.f_back
    return frame


def caller_of(function: FunctionType) -> FrameType | None:
    """The frame that called the tapped `function` of another package, torch's frames between left out."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not function.__code__:
        frame = frame.f_back
    frame = None if frame is None else frame.f_back
    while frame is not None and _is_inner(frame.f_code):
        frame = frame.f_back
    return frame


def key(frame: FrameType) -> Key:
    """What tells one place from another; cheap enough for every step."""
    return frame.f_code, frame.f_lasti


def site(frame: FrameType) -> Site:
    """The place in words: file names relative to the working directory where they lie below it."""
    outside: list[Span] = []
    outer: FrameType | None = frame
    while outer is not None and len(outside) < 5:
        if not _is_inner(outer.f_code) and _PACKAGES not in outer.f_code.co_filename:
            outside.append(_span(outer))
        outer = outer.f_back
    filename = frame.f_code.co_filename
    if _PACKAGES not in filename:
        return Site(_span(frame), frame.f_code.co_name, tuple(outside[1:]))
    library = filename.split(_PACKAGES, 1)[1].split(os.sep, 1)[0]
    places = outside or [_span(frame)]
    return Site(places[0], frame.f_code.co_name, tuple(places[1:]), library)


def _span(frame: FrameType) -> Span:
    row = frame.f_lineno or 1
    start, end = Location(row, 1), Location(row, 1)
    positions = getattr(frame.f_code, "co_positions", None)  # from Python 3.11 on
    if positions is not None:
        for index, (first, last, left, right) in enumerate(positions()):
            if index == frame.f_lasti // 2 and None not in (first, last, left, right):
                start, end = Location(first, left + 1), Location(last, right + 1)
                break
    return Span(_relative(frame.f_code.co_filename), None, start, end)


def _relative(filename: str) -> str:
    if filename.startswith("<"):
        return filename
    path = os.path.abspath(filename)
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith(os.pardir) else relative
