"""Settings that are Python files: `Config.fromfile("configs/a.py")` of mmengine and mmcv, with the lists of bases.

The names that the file binds are the settings. What a file of `_base_` says is taken over group by group; a group with
`_delete_` takes the place of the whole.
Source: https://mmengine.readthedocs.io/en/latest/advanced_tutorials/config.html
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lossadvisor.interpreter import settings
from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.pythonlib.given import settled
from lossadvisor.interpreter.values import Constant, Dict, Known, Mod, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_BASE, _DELETE = "_base_", "_delete_"
_DEEPEST = 8  # files that rest on each other
_NESTED = 12


def loaded(machine: Machine, source: Value) -> Value:
    """What `Config.fromfile(source)` gives."""
    name = settings.file_name(source)
    if name is None:
        key = source.key if isinstance(source, Opaque) else None
        return Opaque("a file of settings", None if key is None else ("file", key), None, Origin.CONFIG)
    found = _content(machine, machine.frame.scope.index.document.path, name, 0)
    return found if found is not None else Opaque(f"the content of {name}", ("file", name), None, Origin.FILE)


def _content(machine: Machine, importer: Path, name: str, depth: int) -> Dict | None:
    """The settings of a file with those of its bases; None where it cannot be read."""
    if depth > _DEEPEST:
        return None
    if not name.endswith(".py"):
        return _plain(machine, importer, name, depth)
    document = machine.project.configuration(importer, name)
    if document is None:
        return None
    scope = machine.modules.scope(document)
    own: dict[Constant, Value] = {}
    for bound in scope.index.binders:
        value = machine.modules.name(scope, bound)
        if value is not None and not bound.startswith("__") and not isinstance(value, Mod):
            own[bound] = value
    found = _based(machine, document.path, own.pop(_BASE, None), depth)
    _merge(found, _chosen(Dict(own, None, kind="namespace"), str(document.path), ()))
    return found


def _plain(machine: Machine, importer: Path, name: str, depth: int) -> Dict | None:
    read = machine.project.data.read(importer, name)
    if read is None or not isinstance(read[1], dict):
        return None
    own = settings.value_of({key: one for key, one in read[1].items() if key != _BASE}, read[0])
    base = settings.value_of(read[1][_BASE], read[0]) if _BASE in read[1] else None
    found = _based(machine, Path(read[0]), base, depth)
    if isinstance(own, Dict):
        _merge(found, own)
    return found


def _based(machine: Machine, importer: Path, base: Value | None, depth: int) -> Dict:
    found = Dict({}, None, kind="namespace")
    names = base.items if isinstance(base, Seq) else [base] if base is not None else []
    for one in names:
        name = settled(one)
        below = None
        if isinstance(name, Known) and isinstance(name.value, str):
            below = _content(machine, importer, name.value.removeprefix("./"), depth + 1)
        if below is None:
            found.rest = Opaque("settings of a file that is not known")
        else:
            _merge(found, below)
    return found


def _merge(into: Dict, other: Dict) -> None:
    for key, value in other.items.items():
        old = into.items.get(key)
        if isinstance(value, Dict) and isinstance(old, Dict) and _DELETE not in value.items:
            _merge(old, value)
        else:
            if isinstance(value, Dict):
                value.items.pop(_DELETE, None)
            into.items[key] = value


def _chosen(value: Dict, path: str, where: tuple[str, ...]) -> Dict:
    """The same settings as a copy, where words and truth values are what this file says: another may say otherwise."""
    items = {key: _setting(one, path, (*where, str(key))) for key, one in value.items.items()}
    return Dict(items, value.rest, kind="namespace")


def _setting(value: Value, path: str, where: tuple[str, ...]) -> Value:
    match value:
        case Dict() if len(where) <= _NESTED:
            return _chosen(value, path, where)
        case Seq(kind="list" | "tuple") if len(where) <= _NESTED:
            items = [_setting(one, path, (*where, str(number))) for number, one in enumerate(value.items)]
            return Seq(items, value.kind, value.rest)
        case Known(value=bool() | str() | None):
            word = ".".join(where)
            return Opaque(f"the setting {word}", ("setting", path, where), value, Origin.FILE)
        case _:
            return value
