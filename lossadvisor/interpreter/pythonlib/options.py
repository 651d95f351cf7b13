"""argparse: an option is a setting whose default is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.pythonlib.commandline import METHODS
from lossadvisor.interpreter.values import NONE, Dict, External, Known, Layer, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


def _add_argument(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    flags = [value.value for value in arguments.args if isinstance(value, Known) and isinstance(value.value, str)]
    if not flags:
        return NONE
    dest = arguments.keywords.get("dest")
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    name = str(dest.value) if isinstance(dest, Known) else long.lstrip("-").replace("-", "_")
    action = arguments.keywords.get("action")
    default = arguments.keywords.get("default")
    if isinstance(action, Known) and action.value in ("store_true", "store_false") and default is None:
        default = Known(action.value == "store_false")
    if default is None and long.startswith("-") and "required" not in arguments.keywords:
        default = NONE if action is None else None
    default = _typed(default, arguments.keywords.get("type"))
    root = _parser(layer)
    value = Opaque(f"--{name}", ("option", name), default, Origin.CONFIG)
    store = root.attrs.setdefault("<options>", Dict({}, Opaque("an option"), kind="namespace"))
    if isinstance(store, Dict):
        store.items[name] = value
    return NONE


def _typed(default: Value | None, kind: Value | None) -> Value | None:
    if isinstance(default, Known) and isinstance(default.value, str) and isinstance(kind, External):
        convert = {"builtins.int": int, "builtins.float": float}.get(kind.name)
        try:
            return default if convert is None else Known(convert(default.value))
        except ValueError:
            return default
    return default


def _parser(layer: Layer) -> Layer:
    parent = layer.attrs.get("<parser>")
    return parent if isinstance(parent, Layer) else layer


def _group(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    return Layer("argparse._ArgumentGroup", [], {}, layer.place, {"<parser>": _parser(layer)})


def _parse_args(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    store = _parser(layer).attrs.get("<options>")
    return store if isinstance(store, Dict) else Dict({}, Opaque("an option"), kind="namespace")


def _parse_known(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    return Seq([_parse_args(machine, layer, arguments, node), Opaque("further options")], "tuple")


def _set_defaults(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    store = _parser(layer).attrs.setdefault("<options>", Dict({}, Opaque("an option"), kind="namespace"))
    if isinstance(store, Dict):
        for name, value in arguments.keywords.items():
            store.items[name] = Opaque(f"--{name}", ("option", name), value, Origin.CONFIG)
    return NONE


ARGPARSE: dict[str, Callable[[Machine, Layer, Arguments, cst.Call | None], Value]] = {
    "add_argument": _add_argument,
    "add_argument_group": _group,
    "add_mutually_exclusive_group": _group,
    "add_subparsers": _group,
    "add_parser": _group,
    "parse_args": _parse_args,
    "parse_known_args": _parse_known,
    "set_defaults": _set_defaults,
    **METHODS,
}
