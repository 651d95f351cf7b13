"""The keys of a configuration file, each with how its value is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import TypeVar

from lossadvisor.config.errors import ConfigError, suggestion
from lossadvisor.config.settings import OUTPUT_FORMATS
from lossadvisor.findings import Confidence, Severity
from lossadvisor.late import dataclass

Read = Callable[[object, Path], object]
_E = TypeVar("_E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its name in the file, the field of Settings (or of Layer) that it fills, how to read its value."""

    name: str
    field: str
    read: Read


def _strings(value: object, root: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError("must be a list of strings")
    return tuple(value)


def _boolean(value: object, root: Path) -> bool:
    if not isinstance(value, bool):
        raise ConfigError("must be true or false")
    return value


def _natural(value: object, root: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigError("must be a whole number, not negative")
    return value


def _path(value: object, root: Path) -> Path:
    if not isinstance(value, str):
        raise ConfigError("must be a path as a string")
    return root / value


def _inside(value: object, root: Path) -> Path:
    """A folder that is written into: what a repository brings along must not choose one elsewhere."""
    path = _path(value, root)
    if not path.resolve().is_relative_to(root.resolve()):
        raise ConfigError("leads out of the project: give it on the command line")
    return path


def _choice(names: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in names:
            hint = suggestion(value, names) if isinstance(value, str) else ""
            raise ConfigError(f"must be one of {', '.join(names)}, not {value!r}{hint}")
        return str(value)

    return read


def _member(kind: type[_E]) -> Read:
    choice = _choice(tuple(member.value for member in kind))
    return lambda value, root: kind(choice(value))


def _format(value: object, root: Path) -> str:
    return _choice(OUTPUT_FORMATS)(value)


def _ignores(value: object, root: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, Mapping):
        raise ConfigError("must be a table of file patterns, each with a list of rules")
    try:
        return tuple((str(pattern), _strings(codes, root)) for pattern, codes in value.items())
    except ConfigError:
        raise ConfigError("must give a list of rules for every file pattern") from None


LAYER_KEYS: tuple[Key, ...] = (
    Key("select", "select", _strings),
    Key("extend-select", "extend_select", _strings),
    Key("ignore", "ignore", _strings),
)
SETTINGS_KEYS: tuple[Key, ...] = (
    Key("min-confidence", "min_confidence", _member(Confidence)),
    Key("fail-on", "fail_on", _member(Severity)),
    Key("exclude", "exclude", _strings),
    Key("extend-exclude", "extend_exclude", _strings),
    Key("force-exclude", "force_exclude", _boolean),
    Key("per-file-ignores", "per_file_ignores", _ignores),
    Key("output-format", "output_format", _format),
    Key("max-file-size", "max_file_size", _natural),
    Key("max-memory", "max_memory", _natural),
    Key("cache-dir", "cache_dir", _inside),
    Key("jobs", "jobs", _natural),
    Key("baseline", "baseline", _path),
)
