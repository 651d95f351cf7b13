"""Methods of lists, dictionaries and strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from lossadvisor.interpreter import children, library_registries, listed, named
from lossadvisor.interpreter import modulenames as names
from lossadvisor.interpreter.pythonlib import files
from lossadvisor.interpreter.pythonlib.given import settled
from lossadvisor.interpreter.values import NONE, Dict, Known, Opaque, Seq, Tensor, Value, union
from lossadvisor.values import UNKNOWN

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


def container_method(
    machine: Machine, receiver: Value, last: str, arguments: Arguments, node: cst.Call | None
) -> Value:
    """A method of a list, dict, string or module container."""
    match receiver:
        case Seq():
            return _seq_method(machine, receiver, last, arguments, node)
        case Dict():
            return _dict_method(machine, receiver, last, arguments, node)
        case Known(value=str() as text):
            return _text_method(text, last, arguments)
        case _:
            return Opaque(f"{last} of a constant")


def _seq_method(machine: Machine, seq: Seq, last: str, arguments: Arguments, node: cst.Call | None) -> Value:
    value = arguments.args[-1] if arguments.args else next(iter(arguments.keywords.values()), None)
    match last:
        case "add_module" | "register_module" if value is not None and seq.kind == "Sequential":
            key = arguments.get(0, "name")
            named.set_child(machine, seq, str(key.value) if isinstance(key, Known) else "forward", value)
            return NONE
        case "append" | "add" | "appendleft" | "add_module" if value is not None:
            listed.filled(machine, seq)
            in_loop = machine.path - seq.base
            if in_loop or seq.rest is not None:
                seq.rest = value if seq.rest is None else union([(frozenset(), seq.rest), (frozenset(), value)])
            elif last == "appendleft":
                seq.items.insert(0, value)
            else:
                seq.items.append(value)
            return seq if last == "append" and seq.kind == "Sequential" else NONE
        case _ if last in listed.CHANGES:
            return listed.change(machine, seq, last, arguments)
        case "apply" if arguments.args and seq.kind in ("Sequential", "ModuleList"):
            return children.applied(machine, seq, arguments.args[0])
        case "copy":
            return Seq(list(seq.items), seq.kind, seq.rest, machine.path, dict(seq.names), seq.grown)
        case "children" | "modules":
            return seq
        case "named_children" | "named_modules":
            pairs: list[Value] = [Seq([Known(str(i)), one], "tuple") for i, one in enumerate(seq.items)]
            return Seq(pairs, "list", seq.rest)
        case "forward" | "__call__" if seq.kind == "Sequential":
            from lossadvisor.interpreter.layers import apply_container

            return apply_container(machine, seq, arguments, node)
        case "train" | "eval" | "to" | "cuda" | "cpu" | "half" | "float" | "double" | "requires_grad_" | "apply":
            return seq
        case "max" | "min" | "sum" | "mean":
            return Tensor(UNKNOWN)
        case _:
            return Opaque(f"{last} of a list")


def _dict_method(machine: Machine, found: Dict, last: str, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import iterate, operators

    if found.kind == library_registries.KIND:
        return library_registries.method(machine, found, last, arguments, node)
    held = files.holder_method(found, last, arguments)
    if held is not None:
        return held
    match last:
        case "get" | "pop" | "__getitem__" if names.is_names(found) and arguments.args:
            return names.picked(machine, found, arguments.args[0])
        case _ if names.is_names(found):
            return Opaque(f"{last} of the names of a module")
        case "get" | "pop" | "__getitem__" if arguments.args:
            default = arguments.args[1] if len(arguments.args) > 1 else NONE
            key = settled(arguments.args[0])
            if isinstance(key, Known):
                if key.value in found.items:
                    return found.items[key.value]
                return default if found.rest is None else iterate.entry(found.rest, key.value)
            return iterate.element(machine, found, arguments.args[0])
        case "setdefault" if arguments.args:
            key = arguments.args[0]
            if isinstance(key, Known):
                return found.items.setdefault(key.value, arguments.args[1] if len(arguments.args) > 1 else NONE)
            return Opaque("setdefault")
        case "update":
            for value in arguments.args:
                operators.update(machine, found, value)
            found.items.update(arguments.keywords)
            return NONE
        case "items" | "named_children":
            pairs: list[Value] = [Seq([Known(key), value], "tuple") for key, value in found.items.items()]
            rest = None if found.rest is None else Seq([Opaque("a key"), found.rest], "tuple")
            return Seq(pairs, "list", rest)
        case "values" | "children":
            return Seq(list(found.items.values()), "list", found.rest)
        case "keys":
            return Seq([Known(key) for key in found.items], "list", None if found.rest is None else Opaque("a key"))
        case "copy":
            return Dict(dict(found.items), found.rest, machine.path, found.kind)
        case "to" | "cuda" | "train" | "eval":
            return found
        case "to_tuple":
            return Seq(list(found.items.values()), "tuple", found.rest)
        case _:
            return Opaque(f"{last} of a dictionary")


_TEXT = frozenset({"lower", "upper", "strip", "title", "capitalize", "replace", "lstrip", "rstrip", "startswith",
                   "endswith", "split", "rfind", "find", "rsplit", "format", "partition", "rpartition", "removesuffix",
                   "removeprefix", "casefold"})


def _text_method(text: str, last: str, arguments: Arguments) -> Value:
    if last == "join" and len(arguments.args) == 1 and isinstance(arguments.args[0], Seq):
        return _joined(text, arguments.args[0])
    given: list[Any] = [value.value for value in arguments.args if isinstance(value, Known)]
    if last not in _TEXT or len(given) != len(arguments.args):
        return Opaque(f"{last} of a string")
    try:
        result = getattr(text, last)(*given)
    except (AttributeError, LookupError, MemoryError, TypeError, ValueError):  # `"{classes}".format(1)`
        return Opaque(f"{last} of a string")
    return Seq([Known(part) for part in result], "list") if isinstance(result, list | tuple) else Known(result)


def _joined(text: str, parts: Seq) -> Value:
    known = [part.value for part in parts.items if isinstance(part, Known) and isinstance(part.value, str)]
    if parts.rest is not None or parts.grown or len(known) != len(parts.items) or len(known) > 100:
        return Opaque("join of a string")
    return Known(text.join(known))
