"""Calls of functions and classes outside the project: the tables first, then what needs more than a row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.contracts import by_name
from lossadvisor.interpreter import (
    activated,
    arrays,
    composed,
    einops_patterns,
    forms,
    frameworks,
    layers,
    library_registries,
    mutation,
    objects,
    packing,
    pythonlib,
    sharing,
    tokens,
    training,
)
from lossadvisor.interpreter.externals.creation import extreme_with_indices, torch_function
from lossadvisor.interpreter.externals.keepers import KEEPERS, LEAVES
from lossadvisor.interpreter.externals.tensors import tensor_method
from lossadvisor.interpreter.externals.unfollowed import handed, place_of
from lossadvisor.interpreter.values import Known, Layer, Obj, Opaque, Partial, Seq, Super, Tensor, Union, Value
from lossadvisor.transfers import FUNCTIONS, LAYERS
from lossadvisor.transfers.apply import dtype_named
from lossadvisor.values import UNKNOWN, Dtype

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_INIT = (".__init__",)
# Functions that their pages call the same as a method; the first argument is the receiver.
_LIKE_METHODS = {
    "torch.add": "add", "torch.sub": "sub", "torch.subtract": "sub", "torch.mul": "mul", "torch.multiply": "mul",
    "torch.div": "div", "torch.divide": "div", "torch.true_divide": "div", "torch.masked_fill": "masked_fill",
    "torch.scatter": "scatter", "torch.amax": "amax",
}


def super_value(machine: Machine) -> Value:
    """super() without arguments."""
    for frame in reversed(machine.frames):
        if frame.function is not None and frame.function.owner is not None and frame.receiver is not None:
            return Super(frame.function.owner, frame.receiver)
    return Opaque("super() outside a method")


def function(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> Value:
    """Call of an external name."""
    operation = FUNCTIONS.get(name)
    if operation is not None:
        result = _operate(machine, operation.name, arguments, node)
        if arguments.args:
            sharing.viewed(machine, name.rsplit(".", 1)[-1], arguments.args[0], result)
        return _kept(machine, name, arguments, result, node)
    first = arguments.args[0] if arguments.args else None
    if name.startswith("torch.") and mutation.in_place(name) and isinstance(first, Tensor | Union):
        from lossadvisor.interpreter import calls

        method = objects.attribute(machine, first, name.rsplit(".", 1)[-1], node)
        return calls.call(machine, method, replace(arguments, args=arguments.args[1:]), node)
    if name in _LIKE_METHODS and first is not None and "rounding_mode" not in arguments.keywords:
        rest = replace(arguments, args=arguments.args[1:])
        return _kept(machine, name, arguments, tensor_method(machine, first, _LIKE_METHODS[name], rest, node), node)
    contract = by_name.get(name)
    if contract is not None and name in contract.functionals:
        return layers.loss_function(machine, name, contract, arguments, node)
    if name in KEEPERS:
        return arguments.args[0] if arguments.args else next(iter(arguments.keywords.values()), Opaque("nothing"))
    if name in ("apex.amp.initialize", "ipex.optimize") and arguments.args:
        return arguments.args[0] if len(arguments.args) == 1 else Seq(list(arguments.args), "tuple")
    if name == "functools.partial" and arguments.args:
        return Partial(arguments.args[0], list(arguments.args[1:]), dict(arguments.keywords))
    if name.startswith("hydra."):
        built = composed.function(machine, name, arguments, node)
        if built is not None:
            return built
    if name in library_registries.CLASSES:
        return library_registries.made(machine)
    if name in library_registries.BUILDERS:
        return library_registries.built_from(machine, arguments, node)
    handler = pythonlib.FUNCTIONS.get(name)
    if handler is not None:
        return handler(machine, arguments, node)
    if name.endswith(_INIT):
        return _unbound_init(machine, name, arguments)
    made = torch_function(machine, name, arguments, node)
    if made is not None:
        return made
    known = packing.function(name, arguments) or einops_patterns.function(machine, name, arguments)
    known = known or arrays.function(machine, name, arguments, place_of(machine, node))
    if known is not None:
        return known
    if contract is not None or name in LAYERS or _is_class(name):
        if contract is None and name not in LAYERS:
            handed(machine, name, arguments, node)
        place = place_of(machine, node)
        return layers.construct_external(machine, name, arguments, place)
    if frameworks.row_of(name) is not None or activated.row_of(name) is not None or tokens.makes(name):
        return Layer(name, list(arguments.args), dict(arguments.keywords), place_of(machine, node))
    handed(machine, name, arguments, node)
    return Opaque(f"{name} is not known")


def _kept(
    machine: Machine, name: str, arguments: Arguments, result: Value, node: cst.Call | None
) -> Value:
    """The result, also where `out=` or `inplace=True` put it."""
    target = arguments.keywords.get("out")
    if mutation.in_place(name) or mutation.asked(arguments.keywords.get("inplace")):
        target = arguments.get(0, "input")
    for one in node.args if node is not None and target is not None else ():
        if one.keyword is not None and one.keyword.value == "out":
            mutation.through_view(machine, one.value)
    if target is not None:
        mutation.rewrite(machine, target, result)
    return result


def _is_class(name: str) -> bool:
    last = name.rsplit(".", 1)[-1]
    return last[:1].isupper()


def _operate(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> Value:
    operation = FUNCTIONS[name]
    given: dict[str, Value] = {}
    for position, parameter in enumerate(operation.parameters):
        value = arguments.get(position, parameter)
        if value is not None:
            given[parameter] = value
    first = operation.parameters[0] if operation.parameters else None
    value = given.pop(first, Opaque("no input")) if first is not None else Tensor(UNKNOWN)
    if name in ("torch.max", "torch.min"):
        return extreme_with_indices(value, arguments)
    if "dtype" in arguments.keywords:
        given["dtype"] = arguments.keywords["dtype"]
    skipped = 1 if first is not None and first not in arguments.keywords else 0
    raw = forms.Raw(arguments.args[skipped:], arguments.keywords, arguments.star)
    if name.endswith("_like") or first is None:
        raw = forms.Raw(arguments.args, arguments.keywords, arguments.star)
    place = place_of(machine, node)
    result = layers.operate(machine, operation, value, given, place, node, raw)
    if name in LEAVES:
        asked = arguments.get(1, "requires_grad")
        return training.leaf(result, asked is None or layers.constant(asked) is True)
    if layers.constant(arguments.keywords.get("requires_grad")) is True:
        result = training.rebuilt(machine, arguments, result, place)
    return _with_dtype(name, result, arguments)


def _with_dtype(name: str, value: Value, arguments: Arguments) -> Value:
    wanted = dtype_named(layers.constant(arguments.keywords.get("dtype")))
    if not isinstance(value, Tensor):
        return value
    if wanted is None and (name.endswith("_like") or name == "torch.full") and "dtype" not in arguments.keywords:
        return Tensor(replace(value.fact, dtype=_given_dtype(name, arguments)))
    return value if wanted is None else Tensor(replace(value.fact, dtype=wanted))


def _given_dtype(name: str, arguments: Arguments) -> Dtype:
    """zeros_like and its like take the dtype of their tensor, full that of its number."""
    value = arguments.get(1, "fill_value") if name == "torch.full" else arguments.get(0, "input")
    match value:
        case Tensor(fact):
            return fact.dtype
        case Known(value=bool()):
            return Dtype.BOOL
        case Known(value=int()):
            return Dtype.INTEGER
        case Known(value=float()):
            return Dtype.FLOAT
        case _:
            return Dtype.UNKNOWN


def _unbound_init(machine: Machine, name: str, arguments: Arguments) -> Value:
    """`nn.Module.__init__(self, ...)` and its like."""
    from lossadvisor.interpreter.calls import Arguments as Given

    if arguments.args and isinstance(arguments.args[0], Obj):
        given = Given(list(arguments.args[1:]), dict(arguments.keywords), arguments.star, arguments.double)
        layers.initialise(machine, name.removesuffix(".__init__"), arguments.args[0], given)
    return Known(None)
