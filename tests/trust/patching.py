"""A changed module takes the place of the loaded one without loading what depends on it again.

The code of its functions is replaced in the function objects, which everybody holds; rows of tables are changed in
place; a name that other modules have imported is bound anew in each of them. What cannot be replaced so (a class of
another shape, an enumeration, rows more or fewer of a table that was copied elsewhere) raises Unpatchable.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

_PROJECT = ("lossadvisor", "tests")


class Unpatchable(Exception):
    """The change asks for a process that loads everything anew."""


def executed(module: ModuleType, text: str) -> dict[str, Any]:
    """The names that the changed text defines, executed beside the loaded module.

    Classes whose text has not changed stay the loaded ones, so that their members and instances compare equal.
    """
    names: dict[str, Any] = {
        "__name__": module.__name__, "__file__": module.__file__, "__package__": module.__package__,
        "__path__": getattr(module, "__path__", None), "__builtins__": __builtins__,
    }  # fmt: skip
    tree = ast.parse(text)
    before = {ast.dump(node) for node in ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body}
    kept = [node for node in tree.body if isinstance(node, ast.ClassDef) and ast.dump(node) in before]
    names |= {node.name: vars(module)[node.name] for node in kept}
    tree.body = [node for node in tree.body if node not in kept]
    exec(compile(tree, str(module.__file__), "exec", dont_inherit=True), names)
    return {name: value for name, value in names.items() if not name.startswith("__")}


def replace_code(module: ModuleType, text: str) -> None:
    """Only the functions and methods of the text, wherever they are nested."""
    new = dict(_functions(executed(module, text), module))
    for path, function in _functions(vars(module), module):
        if path not in new:
            raise Unpatchable(path)
        _take_code(function, new[path])


def replace_names(module: ModuleType, text: str) -> tuple[list[str], bool]:
    """Functions and tables; the ids of the contracts that were changed in place, and whether anything else was.

    Private names of a module of contracts only make up its rows, and count where no row has changed. A row that is
    gone leaves every tuple of the program that held it.
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
    gone = [one for one in changed if type(one).__name__ == "Contract"]
    if gone:
        _leave_out(gone)
        changed = [getattr(one, "id", one) for one in changed]
    contracts = [one for one in changed if isinstance(one, str)]
    return contracts, others or len(contracts) < len(changed) or (private and not contracts)


def _functions(names: dict[str, Any], module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """Those that are written in the module; what a dataclass makes up is the same as long as its fields are."""
    for name, value in names.items():
        if isinstance(value, type) and value.__module__ == module.__name__:
            for path, function in _functions(dict(vars(value)), module):
                yield f"{name}.{path}", function
        else:
            found = _function(value)
            if found is not None and found.__code__.co_filename == module.__file__:
                yield name, found


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
        raise Unpatchable(old.__name__)  # its text has changed
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
        left = {one.id: one for one in new}
        if not left.keys() <= {one.id for one in old}:
            raise Unpatchable("a row more")
        changed += [one for one in old if one.id not in left]
        parts = [_merged(one, left[one.id], changed) for one in old if one.id in left]  # every one, as below
        return all(parts)
    try:
        return bool(old == new)
    except Exception:
        return False


def _leave_out(gone: list[Any]) -> None:
    """The rows are in no tuple of a module any more."""
    lost = {id(one) for one in gone}
    for module in _modules():
        for key, value in list(vars(module).items()):
            if isinstance(value, tuple) and any(id(one) in lost for one in value):
                setattr(module, key, tuple(one for one in value if id(one) not in lost))


def _modules() -> list[ModuleType]:
    return [module for key, module in list(sys.modules.items()) if key.partition(".")[0] in _PROJECT]


def _rebind(home: ModuleType, name: str, old: Any, new: Any) -> None:
    shared = isinstance(old, str | int | float | None)  # equal constants are one object, whatever they are called
    for module in {id(one): one for one in (home, *_modules())}.values():
        for key, value in list(vars(module).items()):
            if value is old and (key == name or not shared):
                setattr(module, key, new)
