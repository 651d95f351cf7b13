"""A changed module takes the place of the loaded one without loading what depends on it again.

The code of its functions is replaced in the function objects, which everybody holds; rows of tables are changed in
place; a name that other modules have imported is bound anew in each of them. What cannot be replaced so (a class of
another shape, an enumeration, rows more or fewer of a table that was copied elsewhere) raises Unpatchable.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from types import FunctionType, ModuleType
from typing import Any

_PROJECT = ("lossadvisor", "tests")


class Unpatchable(Exception):
    """The change asks for a process that loads everything anew."""


def executed(module: ModuleType, text: str) -> dict[str, Any]:
    """The names that the changed text defines, executed beside the loaded module."""
    names: dict[str, Any] = {
        "__name__": module.__name__, "__file__": module.__file__, "__package__": module.__package__,
        "__path__": getattr(module, "__path__", None), "__builtins__": __builtins__,
    }  # fmt: skip
    exec(compile(text, str(module.__file__), "exec", dont_inherit=True), names)
    return {name: value for name, value in names.items() if not name.startswith("__")}


def replace_code(module: ModuleType, text: str) -> None:
    """Only the functions and methods of the text, wherever they are nested."""
    new = dict(_functions(executed(module, text), module.__name__))
    for path, function in _functions(vars(module), module.__name__):
        if path not in new:
            raise Unpatchable(path)
        _take_code(function, new[path])


def replace_names(module: ModuleType, text: str) -> tuple[list[str], bool]:
    """Functions and tables; the ids of the contracts that were changed in place, and whether anything else was.

    Private names of a module of contracts only make up its rows, and count where no row has changed.
    """
    changed: list[Any] = []
    others = private = False
    old = vars(module)
    for name, value in executed(module, text).items():
        if name not in old:
            raise Unpatchable(name)
        if isinstance(value, ModuleType) or value is old[name]:
            continue
        if not _merged(old[name], value, changed):
            others |= not name.startswith("_")
            private |= name.startswith("_")
            _rebind(module, name, old[name], value)
    contracts = [one for one in changed if isinstance(one, str)]
    return contracts, others or len(contracts) < len(changed) or (private and not contracts)


def _functions(names: dict[str, Any], module: str) -> Iterator[tuple[str, FunctionType]]:
    for name, value in names.items():
        if isinstance(value, type) and value.__module__ == module:
            for path, function in _functions(dict(vars(value)), module):
                yield f"{name}.{path}", function
        else:
            function = _function(value)
            if function is not None and function.__module__ == module:
                yield name, function


def _function(value: Any) -> FunctionType | None:
    """The Python function inside of a property, a cache or a context manager."""
    if isinstance(value, property):
        value = value.fget
    value = getattr(value, "__func__", value)
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    return value if isinstance(value, FunctionType) else None


def _take_code(old: FunctionType, new: FunctionType) -> None:
    if old.__code__.co_freevars != new.__code__.co_freevars:
        raise Unpatchable(old.__qualname__)
    old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__


def _merged(old: Any, new: Any, changed: list[Any]) -> bool:
    """Whether `old` now says what `new` says; otherwise who holds it must be given `new`."""
    if old is new:
        return True
    if type(old) is not type(new):
        if isinstance(old, Enum) or is_dataclass(old) or isinstance(old, type):
            raise Unpatchable(type(old).__name__)
        return False
    if isinstance(old, type):
        return _merged_class(old, new)
    function, other = _function(old), _function(new)
    if function is not None and other is not None:
        if [cell.cell_contents for cell in function.__closure__ or ()] != [
            cell.cell_contents for cell in other.__closure__ or ()
        ]:
            return False
        if function.__code__ != other.__code__ or function.__defaults__ != other.__defaults__:
            _take_code(function, other)
            changed.append(function)
        return True
    if type(old).__name__ == "Contract":  # everybody holds it; its parts may be shared with other rows
        name = old.id
        for field in fields(old):
            if getattr(old, field.name) != getattr(new, field.name):
                object.__setattr__(old, field.name, getattr(new, field.name))
                changed.append(name)
        return True
    if isinstance(old, dict):
        for key in [key for key in old if key not in new]:
            del old[key]
            changed.append(old)
        for key, value in new.items():
            if key not in old or not _merged(old[key], value, changed):
                old[key] = value
                changed.append(old)
        return True
    if isinstance(old, set):
        if old != new:
            old.clear()
            old.update(new)
            changed.append(old)
        return True
    if isinstance(old, tuple | list) and len(old) == len(new):
        same = [_merged(a, b, changed) for a, b in zip(old, new, strict=True)]  # every one, for what it changes
        return all(same)
    if isinstance(old, tuple | list) and any(type(one).__name__ == "Contract" for one in old):
        raise Unpatchable("a row more or less")
    try:
        return bool(old == new)
    except Exception:
        return False


def _merged_class(old: type, new: type) -> bool:
    if old.__module__ != new.__module__ or issubclass(old, Enum):
        if old is not new and issubclass(old, Enum) and [m.value for m in old] != [m.value for m in new]:
            raise Unpatchable(old.__name__)
        return True
    theirs = dict(vars(new))
    for name, value in dict(vars(old)).items():
        function = _function(value)
        if function is not None and function.__module__ == old.__module__ and _function(theirs.get(name)) is not None:
            _take_code(function, _function(theirs[name]))  # type: ignore[arg-type]
    return True


def _rebind(home: ModuleType, name: str, old: Any, new: Any) -> None:
    shared = isinstance(old, str | int | float | None)  # equal constants are one object, whatever they are called
    others = [module for key, module in list(sys.modules.items()) if key.partition(".")[0] in _PROJECT]
    for module in {id(one): one for one in (home, *others)}.values():
        for key, value in list(vars(module).items()):
            if value is old and (key == name or not shared):
                setattr(module, key, new)
