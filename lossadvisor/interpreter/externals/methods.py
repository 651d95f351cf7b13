"""Methods of external classes, by what they are bound to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import (
    arrays,
    assign,
    children,
    driven,
    hooks,
    layers,
    metaclasses,
    objects,
    owning,
    pythonlib,
    subclassing,
    tokens,
)
from lossadvisor.interpreter.externals.keepers import SELF_METHODS
from lossadvisor.interpreter.externals.tensors import changed_in_place, tensor_method
from lossadvisor.interpreter.externals.unfollowed import SPELLING, handed, place_of
from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.pythonlib.commandline import PARSERS
from lossadvisor.interpreter.records import SETTINGS_BASES
from lossadvisor.interpreter.values import (
    Bound,
    Cls,
    Dict,
    External,
    Func,
    Known,
    Layer,
    Mod,
    Obj,
    Opaque,
    Partial,
    Seq,
    Super,
    Tensor,
    Value,
)
from lossadvisor.transfers import METHODS
from lossadvisor.values import Domain, Dtype, Fact

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


def method(machine: Machine, name: str, receiver: Value, arguments: Arguments, node: cst.Call | None) -> Value:
    """Call of a method of an external class, bound to a receiver."""
    owner, _, last = name.rpartition(".")
    if isinstance(receiver, Obj | Layer | Seq | Dict):
        found = owning.asked(machine, receiver, last, node)
        if found is not None:
            return found
    if last == "register_forward_hook" and not isinstance(receiver, Super | Cls):
        return hooks.register(machine, receiver, arguments)
    match receiver:
        case Tensor():
            result = tensor_method(machine, receiver, last, arguments, node)
            return changed_in_place(machine, receiver, last, result, arguments, node)
        case Obj():
            return _object_method(machine, owner, last, receiver, arguments, node)
        case Layer():
            return _layer_method(machine, last, receiver, arguments, node)
        case Known(value=bool()) if last in METHODS:
            # Python's truth values have no such methods: a comparison of something unknown is a mask.
            mask = Tensor(Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL, reason="a comparison"))
            return tensor_method(machine, mask, last, arguments, node)
        case Seq() | Dict() | Known():
            handled = pythonlib.container_method(machine, receiver, last, arguments, node)
            return handled
        case Opaque():
            return _unknown_method(machine, owner, last, receiver, arguments, node)
        case Cls() if name == metaclasses.CONSTRUCTS:
            from lossadvisor.interpreter.calls import construct

            return construct(machine, receiver, arguments, node)
        case Cls() if last == "__subclasses__":
            return subclassing.listed(machine, receiver)
        case Cls() if last in objects.CONSTRUCTORS:
            given = replace(arguments, args=[], star=True, double=True)
            return objects.construct(machine, receiver, given, place_of(machine, node))
        case Super() | External() | Cls() | Mod() | Func() | Bound() | Partial():
            return Opaque(f"{last} of something that is not followed")
        case _:
            return Opaque(f"{last} of several things")


def _object_method(
    machine: Machine, owner: str, last: str, obj: Obj, arguments: Arguments, node: cst.Call | None
) -> Value:
    match last:
        case "__init__":
            layers.initialise(machine, owner, obj, arguments)
            return Known(None)
        case "__call__" | "forward":
            from lossadvisor.interpreter.calls import call_object

            if last == "__call__":
                return call_object(machine, obj, arguments, node)
            return layers.call_as(machine, owner, obj, arguments, node)
        case "train" | "eval":
            mode = arguments.args[0] if last == "train" and arguments.args else Known(last == "train")
            set_mode(obj, mode)
            return obj
        case "add_module" | "register_module" | "register_buffer" | "register_parameter" | "__setattr__":
            key = arguments.get(0, "name")
            value = arguments.get(1, "module") or arguments.get(1, "tensor")
            if isinstance(key, Known) and value is not None:
                assign.set_attribute(machine, obj, str(key.value), value)
            return Known(None)
        case "apply" if arguments.args:
            return children.applied(machine, obj, arguments.args[0])
        case "named_children" | "named_modules":
            return children.named(obj)
        case "children" | "modules":
            return _children(obj)
        case "append" | "extend" | "insert":
            stored = obj.attrs.get("<modules>")
            if isinstance(stored, Seq):
                return pythonlib.container_method(machine, stored, last, arguments, node)
            return Opaque(f"{last} of an object")
        case "parse_args" if owner in SETTINGS_BASES:
            return obj
        case "save_hyperparameters" if owner in driven.SAVERS:
            driven.save(machine, obj, arguments)
            return Known(None)
        case "compile" | _ if last in SELF_METHODS:
            return obj
        case _:
            handed(machine, f"{owner}.{last}", arguments, node)
            asked = Opaque(f"{owner}.{last} is not known", ("attribute", id(obj)), None, Origin.CONFIG)
            return _keyed_method(machine, asked, last, arguments)


def _children(obj: Obj) -> Value:
    stored = obj.attrs.get("<modules>")
    if isinstance(stored, Seq):
        return stored
    found = [value for name, value in obj.attrs.items() if isinstance(value, Layer | Obj | Seq) and name[:1] != "<"]
    return Seq(list(found), "list")


def set_mode(value: Value, mode: Value, depth: int = 0) -> None:
    """train()/eval(): the module and its children."""
    if depth > 6:
        return
    if isinstance(value, Obj):
        if "training" in value.attrs and value.attrs["training"] == mode:
            return
        value.attrs["training"] = mode
        for child in list(value.attrs.values()):
            set_mode(child, mode, depth + 1)
    elif isinstance(value, Seq):
        for child in value.items:
            set_mode(child, mode, depth + 1)


def _layer_method(machine: Machine, last: str, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    known = arrays.layer_method(layer, last, arguments)
    if known is not None:
        return known
    if last == "add_special_tokens" and tokens.is_tokenizer(layer):
        return tokens.add_special(machine, layer, arguments)
    if layer.name.startswith(PARSERS):
        handler = pythonlib.ARGPARSE.get(last)
        if handler is not None:
            return handler(machine, layer, arguments, node)
    match last:
        case "forward" | "__call__":
            return layers.apply_layer(machine, layer, arguments, node, False)
        case "prepare" if layer.name.startswith("accelerate."):
            return arguments.args[0] if len(arguments.args) == 1 else Seq(list(arguments.args), "tuple")
        case "unwrap_model" | "prepare_model" if arguments.args:
            return arguments.args[0]
        case "train" | "eval" | "compile":
            return layer
        case "read" if layer.name == "builtins.open":
            return layer  # its content is asked for when it is parsed
        case _ if last in SELF_METHODS:
            return layer
        case _:
            handed(machine, f"{layer.name}.{last}", arguments, node)
            return Opaque(f"{layer.name}.{last} is not known")


def _unknown_method(
    machine: Machine, owner: str, last: str, receiver: Opaque, arguments: Arguments, node: cst.Call | None
) -> Value:
    """A method of something unknown: tensor methods mean a tensor, moves and modes keep the thing."""
    if last in SELF_METHODS | {"train", "eval", "contiguous", "clone", "detach"} and not arguments.star:
        if last in METHODS and last not in ("cuda", "cpu", "train", "eval"):
            result = tensor_method(machine, receiver, last, arguments, node)
            return result if isinstance(result, Tensor) and result.fact.dtype is not Dtype.UNKNOWN else receiver
        return receiver
    if last in METHODS or (last in ("max", "amax") and (arguments.args or arguments.keywords)):
        return tensor_method(machine, receiver, last, arguments, node)
    return _keyed_method(machine, receiver, last, arguments)


def _keyed_method(machine: Machine, receiver: Opaque, last: str, arguments: Arguments) -> Value:
    """The same question asked of the same unknown has the same answer: `cfg.get("type")`, `cfg.pop("type")`."""
    given = [value.value for value in arguments.args if isinstance(value, Known)]
    if last == "copy" and not arguments.args:
        return receiver
    if receiver.key is None or len(given) != len(arguments.args) or len(given) > 2 or arguments.keywords:
        return Opaque(f"{receiver.reason}.{last}()")
    default = arguments.args[1] if last in ("get", "pop", "getattr") and len(arguments.args) == 2 else None
    if isinstance(receiver.default, Known) and isinstance(receiver.default.value, str):
        usual = pythonlib.container_method(machine, receiver.default, last, arguments, None)
        default = usual if isinstance(usual, Known) else default
        if last in SPELLING and default == receiver.default and not arguments.args:
            return receiver
    read = last in ("get", "pop", "getattr", "__getitem__")
    key = (receiver.key, "[]" if read and last != "getattr" else last, *(given[:1] if read else given))
    return Opaque(f"{receiver.reason}.{last}({', '.join(map(repr, given))})", key, default, receiver.origin)
