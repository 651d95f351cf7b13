"""Settings in the words of a configuration file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from lossadvisor.config import Settings
from lossadvisor.config.keys import SETTINGS_KEYS
from lossadvisor.config.selection import selected


def lines(settings: Settings) -> Iterator[str]:
    """Where the settings come from, the rules that run, then every key with its value."""
    yield f"# from {settings.source}" if settings.source else "# no configuration file"
    yield f"select = {json.dumps(sorted(selected(settings)))}"
    for key in SETTINGS_KEYS:
        value = getattr(settings, key.field)
        if key.name == "per-file-ignores":
            yield f"{key.name} = {{ {', '.join(f'{json.dumps(p)} = {json.dumps(list(c))}' for p, c in value)} }}"
        elif value is not None:
            yield f"{key.name} = {json.dumps(_plain(value))}"


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case Path():
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value
