"""Hydra: the configuration that `@hydra.main` composes, and what `instantiate` builds from `_target_`.

Sources: https://hydra.cc/docs/advanced/defaults_list/ and https://hydra.cc/docs/advanced/instantiate_objects/overview/
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import settings
from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.pythonlib.given import settled
from lossadvisor.interpreter.values import (
    NONE,
    Dict,
    External,
    Func,
    Known,
    Opaque,
    Partial,
    Seq,
    Value,
    options,
    union,
)
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.project.data import Data

_MOST_GROUPS = 64
_OWN = frozenset({"_target_", "_partial_", "_recursive_", "_convert_", "_args_"})
_INSTANTIATE = ("hydra.utils.instantiate", "hydra.utils.call", "hydra._internal.instantiate._instantiate2.instantiate")
_INITIALIZE = ("hydra.initialize", "hydra.experimental.initialize")
_COMPOSE = ("hydra.compose", "hydra.experimental.compose")
_NAMED = ("hydra.utils.get_class", "hydra.utils.get_method", "hydra.utils.get_object")


def parameter(machine: Machine, func: Func) -> Value | None:
    """The configuration that `@hydra.main(config_path=..., config_name=...)` hands to a function."""
    for text in func.decorators:
        if not text.startswith(("hydra.main(", "main(", "hydra.main_decorator(")) or "config_name" not in text:
            continue
        try:
            call = parse_expression(text)
        except cst.ParserSyntaxError:
            continue
        if isinstance(call, cst.Call):
            return _composed(machine, func, call)
    return None


def _composed(machine: Machine, func: Func, call: cst.Call) -> Value | None:
    given = {arg.keyword.value: machine.evaluate(arg.value) for arg in call.args if arg.keyword is not None}
    return _configuration(machine, func.fragment.document.path, given)


def _configuration(machine: Machine, importer: Path, given: Mapping[str, Value]) -> Value | None:
    folder, name = settled(given.get("config_path", Known("."))), settled(given.get("config_name", Known(None)))
    if not isinstance(folder, Known) or not isinstance(name, Known) or not isinstance(name.value, str):
        return None
    where = os.path.join(str(folder.value or "."), name.value)
    found = _Composer(machine, importer, str(folder.value or ".")).file(name.value, "")
    return None if found is None else settings.value_of(found, where)


class _Composer:
    """Files of one configuration folder, put together as their lists of defaults say."""

    def __init__(self, machine: Machine, importer: Path, folder: str) -> None:
        self.machine, self.importer, self.folder = machine, importer, folder
        self.left = _MOST_GROUPS

    def file(self, name: str, group: str) -> dict[str, Data] | None:
        """The content of `group/name.yaml` with its defaults merged in, at the place of its package."""
        self.left -= 1
        stem = name.removesuffix(".yaml").removesuffix(".yml")
        path = os.path.join(self.folder, group, f"{stem}.yaml")
        found = None if self.left < 0 else self.machine.project.data.read(self.importer, path)
        if found is None or not isinstance(found[1], dict):
            return None
        own = {key: value for key, value in found[1].items() if key != "defaults"}
        entries = found[1].get("defaults")
        made: dict[str, Data] = {}
        listed = entries if isinstance(entries, list) else []
        if "_self_" not in listed:
            listed = [*listed, "_self_"]
        for entry in listed:
            _merge(made, own if entry == "_self_" else self._entry(entry, group))
        return made

    def _entry(self, entry: Data, group: str) -> dict[str, Data]:
        """What one line of a list of defaults adds, under the keys of its group."""
        if isinstance(entry, str):
            if entry.startswith("/"):
                inner, _, name = entry[1:].rpartition("/")
                return self.file(name, inner) or {}
            return self.file(entry, group) or {}
        if not isinstance(entry, dict) or len(entry) != 1:
            return {}
        key, option = next(iter(entry.items()))
        key = key.removeprefix("optional ").removeprefix("override ").strip()
        key, _, package = key.partition("@")
        if not isinstance(option, str) or key.startswith("hydra"):
            return {}
        inner = key[1:] if key.startswith("/") else os.path.join(group, key) if group else key
        content = self.file(option, inner)
        if content is None:
            return {}
        keys = package.replace(".", "/") if package else key.lstrip("/")
        if package == "_global_":
            return content
        for part in reversed([part for part in keys.split("/") if part and part != "_group_"]):
            content = {part: content}
        return content


def _merge(into: dict[str, Data], other: dict[str, Data]) -> None:
    for key, value in other.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        else:
            into[key] = dict(value) if isinstance(value, dict) else value


def function(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> Value | None:
    """hydra.utils.instantiate and its like; None for any other name."""
    if name in _INSTANTIATE:
        source = arguments.get(0, "config")
        given = {key: value for key, value in arguments.keywords.items() if key != "config"}
        return Opaque("nothing to build") if source is None else build(machine, source, arguments.args[1:], given, node)
    if name in _INITIALIZE:
        machine.composing = arguments.get(1 if name.endswith("initialize") else 0, "config_path") or Known(".")
        return Opaque("the start of hydra")
    if name in _COMPOSE and machine.composing is not None:
        given = {"config_path": machine.composing, "config_name": arguments.get(0, "config_name") or NONE}
        return _configuration(machine, machine.frame.scope.index.document.path, given)
    if name in _NAMED:
        text = settled(arguments.args[0]) if arguments.args else None
        if isinstance(text, Known) and isinstance(text.value, str):
            return named(machine, text.value)
    return None


def build(
    machine: Machine, source: Value, args: list[Value], given: dict[str, Value], node: cst.Call | None
) -> Value:
    """The object that a mapping with `_target_` describes; parts with a target of their own first."""
    found: list[tuple[Guard, Value]] = []
    for guard, single in options(source):
        found.append((guard, _build(machine, single, args, given, node)))
    return union(found)


def _build(
    machine: Machine, source: Value, args: list[Value], given: dict[str, Value], node: cst.Call | None
) -> Value:
    from lossadvisor.interpreter import calls

    source = settled(source)
    if not isinstance(source, Dict):
        return Opaque("an object built from settings that are not known")
    target = settled(source.items["_target_"]) if "_target_" in source.items else None
    recursive = source.items.get("_recursive_") != Known(False)
    keywords = {
        str(key): _part(machine, value, node) if recursive else value
        for key, value in source.items.items()
        if key not in _OWN
    }
    if not isinstance(target, Known) or not isinstance(target.value, str):
        return source
    keywords.update(given)
    listed = source.items.get("_args_")
    values = [*args, *(listed.items if isinstance(listed, Seq) else [])]
    called = named(machine, target.value)
    if settled(source.items.get("_partial_", Known(False))) == Known(True):
        return Partial(called, values, keywords)
    return calls.call(machine, called, calls.Arguments(values, keywords), node)


def _part(machine: Machine, value: Value, node: cst.Call | None) -> Value:
    match value:
        case Dict(items=items):
            if "_target_" in items:
                return build(machine, value, [], {}, node)
            if any(isinstance(one, Dict | Seq) for one in items.values()):
                parts = {key: _part(machine, one, node) for key, one in items.items()}
                return Dict(parts, value.rest, value.base, value.kind)
            return value
        case Seq(items=found) if any(isinstance(one, Dict) for one in found):
            entries = [_part(machine, one, node) for one in found]
            return Seq(entries, value.kind, value.rest, value.base, grown=value.grown)
        case _:
            return value


def named(machine: Machine, dotted: str) -> Value:
    """What a dotted name means, seen from the running module: something of the project, else of a library."""
    from lossadvisor.interpreter import objects

    importer = machine.frame.scope.index.document
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        module = machine.project.resolve(importer, ".".join(parts[:length]), 0)
        if module is None or (isinstance(module, tuple) and length == len(parts)):
            continue
        value: Value = machine.modules.module(module)
        for part in parts[length:]:
            value = objects.attribute(machine, value, part, None)
        if not isinstance(value, Opaque):
            return value
    return External(dotted)
