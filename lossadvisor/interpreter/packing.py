"""Sequences of different lengths packed behind each other, and padded again.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Opaque, Seq, Tensor, Value
from lossadvisor.transfers import shapes
from lossadvisor.values import BY_ELEMENT, Dtype, Fact

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments

_ROOT = "torch.nn.utils.rnn."


def function(name: str, arguments: Arguments) -> Value | None:
    """The result of packing and unpacking; None for anything else."""
    if not name.startswith(_ROOT) or not arguments.args:
        return None
    given = arguments.args[0]
    match name.removeprefix(_ROOT):
        case "pack_padded_sequence":
            return repacked(given)
        case "pad_packed_sequence":
            data = packed_data(given)
            return None if data is None else Seq([_padded(data), Opaque("lengths", number=Dtype.INTEGER)], "tuple")
        case _:
            return None


def packed(data: Value) -> Seq:
    """A PackedSequence: the steps of all sequences, and how they are counted and ordered."""
    return Seq([data], "tuple", Opaque("the order of packed sequences"), names={"data": data})


def repacked(padded: Value) -> Seq:
    """The PackedSequence of what has batch and time as axes."""
    return packed(_merged(padded) if isinstance(padded, Tensor) else padded)


def packed_data(value: Value) -> Value | None:
    """The steps in a PackedSequence; None for anything else."""
    return value.names.get("data") if isinstance(value, Seq) and value.kind == "tuple" else None


def _merged(tensor: Tensor) -> Tensor:
    """Batch and time become one axis."""
    fact, known = tensor.fact, shapes.full(tensor.fact.shape)
    axis = fact.axis
    if axis is not None and axis >= 0:
        axis = axis - 1 if axis >= 2 else None
    shape = (None, *known[2:]) if known is not None and len(known) >= 2 else None
    return Tensor(_placed(replace(fact, shape=shape, classes=fact.classes if axis is not None else None), axis))


def _padded(data: Value) -> Value:
    """The axis of the steps becomes batch and time again."""
    if not isinstance(data, Tensor):
        return data
    fact, known = data.fact, shapes.full(data.fact.shape)
    axis = fact.axis
    if axis is not None and axis >= 0:
        axis = axis + 1 if axis >= 1 else None
    return Tensor(_placed(replace(fact, shape=None if known is None else (None, None, *known[1:])), axis))


def _placed(fact: Fact, axis: int | None) -> Fact:
    lost = fact.axis is not None and axis is None
    return replace(fact, axis=axis, domain=BY_ELEMENT.get(fact.domain, fact.domain) if lost else fact.domain)
