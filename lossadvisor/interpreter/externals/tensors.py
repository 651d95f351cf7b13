"""Methods of tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import forms, layers
from lossadvisor.interpreter.externals.creation import extreme_with_indices, parts_of, reduced
from lossadvisor.interpreter.externals.unfollowed import place_of
from lossadvisor.interpreter.values import Opaque, Tensor, Value
from lossadvisor.transfers import METHODS
from lossadvisor.values import UNKNOWN, Domain

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


def tensor_method(machine: Machine, receiver: Value, last: str, arguments: Arguments, node: cst.Call | None) -> Value:
    """x.method(...) on a tensor."""
    operation = METHODS.get(last)
    if operation is not None:
        given = {
            parameter: value
            for position, parameter in enumerate(operation.parameters[1:])
            if (value := arguments.get(position, parameter)) is not None
        }
        if last == "type" and arguments.args:
            given = {"dtype": arguments.args[0]}
        raw = forms.Raw(arguments.args, arguments.keywords, arguments.star)
        return layers.operate(machine, operation, receiver, given, place_of(machine, node), node, raw)
    match last:
        case "max" | "min" if not arguments.args and not arguments.keywords:
            return reduced(receiver)
        case "amax":
            fact = receiver.fact if isinstance(receiver, Tensor) else UNKNOWN
            return Tensor(forms.extreme(fact, forms.extreme_shape(fact.shape, arguments.args, arguments.keywords)))
        case "max" | "min" | "topk" | "sort" | "median":
            return extreme_with_indices(receiver, arguments)
        case "split" | "chunk" | "unbind":
            return parts_of(machine, receiver)
        case "add" | "add_" | "sub" | "sub_" | "mul" | "mul_" | "div" | "div_":
            from lossadvisor.interpreter import operators

            kind = {"add": cst.Add, "sub": cst.Subtract, "mul": cst.Multiply, "div": cst.Divide}[last.rstrip("_")]
            other = arguments.args[0] if arguments.args else Opaque("no operand")
            return operators.binary(machine, receiver, kind, other, node or cst.Pass())
        case "masked_fill" | "masked_fill_" | "scatter" | "scatter_" | "index_fill_":
            return _scattered(receiver)
        case "item" | "tolist" | "numpy":
            return layers.operate(machine, METHODS["detach"], receiver, {}, place_of(machine, node), node)
        case "size" | "dim" | "numel" | "backward" | "register_hook":
            return Opaque(f"the {last} of a tensor")
        case _:
            return Opaque(f"Tensor.{last} is not in the table")


def _scattered(receiver: Value) -> Value:
    if isinstance(receiver, Tensor) and receiver.fact.domain is not Domain.SCORES:
        return Tensor(replace(receiver.fact, domain=Domain.UNKNOWN, axis=None, reason="elements are overwritten"))
    return receiver
