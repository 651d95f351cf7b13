"""Registries that libraries bring: what `MODELS = Registry("models")` holds, and what `MODELS.build(cfg)` makes.

Sources: https://mmengine.readthedocs.io/en/latest/advanced_tutorials/registry.html (register_module, get, build and
build_from_cfg; mmcv had them before) and https://github.com/facebookresearch/fvcore (fvcore.common.registry: register
and get).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import iterate
from lossadvisor.interpreter.values import (
    Bound,
    Cls,
    Dict,
    External,
    Func,
    Known,
    Opaque,
    Partial,
    Seq,
    Value,
)

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

KIND = "registry"
CLASSES = frozenset({
    "mmengine.Registry", "mmengine.registry.Registry", "mmengine.registry.registry.Registry", "mmcv.Registry",
    "mmcv.utils.Registry", "mmcv.utils.registry.Registry", "mmcv.cnn.Registry", "basicsr.utils.registry.Registry",
    "fvcore.common.registry.Registry", "iopath.common.registry.Registry", "detectron2.utils.registry.Registry",
})
BUILDERS = frozenset({
    "mmengine.build_from_cfg", "mmengine.registry.build_from_cfg", "mmcv.build_from_cfg", "mmcv.utils.build_from_cfg",
    "mmengine.registry.build_model_from_cfg", "mmcv.utils.registry.build_from_cfg",
})


def made(machine: Machine) -> Dict:
    """A registry without entries: decorators fill it when its name is first read."""
    return Dict({}, None, machine.path, KIND)


def method(machine: Machine, registry: Dict, last: str, arguments: Arguments, node: cst.Call | None) -> Value:
    """A method of a registry."""
    match last:
        case "register" | "register_module" | "_register":
            return _register(registry, arguments)
        case "<store>":
            return _store(registry, arguments)
        case "get" if arguments.args:
            return _entry(machine, registry, arguments.args[0])
        case "build" if arguments.args:
            return build(machine, registry, arguments.args[0], arguments, node)
        case _:
            return Opaque(f"{last} of a registry")


def _register(registry: Dict, arguments: Arguments) -> Value:
    """`register_module(name=..., module=...)` and fvcore's `register(obj)`: at once, or as a decorator."""
    named = arguments.keywords.get("name")
    first = arguments.args[0] if arguments.args else arguments.keywords.get("module")
    if isinstance(first, Cls | Func | External):
        return _stored(registry, first, named)
    named = named or (first if isinstance(first, Known | Seq) else None)
    module = arguments.keywords.get("module")
    if isinstance(module, Cls | Func | External):
        return _stored(registry, module, named)
    return Partial(Bound(External(f"{KIND}.<store>"), registry), [], {} if named is None else {"name": named})


def _store(registry: Dict, arguments: Arguments) -> Value:
    thing = arguments.args[0] if arguments.args else Opaque("nothing")
    return _stored(registry, thing, arguments.keywords.get("name"))


def _stored(registry: Dict, thing: Value, named: Value | None) -> Value:
    names = named.items if isinstance(named, Seq) else [named]
    for one in names:
        if isinstance(one, Known) and isinstance(one.value, str):
            registry.items[one.value] = thing
        elif isinstance(thing, Cls | Func):
            registry.items[thing.name] = thing
    return thing


def _entry(machine: Machine, registry: Dict, key: Value) -> Value:
    """What is registered under a name; names of other libraries may come with their scope, `mmdet.FocalLoss`."""
    word = key.default if isinstance(key, Opaque) and key.default is not None else key
    if isinstance(word, Known) and isinstance(word.value, str):
        found = machine.modules.registries.find(registry, word.value)
        return Opaque(f"{word.value} is not registered here") if found is None else found
    if isinstance(word, Cls | Func | External):
        return word
    machine.modules.registries.complete(registry)
    return iterate.element(machine, registry, key)


def build(
    machine: Machine, registry: Dict, config: Value, arguments: Arguments, node: cst.Call | None
) -> Value:
    """An instance of what `config["type"]` names, made of the other entries."""
    from lossadvisor.interpreter import calls

    source = config.default if isinstance(config, Opaque) and config.default is not None else config
    if not isinstance(source, Dict) or "type" not in source.items:
        return Opaque("an object built from settings that are not known")
    given = {str(key): value for key, value in source.items.items() if key != "type"}
    extra = arguments.get(2, "default_args")
    if isinstance(extra, Dict):
        given = {**{str(key): value for key, value in extra.items.items()}, **given}
    thing = _entry(machine, registry, source.items["type"])
    return calls.call(machine, thing, calls.Arguments([], given, False, source.rest is not None), node)


def built_from(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """build_from_cfg(cfg, registry, default_args)."""
    registry = arguments.get(1, "registry")
    config = arguments.get(0, "cfg")
    if isinstance(registry, Dict) and registry.kind == KIND and config is not None:
        return build(machine, registry, config, arguments, node)
    return Opaque("an object built from settings that are not known")
