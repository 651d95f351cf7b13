"""One clear line where torch (or matplotlib for plots) is not installed."""

from __future__ import annotations

from importlib.util import find_spec


class MissingTorch(ImportError):
    """A part of the runtime module was used without the extra that it needs."""


def require_torch(what: str) -> None:
    """Raise MissingTorch, naming `what` was asked for, unless torch can be imported."""
    if find_spec("torch") is None:
        raise MissingTorch(f"{what} needs PyTorch: pip install 'lossadvisor[runtime]'")


def require_matplotlib(what: str) -> None:
    """Raise MissingTorch's sibling message for the plotting extra unless matplotlib can be imported."""
    if find_spec("matplotlib") is None:
        raise MissingTorch(f"{what} needs matplotlib: pip install 'lossadvisor[plot]'")
