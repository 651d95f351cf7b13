"""Calls that read configuration files, and the objects that hold settings: yaml, json, omegaconf, yacs, easydict.

Sources: the pages of these packages. All of them give nested mappings; those of omegaconf, yacs and their like answer
to attributes as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import pythonconfigs, settings
from lossadvisor.interpreter.pythonlib.given import Handler, first, settled
from lossadvisor.interpreter.values import Dict, Known, Layer, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_READERS = {
    **dict.fromkeys(
        ("yaml.safe_load", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "json.load", "json.loads",
         "ruamel.yaml.safe_load", "simplejson.load", "pyjson5.load", "commentjson.load"), "dict"
    ),
    **dict.fromkeys(("omegaconf.OmegaConf.load", "OmegaConf.load", "anyconfig.load"), "namespace"),
}
_HOLDERS = (
    "easydict.EasyDict", "yacs.config.CfgNode", "fvcore.common.config.CfgNode", "detectron2.config.CfgNode",
    "addict.Dict", "addict.addict.Dict", "munch.Munch", "munch.munchify", "munch.DefaultMunch", "box.Box",
    "attrdict.AttrDict", "dotmap.DotMap", "ml_collections.ConfigDict", "ml_collections.config_dict.ConfigDict",
    "omegaconf.OmegaConf.create", "omegaconf.DictConfig", "mmcv.Config", "mmcv.ConfigDict", "mmengine.Config",
    "mmengine.config.Config", "mmengine.ConfigDict", "mmcv.utils.Config", "types.SimpleNamespace",
    "argparse.Namespace", "easydict.EasyDict.EasyDict", "prodict.Prodict", "dotdict.dotdict",
)

_CONFIGS = ("mmcv.Config", "mmcv.utils.Config", "mmcv.utils.config.Config", "mmengine.Config",
            "mmengine.config.Config", "mmengine.config.config.Config")


def _reader(kind: str) -> Handler:
    def read(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
        return settings.loaded(machine, first(arguments), kind)

    return read


def from_file(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """mmengine.Config.fromfile(...)."""
    return pythonconfigs.loaded(machine, arguments.get(0, "filename") or Opaque("no file"))


def open_file(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    place = machine.place(node if node is not None else cst.Pass())
    return Layer("builtins.open", list(arguments.args[:1]) or list(arguments.keywords.values())[:1], {}, place)


def holder(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """A mapping with attributes, made of another mapping and keywords."""
    found = Dict({}, None, machine.path, "namespace")
    source = settled(first(arguments)) if arguments.args else None
    if isinstance(source, Dict):
        found.items.update((key, answering(value)) for key, value in source.items.items())
        found.rest = source.rest
    elif source is not None and not isinstance(source, Known):
        found.rest = Opaque("settings that are not known")
    found.items.update((key, answering(value)) for key, value in arguments.keywords.items())
    if arguments.double:
        found.rest = found.rest or Opaque("settings that are not known")
    return found


def answering(value: Value, depth: int = 0) -> Value:
    """The same settings, where inner mappings answer to attributes, too."""
    if depth > 12:
        return value
    match value:
        case Dict(kind="dict"):
            items = {key: answering(one, depth + 1) for key, one in value.items.items()}
            return Dict(items, value.rest, value.base, "namespace")
        case Seq(kind="list" | "tuple"):
            entries = [answering(one, depth + 1) for one in value.items]
            return Seq(entries, value.kind, value.rest, value.base, grown=value.grown)
        case _:
            return value


def container(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """OmegaConf.to_container, asdict: the same settings as plain mappings."""
    found = first(arguments)
    if isinstance(found, Dict):
        return Dict(dict(found.items), found.rest, machine.path)
    return found


def merge(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """OmegaConf.merge(a, b, ...): later ones win."""
    found = Dict({}, None, machine.path, "namespace")
    for value in arguments.args:
        if isinstance(value, Dict):
            settings.merged(found, answering(copied(value)))
    return found if found.items else Opaque("settings that are not known")


def copied(found: Dict) -> Dict:
    """A copy that shares no mapping with the original."""
    return Dict(
        {key: copied(value) if isinstance(value, Dict) else value for key, value in found.items.items()},
        found.rest, found.base, found.kind,
    )


def path_joined(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """os.path.join and pathlib.Path: the parts that are known, from the last unknown folder on."""
    parts: list[str] = []
    for value in arguments.args:
        known = settled(value)
        if isinstance(known, Known) and isinstance(known.value, str):
            parts.append(known.value)
        else:
            parts = []
    return Known("/".join(parts)) if parts else Opaque("a path")


FUNCTIONS: dict[str, Handler] = {
    **{name: _reader(kind) for name, kind in _READERS.items()},
    **dict.fromkeys(_HOLDERS, holder),
    **{f"{config}.fromfile": from_file for config in _CONFIGS},
    "builtins.open": open_file,
    "io.open": open_file,
    "omegaconf.OmegaConf.to_container": container,
    "omegaconf.OmegaConf.merge": merge,
    "omegaconf.OmegaConf.unsafe_merge": merge,
    "os.path.join": path_joined,
    "pathlib.Path": path_joined,
}


def holder_method(found: Dict, last: str, arguments: Arguments) -> Value | None:
    """Methods of the objects that hold settings; None for any other."""
    match last:
        case "merge_from_file" | "merge_from_list" | "merge_from_other_cfg" | "merge_from_dict":
            given = settled(arguments.args[0]) if arguments.args else None
            if last in ("merge_from_other_cfg", "merge_from_dict") and isinstance(given, Dict):
                settings.merged(found, given)
            else:
                settings.opened_up(found)
            return Known(None)
        case "clone" | "copy" | "deepcopy" if found.kind == "namespace":
            return copied(found)
        case "freeze" | "defrost" | "lock" | "unlock" | "set_new_allowed" if found.kind == "namespace":
            return Known(None)
        case _:
            return None
