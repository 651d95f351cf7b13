"""Modules whose parameters ask for no gradient: teachers, target networks, perceptual features."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Bound, Dict, Known, Layer, Obj, Opaque, Seq, Tensor, Union, Value
from lossadvisor.values import Grad

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_FROZEN = "<frozen>"
_PARAMETERS = frozenset({"parameters", "named_parameters"})
_DEPTH = 6


def freeze(value: Value, depth: int = 0) -> None:
    """The parameters of a module and of its children ask for no gradient from now on."""
    if depth > _DEPTH:
        return
    match value:
        case Layer(attrs=attrs):
            attrs[_FROZEN] = Known(True)
        case Obj(attrs=attrs):
            if _FROZEN in attrs:
                return
            attrs[_FROZEN] = Known(True)
            for child in list(attrs.values()):
                freeze(child, depth + 1)
        case Seq(items=items):
            for child in items:
                freeze(child, depth + 1)
        case Dict(items=items):
            for child in items.values():
                freeze(child, depth + 1)
        case _:
            return


def frozen(value: Layer | Obj) -> bool:
    """Whether the parameters of the module ask for no gradient."""
    return _FROZEN in value.attrs


def called(machine: Machine, callee: Value, arguments: Arguments) -> None:
    """`module.requires_grad_(False)`."""
    if arguments.args and arguments.args[0] == Known(False):
        for _, single in machine.each(callee):
            if isinstance(single, Bound):
                freeze(single.receiver)


def loop(machine: Machine, node: cst.For) -> None:
    """`for p in module.parameters(): p.requires_grad = False`."""
    call = node.iter
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return
    if call.func.attr.value not in _PARAMETERS:
        return
    text = cst.Module(()).code_for_node(node.body).replace(" ", "")
    if "requires_grad=False" in text or "requires_grad_(False)" in text:
        for _, single in machine.each(machine.evaluate(call.func.value)):
            freeze(single)


def through(layer: Layer, given: Value, result: Value) -> Value:
    """What a frozen layer returns: gradients flow only to its input."""
    if _FROZEN not in layer.attrs or (isinstance(given, Tensor) and given.fact.grad is Grad.FLOWS):
        return result
    if isinstance(given, Union):
        return result
    match result:
        case Tensor(fact) if fact.grad is Grad.FLOWS:
            # What an unknown call gives may come from something that is trained; data has a name of its own.
            computed = isinstance(given, Opaque) and given.key is None
            return Tensor(replace(fact, grad=Grad.UNKNOWN if computed else Grad.DETACHED))
        case _:
            return result
