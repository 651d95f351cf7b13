"""Taps: how a running Python function is observed whatever name it was imported under.

`from torch.nn.functional import cross_entropy as ce`, `partial(F.cross_entropy, ...)`, a default argument, a table of
losses, `nn.CrossEntropyLoss.forward`: all of them hold the same function object. Replacing the attribute
`torch.nn.functional.cross_entropy` would miss most of them; a `TorchFunctionMode` would see them all but would also
intercept every other torch call of the step. A tap exchanges the code object of that one function, so every holder
sees the change, other functions cost nothing, and taking the tap off restores the very code object that was there.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any, Protocol

import torch

from lossadvisor.late import dataclass

_is_compiling: Callable[[], bool] = (
    torch.compiler.is_compiling if hasattr(torch.compiler, "is_compiling") else torch._dynamo.is_compiling
)


class Listener(Protocol):
    """What a tap calls instead of the function; it has to call `original` exactly once and return its result."""

    def __call__(self, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...


@dataclass
class Tap:
    """One tapped function: its untouched twin, the two code objects, and who listens now."""

    function: FunctionType
    original: FunctionType
    code: CodeType
    defaults: tuple[Any, ...] | None
    replacement: CodeType
    listeners: list[Listener]


_TAPS: list[Tap] = []
_LOCK = threading.RLock()
_BUSY = threading.local()


def enter(index: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Called by the replaced code of tap `index`.

    Under torch.compile the original is inlined and nothing is observed: an observation would break the graph. A loss
    that calls another loss inside (`cross_entropy` in a wrapper of torch itself) is observed once, at the outermost.
    """
    tap = _TAPS[index]
    if _is_compiling():
        return tap.original(*args, **kwargs)
    if getattr(_BUSY, "depth", 0) or not tap.listeners:
        return tap.original(*args, **kwargs)
    _BUSY.depth = 1
    try:
        return tap.listeners[-1](tap.original, args, kwargs)
    finally:
        _BUSY.depth = 0


def undisturbed(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `function` with the taps open again for what it calls itself (a backward that runs hooks, for example)."""
    depth = getattr(_BUSY, "depth", 0)
    _BUSY.depth = 0
    try:
        return function(*args, **kwargs)
    finally:
        _BUSY.depth = depth


@contextmanager
def closed() -> Iterator[None]:
    """Within the block this thread's calls are observed by nobody."""
    depth = getattr(_BUSY, "depth", 0)
    _BUSY.depth = 1
    try:
        yield
    finally:
        _BUSY.depth = depth


def _replacement(index: int, function: FunctionType) -> CodeType:
    """The code that stands in: any arguments in, `enter` called.

    File name and first line stay those of the original, so `inspect.getsource`, TorchScript and torch.compile's rules
    about torch's own files keep reading the original.
    """
    free = function.__code__.co_freevars  # the new code must close over as many names (`super()` closes over one)
    source = (
        f"def outer({', '.join(free)}):\n"
        "    def tapped(*args, **kwargs):\n"
        "        from lossadvisor.runtime.watching.taps import enter\n"
        f"        return enter({index}, args, kwargs)\n"
        f"        {'; '.join(free)}\n"
        "    return tapped\n"
    )
    scope: dict[str, Any] = {}
    exec(compile(source, function.__code__.co_filename, "exec"), scope)
    code: CodeType = scope["outer"](*free).__code__
    return code.replace(co_name=function.__code__.co_name, co_firstlineno=function.__code__.co_firstlineno)


def _tap_of(function: FunctionType) -> Tap:
    for tap in _TAPS:
        if tap.function is function:
            return tap
    twin = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__qualname__, twin.__module__ = function.__qualname__, function.__module__
    tap = Tap(function, twin, function.__code__, function.__defaults__, _replacement(len(_TAPS), function), [])
    _TAPS.append(tap)
    return tap


def attach(function: FunctionType, listener: Listener) -> Callable[[], None]:
    """Let `listener` see every call of `function`; the returned callable takes the tap off (twice is harmless)."""
    with _LOCK:
        tap = _tap_of(function)
        if not tap.listeners:
            signature = inspect.signature(function)
            function.__code__, function.__defaults__ = tap.replacement, None
            function.__signature__ = signature  # type: ignore[attr-defined]
        tap.listeners.append(listener)

    def detach() -> None:
        with _LOCK:
            if listener not in tap.listeners:
                return
            tap.listeners.remove(listener)
            if not tap.listeners:
                function.__code__, function.__defaults__ = tap.code, tap.defaults
                del function.__signature__  # type: ignore[attr-defined]

    return detach
