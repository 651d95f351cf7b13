"""Methods of tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import arrays, forms, iterate, layers, mutation, scattering, sharing
from lossadvisor.interpreter.externals.creation import elements_of, extreme_with_indices, larger, parts_of, reduced
from lossadvisor.interpreter.externals.unfollowed import place_of
from lossadvisor.interpreter.values import External, Known, Opaque, Tensor, Union, Value, options
from lossadvisor.transfers import METHODS, shapes
from lossadvisor.transfers.apply import dtype_named
from lossadvisor.transfers.model import Made
from lossadvisor.values import UNKNOWN, Domain, Dtype
from lossadvisor.values.marks import Integers, Ones

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


# Sources: the pages of torch.add, sub, mul and div, and those that call themselves aliases of them.
_ARITHMETIC: dict[str, type[cst.BaseBinaryOp]] = {
    name + end: kind
    for names, kind in (
        ("add", cst.Add), ("sub subtract", cst.Subtract), ("mul multiply", cst.Multiply),
        ("div divide true_divide", cst.Divide),
    )
    for name in names.split()
    for end in ("", "_")
}


def tensor_method(machine: Machine, receiver: Value, last: str, arguments: Arguments, node: cst.Call | None) -> Value:
    """x.method(...) on a tensor."""
    operation = METHODS.get(last)
    if operation is None and (known := arrays.tensor_method(receiver, last, arguments)) is not None:
        return known
    if last == "requires_grad_":
        return _asked_for_gradient(machine, receiver, arguments)
    if operation is not None:
        given = {
            parameter: value
            for position, parameter in enumerate(operation.parameters[1:])
            if (value := arguments.get(position, parameter)) is not None
        }
        if last == "type" and arguments.args:
            given = {"dtype": arguments.args[0]}
        if last in ("to", "type", "type_as"):
            receiver = _of_unknown_dtype(receiver, last, arguments)
        raw = forms.Raw(arguments.args, arguments.keywords, arguments.star)
        result = layers.operate(machine, operation, receiver, given, place_of(machine, node), node, raw)
        if isinstance(operation.effect, Made) and isinstance(result, Tensor) and isinstance(receiver, Tensor):
            wanted = dtype_named(layers.constant(arguments.keywords.get("dtype")))
            return Tensor(replace(result.fact, dtype=wanted or receiver.fact.dtype))
        return sharing.viewed(machine, last, receiver, result)
    match last:
        case "max" | "min" if not arguments.args and not arguments.keywords:
            return reduced(receiver)
        case "amax":
            fact = receiver.fact if isinstance(receiver, Tensor) else UNKNOWN
            shape = forms.extreme_shape(fact.shape, arguments.args, arguments.keywords)
            return Tensor(forms.extreme(elements_of(fact), shape))
        case "max" | "min" if arguments.args and isinstance(arguments.args[0], Tensor):
            return larger(receiver, arguments.args[0])
        case "max" | "min" | "topk" | "sort" | "median":
            return extreme_with_indices(receiver, arguments, last)
        case "split" | "chunk" | "unbind":
            parts = parts_of(receiver, last, arguments, 0)
            sharing.share(machine, receiver, parts.rest or Opaque("no part"))
            return parts
        case _ if last in _ARITHMETIC and "rounding_mode" not in arguments.keywords:
            from lossadvisor.interpreter import operators

            other = arguments.get(0, "other") or Opaque("no operand")
            return operators.binary(machine, receiver, _ARITHMETIC[last], other, node or cst.Pass())
        case "scatter" | "scatter_" if (made := scattering.one_hot(receiver, arguments, place_of(machine, node))):
            return made
        case "masked_fill" | "masked_fill_" | "scatter" | "scatter_" | "index_fill_":
            return _scattered(receiver)
        case "item" | "tolist" | "numpy":
            result = layers.operate(machine, METHODS["detach"], receiver, {}, place_of(machine, node), node)
            number = last == "item" and isinstance(result, Tensor)
            return Tensor(replace(result.fact, shape=())) if number and isinstance(result, Tensor) else result
        case "size" | "dim" | "ndimension" | "numel" | "nelement":
            return _size(machine, receiver, last, arguments)
        case "backward" | "register_hook":
            return Opaque(f"the {last} of a tensor")
        case _:
            return Opaque(f"Tensor.{last} is not in the table")


def _asked_for_gradient(machine: Machine, receiver: Value, arguments: Arguments) -> Value:
    """x.requires_grad_(): where no gradient came from before, one ends in `x` itself from now on."""
    if not isinstance(receiver, Tensor):
        return receiver
    result = mutation.asking(receiver, arguments.get(0, "requires_grad"))
    mutation.rewrite(machine, receiver, result)
    return result


def _size(machine: Machine, receiver: Value, last: str, arguments: Arguments) -> Value:
    """The shape, the size of an axis, the number of axes or of elements."""
    if isinstance(receiver, Tensor):
        axes = shapes.full(receiver.fact.shape)
        dim = arguments.get(0, "dim")
        if last == "size":
            sizes = forms.sizes(receiver.fact)
            return sizes if dim is None else iterate.element(machine, sizes, dim)
        if last in ("dim", "ndimension") and axes is not None:
            return Known(len(axes))
    return Opaque(f"the {last} of a tensor", number=Dtype.INTEGER)


def _of_unknown_dtype(receiver: Value, last: str, arguments: Arguments) -> Value:
    """`y.type(x.type())`, `y.to(x.dtype)`, `y.to(x)`: the dtype of something else, known where that is a tensor."""
    if not isinstance(receiver, Tensor):
        return receiver
    wanted = arguments.keywords.get("dtype") or (arguments.args[0] if arguments.args else None)
    named = "dtype" in arguments.keywords or last in ("type", "type_as")
    found = {None} if wanted is None else {_dtype_of(one, named) for _, one in options(wanted)}
    if isinstance(wanted, Union):
        found |= {dtype_named(layers.constant(one)) for _, one in wanted.options if isinstance(one, External | Known)}
    if found == {None}:
        return receiver
    dtype = next(iter(found)) if len(found) == 1 else None
    return Tensor(replace(receiver.fact, dtype=dtype or Dtype.UNKNOWN))


def _dtype_of(wanted: Value, named: bool) -> Dtype | None:
    """The dtype that one alternative of an argument stands for; None for what is none, or is read from its name."""
    match wanted:
        case Tensor(fact):
            return fact.dtype
        case Opaque(reason=reason, default=None) if named or "dtype" in reason:
            return Dtype.UNKNOWN
        case _:
            return None


def changed_in_place(
    machine: Machine, receiver: Tensor, last: str, result: Value, arguments: Arguments, node: cst.Call | None
) -> Value:
    """The result of a method, after a change in place has reached every name of the tensor."""
    if not mutation.in_place(last):
        return result
    if last == "copy_" and arguments.args and isinstance(arguments.args[0], Tensor):
        result = Tensor(replace(arguments.args[0].fact, dtype=receiver.fact.dtype, grad=receiver.fact.grad))
    if not isinstance(result, Tensor):
        result = mutation.forgotten(receiver)
    mutation.rewrite(machine, receiver, result)
    if node is not None and isinstance(node.func, cst.Attribute):
        mutation.through_view(machine, node.func.value)
    return result


def _scattered(receiver: Value) -> Value:
    if isinstance(receiver, Tensor) and receiver.fact.domain is not Domain.SCORES:
        marks = frozenset(mark for mark in receiver.fact.marks if not isinstance(mark, Ones | Integers))
        why = "elements are overwritten"
        return Tensor(replace(receiver.fact, domain=Domain.UNKNOWN, axis=None, reason=why, marks=marks))
    return receiver
