"""Settings read from configuration files: what the file says is the usual choice, and another file may say otherwise.

Words and truth values become settings with a default, so that the code for the other choices is seen too; numbers are
taken as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.pythonlib.given import settled
from lossadvisor.interpreter.values import Constant, Dict, Known, Layer, Obj, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.project.data import Data

_MOST = 4000  # entries of one file
_DEEPEST = 24


def value_of(data: Data, name: str, kind: str = "namespace") -> Value:
    """The value of what a configuration file holds. `name` tells the files apart; `kind` is that of the mappings."""
    left = [_MOST]

    def convert(one: Data, where: tuple[str, ...]) -> Value:
        left[0] -= 1
        if left[0] < 0 or len(where) > _DEEPEST:
            return Opaque("a setting of a large file")
        match one:
            case dict():
                items: dict[Constant, Value] = {
                    key: convert(inner, (*where, str(key)))
                    for key, inner in one.items()
                    if isinstance(key, bool | int | float | str)
                }
                return Dict(items, None, kind=kind)
            case list():
                return Seq([convert(inner, (*where, str(i))) for i, inner in enumerate(one)], "list")
            case bool() | str() | None:
                return _setting(one, data, name, where)
            case int() | float():
                return Known(one)
            case _:  # dates
                return Opaque("a setting")

    return convert(data, ())


def _setting(one: bool | str | None, data: Data, name: str, where: tuple[str, ...]) -> Value:
    if isinstance(one, str) and "${" in one:
        referred = _referred(one, data)
        if not isinstance(referred, bool | int | float | str):
            return Opaque("a setting made of others", ("setting", name, where), None, Origin.FILE)
        if not isinstance(referred, bool | str):
            return Known(referred)
        where, one = tuple(one.strip()[2:-1].split(".")), referred
    word = ".".join(where)
    return Opaque(f"the setting {word}", ("setting", name, where), Known(one), Origin.FILE)


def _referred(text: str, data: Data) -> Data:
    """What `${model.name}` refers to in the same file."""
    text = text.strip()
    if not (text.startswith("${") and text.endswith("}")) or text.count("${") > 1 or ":" in text:
        return None
    found = data
    for part in text[2:-1].split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return None if isinstance(found, str) and "${" in found else found


def file_name(value: Value) -> str | None:
    """The name of the file that a path, or an open file, stands for."""
    if isinstance(value, Layer) and value.name == "builtins.open":
        return file_name(value.args[0]) if value.args else None
    value = settled(value)
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else None


def loaded(machine: Machine, source: Value, kind: str) -> Value:
    """The content of a configuration file, named by its path or by an open file."""
    name = file_name(source)
    if name is None:
        return Opaque("the content of a file that is not known")
    found = machine.project.data.read(machine.frame.scope.index.document.path, name)
    if found is None:
        return Opaque(f"the content of {name}", ("file", name), None, Origin.FILE)
    path, data = found
    return value_of(data, path, kind)


def merged(into: Dict, other: Value) -> None:
    """The settings of `other` take the place of those of `into`, group by group."""
    other = settled(other)
    if isinstance(other, Obj):
        other = Dict(dict(other.attrs.items()))
    if not isinstance(other, Dict):
        return
    for key, value in other.items.items():
        old = into.items.get(key)
        if isinstance(old, Dict) and isinstance(value, Dict):
            merged(old, value)
        else:
            into.items[key] = value


def opened_up(settings: Dict, where: tuple[object, ...] = ()) -> None:
    """A file that is not known may change every setting: what the code says is the default from now on."""
    if len(where) > _DEEPEST:
        return
    for key, value in settings.items.items():
        match value:
            case Dict():
                opened_up(value, (*where, key))
            case Known(value=bool() | str() | None):
                word = ".".join(map(str, (*where, key)))
                settings.items[key] = Opaque(f"the setting {word}", ("setting", "file", (*where, key)), value,
                                             Origin.CONFIG)
            case _:
                continue
