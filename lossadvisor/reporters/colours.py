"""Colours of a terminal, and whether to use them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

from lossadvisor.findings import Severity

Paint = Callable[[str, str], str]
_CODES = {"bold": "1", "red": "1;31", "yellow": "1;33", "cyan": "1;36", "blue": "1;34", "green": "1;32"}
SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def wanted(stream: TextIO) -> bool:
    """Colours on a terminal only; NO_COLOR (https://no-color.org) and FORCE_COLOR decide before that."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def painter(colour: bool) -> Paint:
    """A function of (text, colour name)."""
    if not colour:
        return lambda text, name: text
    return lambda text, name: f"\x1b[{_CODES[name]}m{text}\x1b[0m" if text else text
