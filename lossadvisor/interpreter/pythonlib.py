"""The parts of Python itself that carry values around: builtins, containers, argparse, getattr and setattr."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.values import (
    NONE,
    Cls,
    Dict,
    External,
    Known,
    Layer,
    Mod,
    Obj,
    Opaque,
    Seq,
    Super,
    Tensor,
    Value,
    options,
    union,
)
from lossadvisor.values import UNKNOWN

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

Handler = Callable[["Machine", "Arguments", "cst.Call | None"], Value]


def _first(arguments: Arguments) -> Value:
    return arguments.args[0] if arguments.args else Opaque("no argument")


def _settled(value: Value) -> Value:
    return value.default if isinstance(value, Opaque) and value.default is not None else value


def _getattr(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import objects

    if len(arguments.args) < 2:
        return Opaque("getattr")
    name = _settled(arguments.args[1])
    if isinstance(name, Known) and isinstance(name.value, str):
        return objects.attribute(machine, arguments.args[0], name.value, node)
    found = []
    for guard, single in options(name):
        if isinstance(single, Known) and isinstance(single.value, str):
            found.append((guard, objects.attribute(machine, arguments.args[0], single.value, node)))
    if found:
        return union(found)
    receiver = arguments.args[0]
    if isinstance(receiver, Mod) and receiver.scope is not None and isinstance(name, Opaque):
        return _any_class(machine, receiver, name)
    return Opaque("getattr with a name that is not known")


def _any_class(machine: Machine, module: Mod, name: Opaque) -> Value:
    """getattr(module, setting): one of the classes and functions that the module defines."""
    from lossadvisor.interpreter import iterate  # noqa: PLC0415

    assert module.scope is not None
    found: dict[Any, Value] = {}
    for statement in module.scope.index.statements:
        for definition in statement.definitions:
            value = machine.modules.name(module.scope, definition.name)
            if value is not None and not definition.name.startswith("_"):
                found[definition.name] = value
    key = name.key if name.key is not None else ("name of", id(module.scope))
    return iterate.by_key(Opaque(name.reason, key, None, name.origin), found)


def _import_module(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    name = _settled(_first(arguments))
    if not isinstance(name, Known) or not isinstance(name.value, str) or name.value.startswith("."):
        return Opaque("a module whose name is not known")
    importer = machine.frame.scope.index.document
    found = machine.project.resolve(importer, name.value, 0)
    if found is None:
        return External(name.value)
    return machine.modules.module(found)


def _setattr(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import assign

    if len(arguments.args) == 3:
        name = _settled(arguments.args[1])
        if isinstance(name, Known) and isinstance(name.value, str):
            for _, receiver in machine.each(arguments.args[0]):
                assign.set_attribute(machine, receiver, name.value, arguments.args[2])
    return NONE


def _len(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    match _first(arguments):
        case Seq(items=items, rest=None):
            return Known(len(items))
        case Dict(items=items, rest=None):
            return Known(len(items))
        case Known(value=str() as text):
            return Known(len(text))
        case Opaque(reason=reason, key=key) if key is not None:
            return Opaque(f"len({reason})", (key, "len"))
        case _:
            return Opaque("a length")


def _range(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    numbers = [_settled(value) for value in arguments.args]
    known = [value.value for value in numbers if isinstance(value, Known) and isinstance(value.value, int)]
    if len(known) == len(numbers) and 1 <= len(known) <= 3:
        try:
            span = range(*known)
        except ValueError:
            return Opaque("a range")
        if len(span) <= 24:
            return Seq([Known(number) for number in span], "list")
    return Seq([], "list", Opaque("a number of a range"))


def _zip(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    if all(isinstance(value, Seq) and value.rest is None for value in arguments.args) and arguments.args:
        rows = zip(*(value.items for value in arguments.args if isinstance(value, Seq)), strict=False)
        return Seq([Seq(list(row), "tuple") for row in rows], "list")
    return Seq([], "list", Seq([_any_element(machine, value) for value in arguments.args], "tuple"))


def _any_element(machine: Machine, value: Value) -> Value:
    from lossadvisor.interpreter import iterate

    found = iterate.elements(machine, value)
    return found[0] if len(found) == 1 else iterate._any(found)


def _enumerate(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    source = _first(arguments)
    if isinstance(source, Seq) and source.rest is None:
        return Seq([Seq([Known(i), value], "tuple") for i, value in enumerate(source.items)], "list")
    return Seq([], "list", Seq([Opaque("an index"), _any_element(machine, source)], "tuple"))


def _list(kind: str) -> Handler:
    def build(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
        if not arguments.args:
            return Seq([], kind, None, machine.path)
        match arguments.args[0]:
            case Seq(items=items, rest=rest):
                return Seq(list(items), kind, rest, machine.path)
            case Dict(items=items, rest=rest):
                return Seq([Known(key) for key in items], kind, rest, machine.path)
            case Opaque(reason=reason):
                return Seq([], kind, Opaque(f"an element of {reason}"), machine.path)
            case other:
                return Seq([], kind, _any_element(machine, other), machine.path)

    return build


def _dict(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import operators

    found = Dict({}, None, machine.path)
    source = arguments.args[0] if arguments.args else None
    if isinstance(source, Seq):
        for pair in source.items:
            if isinstance(pair, Seq) and len(pair.items) == 2 and isinstance(pair.items[0], Known):
                found.items[pair.items[0].value] = pair.items[1]
            else:
                found.rest = Opaque("pairs that are not known")
        if source.rest is not None:
            found.rest = Opaque("pairs that are not known")
    elif source is not None:
        operators.update(machine, found, source)
    found.items.update(arguments.keywords)
    return found


def _namespace(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    found = Dict(dict(arguments.keywords), None, machine.path, "namespace")
    return found


def _isinstance(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import objects

    if len(arguments.args) != 2:
        return Opaque("isinstance")
    value, kinds = arguments.args
    wanted = kinds.items if isinstance(kinds, Seq) else [kinds]
    names = {one.name for one in wanted if isinstance(one, External)}
    match value:
        case Seq(kind=kind):
            return Known(f"builtins.{kind}" in names or ("torch.nn." + kind) in names)
        case Dict(kind="dict"):
            return Known(bool(names & {"builtins.dict", "collections.OrderedDict", "collections.abc.Mapping"}))
        case Tensor():
            return Known(True) if names & {"torch.Tensor", "torch.FloatTensor"} else Known(False)
        case Known(constant):
            return Known(f"builtins.{type(constant).__name__}" in names)
        case Obj(cls=cls):
            order = objects.linearize(machine, cls)
            if any(one is kind for one in order for kind in wanted):
                return Known(True)
            if any(isinstance(one, External) and one.name in names for one in order):
                return Known(True)
            return Opaque("isinstance") if any(isinstance(one, Opaque) for one in order) else Known(False)
        case Layer(name=name) if name in names:
            return Known(True)
        case Opaque(key=key, reason=reason) if key is not None and len(names) == 1:
            return Opaque(f"isinstance({reason})", (key, "isinstance", next(iter(names))))
        case _:
            return Opaque("isinstance")


def _super(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter.externals import super_value

    if len(arguments.args) == 2 and isinstance(arguments.args[0], Cls):
        return Super(arguments.args[0], arguments.args[1])
    return super_value(machine)


def _number(kind: type) -> Handler:
    def convert(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
        value = _settled(_first(arguments))
        if isinstance(value, Known) and isinstance(value.value, int | float | str):
            try:
                return Known(kind(value.value))
            except (ValueError, OverflowError):
                return Opaque("a number")
        if kind is bool and isinstance(value, Opaque):
            return value
        return Opaque("a number")

    return convert


def _map(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import calls, iterate

    if len(arguments.args) < 2:
        return Opaque("map")
    found = [
        calls.call(machine, arguments.args[0], calls.Arguments([value], {}), node)
        for value in iterate.elements(machine, arguments.args[1])
    ]
    source = arguments.args[1]
    exact = isinstance(source, Seq) and source.rest is None
    return Seq(found, "list") if exact else Seq([], "list", iterate._any(found))


def _sum(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    return Opaque("a sum")


def _next(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    return _any_element(machine, _first(arguments))


def _type(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    value = _first(arguments)
    if isinstance(value, Obj):
        return value.cls
    return External(value.name) if isinstance(value, Layer) else Opaque("a type")


def _hasattr(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import objects

    if len(arguments.args) == 2 and isinstance(arguments.args[1], Known):
        receiver, name = arguments.args[0], str(arguments.args[1].value)
        if isinstance(receiver, Obj) and (name in receiver.attrs or objects.class_member(machine, receiver.cls, name)):
            return Known(True)
        if isinstance(receiver, Dict) and receiver.kind == "namespace":
            return Known(name in receiver.items)
    return Opaque("hasattr")


def _globals(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    scope = machine.frame.scope
    for name in scope.index.binders:
        if name not in scope.names and name not in scope.resolving:
            for statement in scope.index.binders[name]:
                if statement.definitions:
                    machine.modules.run(scope, statement, name)
    return Dict(dict(scope.names), None)  # type: ignore[arg-type]


def _field(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    return Dict(dict(arguments.keywords), None, machine.path, "field")


def _namedtuple(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    fields = arguments.get(1, "field_names")
    names: tuple[str, ...] = ()
    if isinstance(fields, Known) and isinstance(fields.value, str):
        names = tuple(fields.value.replace(",", " ").split())
    elif isinstance(fields, Seq):
        names = tuple(str(one.value) for one in fields.items if isinstance(one, Known))
    body = "\n".join(f"    {name}: object" for name in names if name.isidentifier())
    if not body:
        return Opaque("a named tuple")
    module = cst.parse_module(f"class _:\n{body}\n")
    made = module.body[0]
    assert isinstance(made, cst.ClassDef)
    frame = machine.frame
    return Cls("namedtuple", frame.fragment, frame.scope, (External("typing.NamedTuple"),), {}, None, None, (), made)


# --- argparse ------------------------------------------------------------------------------------------------------


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
}

FUNCTIONS: dict[str, Handler] = {
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.hasattr": _hasattr,
    "builtins.len": _len,
    "builtins.range": _range,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.list": _list("list"),
    "builtins.tuple": _list("tuple"),
    "builtins.set": _list("set"),
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "collections.defaultdict": lambda machine, arguments, node: Dict({}, None, machine.path),
    "types.SimpleNamespace": _namespace,
    "argparse.Namespace": _namespace,
    "easydict.EasyDict": _namespace,
    "builtins.isinstance": _isinstance,
    "builtins.super": _super,
    "builtins.int": _number(int),
    "builtins.float": _number(float),
    "builtins.bool": _number(bool),
    "builtins.str": _number(str),
    "builtins.map": _map,
    "builtins.sum": _sum,
    "builtins.next": _next,
    "builtins.type": _type,
    "builtins.globals": _globals,
    "importlib.import_module": _import_module,
    "dataclasses.field": _field,
    "collections.namedtuple": _namedtuple,
}


# --- containers ----------------------------------------------------------------------------------------------------


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
        case "append" | "add" | "appendleft" | "add_module" if value is not None:
            in_loop = machine.path - seq.base
            if in_loop:
                seq.rest = value if seq.rest is None else union([(frozenset(), seq.rest), (frozenset(), value)])
            else:
                seq.items.append(value)
            return seq if last == "append" and seq.kind == "Sequential" else NONE
        case "insert" if len(arguments.args) == 2:
            index = arguments.args[0]
            if isinstance(index, Known) and isinstance(index.value, int):
                seq.items.insert(index.value, arguments.args[1])
            return NONE
        case "extend" if value is not None:
            if isinstance(value, Seq):
                seq.items += value.items
                seq.rest = seq.rest or value.rest
            else:
                seq.rest = Opaque("elements of something unknown")
            return NONE
        case "pop":
            return seq.items.pop() if seq.items and not arguments.args else Opaque("a popped element")
        case "copy":
            return Seq(list(seq.items), seq.kind, seq.rest, machine.path)
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

    match last:
        case "get" | "pop" | "__getitem__" if arguments.args:
            default = arguments.args[1] if len(arguments.args) > 1 else NONE
            key = _settled(arguments.args[0])
            if isinstance(key, Known):
                if key.value in found.items:
                    return found.items[key.value]
                return default if found.rest is None else found.rest
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
    given: list[Any] = [value.value for value in arguments.args if isinstance(value, Known)]
    if last not in _TEXT or len(given) != len(arguments.args):
        return Opaque(f"{last} of a string")
    try:
        result = getattr(text, last)(*given)
    except (AttributeError, LookupError, MemoryError, TypeError, ValueError):  # `"{classes}".format(1)`
        return Opaque(f"{last} of a string")
    return Seq([Known(part) for part in result], "list") if isinstance(result, list | tuple) else Known(result)


