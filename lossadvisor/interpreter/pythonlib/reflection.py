"""Questions about names, types and modules: getattr, setattr, isinstance, super, globals, import_module."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.contracts import by_name
from lossadvisor.interpreter import frameworks
from lossadvisor.interpreter import modulenames as names
from lossadvisor.interpreter.guards import Guard, Origin
from lossadvisor.interpreter.pythonlib.given import first, settled
from lossadvisor.interpreter.values import (
    NONE,
    Cls,
    Dict,
    External,
    Func,
    Known,
    Layer,
    Mod,
    Obj,
    Opaque,
    Seq,
    Super,
    Tensor,
    Union,
    Value,
    options,
    union,
)
from lossadvisor.project.parsing import parse_expression
from lossadvisor.transfers import LAYERS

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


_FUNCTIONS = frozenset({"types.FunctionType", "types.LambdaType", "collections.abc.Callable", "typing.Callable"})


def get_attribute(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import objects

    if len(arguments.args) < 2:
        return Opaque("getattr")
    receiver, name = arguments.args[:2]
    if isinstance(receiver, Mod) and isinstance(name, Opaque):
        return names.member(machine, receiver, name)
    name = settled(name)
    if isinstance(name, Known) and isinstance(name.value, str):
        return objects.attribute(machine, receiver, name.value, node)
    if isinstance(receiver, External) and isinstance(name, Opaque) and (model := frameworks.any_of(receiver.name)):
        return model
    found = []
    for guard, single in options(name):
        if isinstance(single, Known) and isinstance(single.value, str):
            found.append((guard, objects.attribute(machine, receiver, single.value, node)))
    return union(found) if found else Opaque("getattr with a name that is not known")


def import_module(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    name = settled(first(arguments))
    if not isinstance(name, Known) or not isinstance(name.value, str):
        return Opaque("a module whose name is not known")
    text = name.value
    if text.startswith("."):
        package = arguments.get(1, "package")
        if not isinstance(package, Known) or not isinstance(package.value, str):
            return Opaque("a module whose name is not known")
        inner = text.lstrip(".")
        outer = package.value.split(".")
        text = ".".join([*outer[: len(outer) + 1 - (len(text) - len(inner))], inner])
    return _imported(machine, text)


def _imported(machine: Machine, name: str) -> Value:
    importer = machine.frame.scope.index.document
    found = machine.project.resolve(importer, name, 0)
    return External(name) if found is None else machine.modules.module(found)


def import_by_hand(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """`__import__("a.b", fromlist=["c"])` is a.b; without names to import from it, it is a."""
    name = settled(first(arguments))
    if not isinstance(name, Known) or not isinstance(name.value, str):
        return Opaque("a module whose name is not known")
    inner = arguments.get(3, "fromlist")
    whole = isinstance(inner, Seq) and (bool(inner.items) or inner.rest is not None)
    return _imported(machine, name.value if whole else name.value.split(".")[0])


def loaded_module(machine: Machine, name: Value | None) -> Value:
    """`sys.modules[name]`; the one that is started is that of the running line."""
    scope = machine.frame.scope
    if name == Known("__main__"):
        return Mod(scope, scope.index.document)
    if isinstance(name, Known) and isinstance(name.value, str):
        return _imported(machine, name.value)
    return Opaque("a module whose name is not known")


def set_attribute(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import assign

    if len(arguments.args) == 3:
        name = settled(arguments.args[1])
        if isinstance(name, Known) and isinstance(name.value, str):
            for receiver in machine.branches(arguments.args[0]):
                assign.set_attribute(machine, receiver, name.value, arguments.args[2])
    return NONE


def has_attribute(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import classes

    if len(arguments.args) == 2 and isinstance(arguments.args[1], Known):
        receiver, name = arguments.args[0], str(arguments.args[1].value)
        if isinstance(receiver, Obj) and (name in receiver.attrs or classes.class_member(machine, receiver.cls, name)):
            return Known(True)
        if isinstance(receiver, Dict) and receiver.kind == "namespace":
            return Known(name in receiver.items)
    return Opaque("hasattr")


# Modules of torch.nn that inherit from another public one. Source: their pages on docs.pytorch.org.
_DERIVED = frozenset({"ReLU6", "UpsamplingNearest2d", "UpsamplingBilinear2d", "GRU", "LSTM", "RNN", "Module",
                      "Sequential", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d", "SyncBatchNorm"})  # fmt: skip


def _plain(name: str) -> bool:
    """A layer or loss of torch.nn that no other public class of it inherits from, and that inherits from none."""
    last = name.removeprefix("torch.nn.")
    known = name in LAYERS or (name.startswith("torch.nn.") and name in by_name and not last.startswith("NLLLoss"))
    return known and last.isidentifier() and last not in _DERIVED and not last.startswith(("Lazy", "_"))


def is_instance(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter import classes

    if len(arguments.args) != 2:
        return Opaque("isinstance")
    value, kinds = arguments.args
    if isinstance(value, Union):
        return machine.result([
            (guard, is_instance(machine, replace(arguments, args=[single, kinds]), node))
            for guard, single in machine.each(value)
        ])
    wanted = kinds.items if isinstance(kinds, Seq) else [kinds]
    complete = not isinstance(kinds, Seq) or kinds.rest is None
    if not complete or not all(isinstance(one, External | Cls) for one in wanted):
        return Opaque("isinstance of a type that is not known")
    names = {_public(one.name) for one in wanted if isinstance(one, External)}
    match value:
        case Layer(name=name) if _public(name) in names or (name in by_name and not names.isdisjoint(_LOSSES)):
            return Known(True)
        case Seq(kind=kind):
            return Known(f"builtins.{kind}" in names or ("torch.nn." + kind) in names)
        case Dict(kind="dict"):
            return Known(bool(names & {"builtins.dict", "collections.OrderedDict", "collections.abc.Mapping"}))
        case Tensor():
            return Known(not names.isdisjoint(_TENSORS))
        case Known(constant):
            return Known(f"builtins.{type(constant).__name__}" in names)
        case Obj(cls=cls):
            order = classes.linearize(machine, cls)
            if any(one is kind for one in order for kind in wanted):
                return Known(True)
            if any(isinstance(one, External) and _public(one.name) in names for one in order):
                return Known(True)
            return Opaque("isinstance") if any(isinstance(one, Opaque) for one in order) else Known(False)
        case Layer(name=name) if name in LAYERS and "torch.nn.Module" in names:
            return Known(True)
        case Layer(name=name) if all(map(_plain, {_public(name), *names})):
            return Known(False)  # what torch makes is of no class of the project either
        case Cls() if not any(isinstance(kind, Opaque) for kind in wanted):
            return Known("builtins.type" in names)
        case External(name=name) if name in LAYERS or name in by_name:
            return Known("builtins.type" in names)  # the class itself, no instance
        case Func() if not any(isinstance(kind, Opaque) for kind in wanted):
            return Known(bool(names & _FUNCTIONS))
        case Opaque(key=key, reason=reason, default=usual) if key is not None and len(names) == 1:
            # Who chooses a setting chooses its type.
            origin = value.origin if value.origin in (Origin.CONFIG, Origin.FILE) else Origin.OPAQUE
            default = is_instance(machine, replace(arguments, args=[usual, kinds]), node) if usual else None
            said = default if isinstance(default, Known) else None
            return Opaque(f"isinstance({reason})", (key, "isinstance", next(iter(names))), said, origin)
        case _:
            return Opaque("isinstance")


# Every tensor is a Variable since 0.4: that name's metaclass asks for a Tensor.
# Source: docs.pytorch.org/docs/stable/autograd.html, "Variable (deprecated)", and torch/autograd/variable.py.
_TENSORS = frozenset({
    "torch.Tensor", "torch.FloatTensor", "torch.autograd.Variable", "torch.autograd.variable.Variable",
})  # fmt: skip

_LOSSES = frozenset({"torch.nn._Loss", "torch.nn._WeightedLoss", "torch.nn.Module"})


def _public(name: str) -> str:
    """torch.nn.modules.loss.MSELoss is torch.nn.MSELoss; six has a name of its own for what is a string."""
    if name in ("six.string_types", "six.text_type"):
        return "builtins.str"
    return f"torch.nn.{name.rsplit('.', 1)[-1]}" if name.startswith("torch.nn.modules.") else name


def super_of(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    from lossadvisor.interpreter.externals import super_value

    if len(arguments.args) == 2 and isinstance(arguments.args[0], Cls):
        return Super(arguments.args[0], arguments.args[1])
    return super_value(machine)


def type_of(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    value = first(arguments)
    if isinstance(value, Obj):
        return value.cls
    return External(value.name) if isinstance(value, Layer) else Opaque("a type")


def global_names(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    scope = machine.frame.scope
    return names.of_module(Mod(scope, scope.index.document))


def variables(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """vars(module), vars(object)."""
    from lossadvisor.interpreter import objects

    if not arguments.args:
        return Opaque("the names of a function")
    given = first(arguments)
    if isinstance(given, Dict) and given.kind == "namespace":
        return Dict(given.items, given.rest, given.base)
    return objects.attribute(machine, given, "__dict__", node) if isinstance(given, Mod | Obj) else Opaque("vars")


def evaluated(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """eval("nn." + name): the expression that a known text spells, where it only names, picks or calls something."""
    found: list[tuple[Guard, Value]] = []
    for guard, single in options(first(arguments)):
        text = settled(single)
        if not isinstance(text, Known) or not isinstance(text.value, str) or len(text.value) > 200:
            return Opaque("eval of a text that is not known")
        try:
            expression = parse_expression(text.value)
        except (cst.ParserSyntaxError, RecursionError):
            return Opaque("eval of a text that does not parse")
        found.append((guard, machine.evaluate(expression)))
    return union(found)
