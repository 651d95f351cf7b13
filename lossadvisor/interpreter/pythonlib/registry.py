"""Registries of mmcv, mmengine, fvcore and their like: objects that keep classes by name and build from settings.

Sources: https://mmengine.readthedocs.io/en/latest/advanced_tutorials/registry.html and
https://detectron2.readthedocs.io/en/latest/modules/fvcore.html#fvcore.common.registry.Registry
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.pythonlib.given import Handler, settled
from lossadvisor.interpreter.values import (
    NONE,
    Bound,
    Cls,
    Dict,
    External,
    Func,
    Known,
    Layer,
    Opaque,
    Partial,
    Single,
    Value,
    options,
    union,
)

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.guards import Guard
    from lossadvisor.interpreter.machine import Machine

REGISTRIES = frozenset({
    "mmcv.Registry", "mmcv.utils.Registry", "mmcv.utils.registry.Registry", "mmcv.cnn.Registry",
    "mmengine.Registry", "mmengine.registry.Registry", "mmengine.registry.registry.Registry",
    "fvcore.common.registry.Registry", "detectron2.utils.registry.Registry", "iopath.common.registry.Registry",
    "basicsr.utils.registry.Registry",
})
_ENTRIES, _ENTER = "<entries>", "<enter>"


def _entries(layer: Layer) -> Dict:
    found = layer.attrs.get(_ENTRIES)
    if not isinstance(found, Dict):
        found = layer.attrs[_ENTRIES] = Dict({}, None)
    return found


def _register(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    """As a decorator with or without arguments, or with what is to be registered."""
    first = arguments.args[0] if arguments.args else None
    module = arguments.get(2, "module") or arguments.keywords.get("obj")
    if module is None and isinstance(first, Cls | Func):
        module, first = first, None
    name = arguments.keywords.get("name", first)
    if module is not None and module != NONE:
        return _enter(machine, layer, _given(module, name), node)
    return Partial(Bound(External(f"registry.{_ENTER}"), layer), [], {} if name is None else {"name": name})


def _given(module: Value, name: Value | None) -> Arguments:
    from lossadvisor.interpreter.calls import Arguments

    return Arguments([module], {} if name is None else {"name": name})


def _enter(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    module = arguments.args[0] if arguments.args else NONE
    name = settled(arguments.keywords.get("name", NONE))
    if isinstance(name, Known) and isinstance(name.value, str):
        _entries(layer).items[name.value] = module
    elif isinstance(module, Cls | Func):
        _entries(layer).items[module.name] = module
    return module


def _get(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import iterate

    key = arguments.get(0, "key") or arguments.keywords.get("name")
    return iterate.element(machine, _entries(layer), key if key is not None else Opaque("no name"))


def _build(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    """What the settings name by `type`, called with the rest of them."""
    from lossadvisor.interpreter import calls

    cfg = arguments.get(0, "cfg")
    usual = settled(arguments.get(1, "default_args") or NONE)
    found: list[tuple[Guard, Value]] = []
    for guard, single in options(cfg if cfg is not None else NONE):
        settings: Single | Value = settled(single)
        kind = settings.items.get("type") if isinstance(settings, Dict) else None
        if not isinstance(settings, Dict) or kind is None:
            found.append((guard, Opaque("something built from settings that are not known")))
            continue
        given = {**usual.items} if isinstance(usual, Dict) else {}
        given |= {key: value for key, value in settings.items.items() if key != "type"}
        made = kind if isinstance(kind, Cls | Func) else _get(machine, layer, calls.Arguments([kind], {}), node)
        keywords = {str(key): value for key, value in given.items()}
        more = settings.rest is not None or (isinstance(usual, Dict) and usual.rest is not None)
        found.append((guard, calls.call(machine, made, calls.Arguments([], keywords, False, more), node)))
    return union(found)


METHODS: dict[str, Callable[[Machine, Layer, Arguments, cst.Call | None], Value]] = {
    "register_module": _register,
    "register": _register,
    _ENTER: _enter,
    "get": _get,
    "build": _build,
}


def _make(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    place = machine.place(node if node is not None else cst.Pass())
    return Layer("mmengine.registry.Registry", list(arguments.args), dict(arguments.keywords), place)


def _build_from(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """build_from_cfg(cfg, registry, default_args)."""
    registry = arguments.get(1, "registry")
    if not isinstance(registry, Layer) or registry.name not in REGISTRIES:
        return Opaque("something built by a registry that is not known")
    given = {"cfg": arguments.get(0, "cfg") or NONE, "default_args": arguments.get(2, "default_args") or NONE}
    from lossadvisor.interpreter.calls import Arguments

    return _build(machine, registry, Arguments([], given), node)


FUNCTIONS: dict[str, Handler] = {
    **dict.fromkeys(REGISTRIES, _make),
    **dict.fromkeys(
        ("mmcv.utils.build_from_cfg", "mmcv.build_from_cfg", "mmcv.utils.registry.build_from_cfg",
         "mmengine.registry.build_from_cfg", "mmengine.registry.build_functions.build_from_cfg"), _build_from
    ),
}
