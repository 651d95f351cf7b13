"""Configuration files: found, read, and turned into settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lossadvisor.config.errors import ConfigError, suggestion
from lossadvisor.config.selection import verify
from lossadvisor.config.settings import Layer, Settings
from lossadvisor.source import regular

OWN_FILE = "lossadvisor.toml"
SHARED_FILE = "pyproject.toml"


def load_settings(start: Path, config: Path | None = None, isolated: bool = False) -> Settings:
    """The settings for a run in the folder `start`.

    The nearest folder upwards with a `lossadvisor.toml`, or a `pyproject.toml` with [tool.lossadvisor], decides;
    `config` names the file instead; `isolated` takes no file at all. Raises ConfigError.
    """
    if isolated:
        return Settings(root=start)
    if config is not None:
        table = _table(config)
        if table is None:
            raise ConfigError(f"{config}: no [tool.lossadvisor] table")
        return settings_of(table, config)
    for folder in (start, *start.parents):
        for name in (OWN_FILE, SHARED_FILE):
            file = folder / name
            if file.is_file():
                table = _table(file)
                if table is not None:
                    return settings_of(table, file)
    return Settings(root=start)


def settings_of(table: Mapping[str, Any], file: Path) -> Settings:
    """The settings that a table of a configuration file means. Raises ConfigError naming file and key."""
    from lossadvisor.config.keys import LAYER_KEYS, SETTINGS_KEYS

    known = {key.name: key for key in (*LAYER_KEYS, *SETTINGS_KEYS)}
    root = file.resolve().parent
    values: dict[str, Any] = {}
    for name, value in table.items():
        key = known.get(name)
        if key is None:
            raise ConfigError(f"{file}: unknown key {name!r}{suggestion(name, known)}")
        try:
            values[key.field] = key.read(value, root)
        except ConfigError as error:
            raise ConfigError(f"{file}: {name}: {error}") from None
    for name in ("select", "extend-select", "ignore"):
        verify(values.get(name.replace("-", "_")) or (), f"{file}: {name}")
    for pattern, codes in values.get("per_file_ignores", ()):
        verify(codes, f"{file}: per-file-ignores: {pattern}")
    layer = Layer(**{key.field: values.pop(key.field) for key in LAYER_KEYS if key.field in values})
    return Settings(root=root, source=file, layers=(layer,), **values)


def _table(file: Path) -> Mapping[str, Any] | None:
    try:
        data = regular.read(file)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from None
    if file.name == SHARED_FILE and b"lossadvisor" not in data:
        return None  # what the rest of it says is no concern of ours, and would have to be parsed
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        content = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except ValueError as error:  # of TOML, of UTF-8, of numbers that are too long for Python
        raise ConfigError(f"{file}: not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{file}: not valid TOML: nested too deeply") from None
    if file.name != SHARED_FILE:
        # A file of our own may hold the keys at the top, or under the name that pyproject.toml wants.
        tool = content.get("tool")
        return tool["lossadvisor"] if isinstance(tool, dict) and isinstance(tool.get("lossadvisor"), dict) else content
    tool = content.get("tool")
    table = tool.get("lossadvisor") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{file}: tool.lossadvisor must be a table")
    return table
