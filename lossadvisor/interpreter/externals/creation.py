"""Functions of torch that make tensors or take them apart and need more than a row of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import arrays, forms, joining, layers, literals, sharing, training
from lossadvisor.interpreter.externals.unfollowed import place_of
from lossadvisor.interpreter.guards import Guard, conflicts
from lossadvisor.interpreter.values import Known, Opaque, Seq, Tensor, Union, Value, union
from lossadvisor.transfers import OPERATIONS, apply, shapes
from lossadvisor.transfers.apply import dtype_named
from lossadvisor.values import BY_ELEMENT, NEW_TENSOR, UNKNOWN, Domain, Dtype, Fact, Grad
from lossadvisor.values.marks import MadePositive, Mark

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine




def torch_function(
    machine: Machine, name: str, arguments: Arguments, node: cst.Call | None
) -> Value | None:
    """Functions of torch that need more than a row of the table."""
    match name:
        case "torch.cat" | "torch.stack" | "torch.concat" | "torch.hstack" | "torch.vstack" | "torch.concatenate":
            along = arguments.get(1, "dim") or arguments.keywords.get("axis")
            source = arguments.get(0, "tensors") or Opaque("nothing")
            return _joined(machine, source, name, 0 if along is None else forms.plain(along))
        case "torch.max" | "torch.min" | "torch.topk" | "torch.sort" | "torch.median" | "torch.mode":
            value = arguments.args[0] if arguments.args else Opaque("nothing")
            other = arguments.get(1, "other")
            if name in ("torch.max", "torch.min") and isinstance(other, Tensor):
                return larger(value, other)
            single = name in ("torch.max", "torch.min") and len(arguments.args) + len(arguments.keywords) == 1
            return reduced(value) if single else extreme_with_indices(value, arguments, name.rsplit(".", 1)[-1])
        case "torch.where":
            kept = _filled(arguments.args[1:3])
            return kept or _joined(machine, Seq(list(arguments.args[1:3]), "tuple"))
        case "torch.tensor" | "torch.LongTensor" | "torch.FloatTensor" | "torch.Tensor" | "torch.BoolTensor" | (
            "torch.as_tensor" | "torch.cuda.FloatTensor" | "torch.cuda.LongTensor" | "torch.IntTensor"
        ):
            return training.rebuilt(machine, arguments, _tensor(name, arguments), place_of(machine, node))
        case "torch.split" | "torch.chunk" | "torch.unbind":
            whole = arguments.args[0] if arguments.args else Opaque("nothing")
            parts = parts_of(whole, name.rsplit(".", 1)[-1], arguments, 1)
            sharing.share(machine, whole, parts.rest or Opaque("no part"))
            return parts
        case "torch.nn.functional.multi_head_attention_forward":
            return Opaque("attention")
        case _:
            return None


def _tensor(name: str, arguments: Arguments) -> Value:
    wanted = dtype_named(layers.constant(arguments.keywords.get("dtype"))) or dtype_named(name)
    otherwise = Dtype.FLOAT if name == "torch.Tensor" else Dtype.UNKNOWN
    source = arguments.args[0] if arguments.args else arguments.keywords.get("data")
    source = source if source is None else arrays.as_array(source)
    if isinstance(source, Tensor) and len(arguments.args) == 1:
        copied = name == "torch.tensor" and source.fact.grad is Grad.FLOWS
        return Tensor(replace(source.fact, dtype=wanted or source.fact.dtype,
                              grad=Grad.DETACHED if copied else source.fact.grad))
    if name.endswith("Tensor") and (isinstance(source, Known) or len(arguments.args) > 1):
        return Tensor(Fact(Domain.UNKNOWN, dtype=wanted or otherwise, reason=NEW_TENSOR))  # a size
    return Tensor(literals.literal(source, wanted, wanted or otherwise))


def _joined(machine: Machine, source: Value, name: str = "", dim: object = 0) -> Value:
    """cat, stack, where: the common meaning of all parts."""
    if not isinstance(source, Seq):
        return source if isinstance(source, Tensor) else Opaque("tensors joined from something unknown")
    parts = [*source.items, *_further(source.rest, machine.path)]
    several = next((part for part in parts if isinstance(part, Union)), None)
    if several is not None:
        found: list[tuple[Guard, Value]] = []
        for guard, _ in machine.each(several):
            under = [_under(part, guard) for part in source.items]
            under += _further(None if source.rest is None else _under(source.rest, guard), machine.path | guard)
            if not any(isinstance(part, Union) for part in under):
                found.append((guard, _joined(machine, Seq(under, source.kind), name, dim)))
        return union(found) if found else Opaque("tensors with many alternatives are joined")
    facts = [part.fact for part in parts if isinstance(part, Tensor)]
    if len(facts) != len(parts) or not facts:
        return Opaque(joining.DIFFERENT)
    return Tensor(joining.joined(name, facts, dim))


def _filled(chosen: Sequence[Value]) -> Value | None:
    """where() of a tensor and a number: the tensor with some elements overwritten; None for anything else."""
    tensors = [one for one in chosen if isinstance(one, Tensor)]
    numbers = [one for one in chosen if isinstance(one, Known) and isinstance(one.value, int | float)]
    if len(tensors) != 1 or len(numbers) != 1:
        return None
    fact = replace(tensors[0].fact, shape=None)
    if fact.domain is Domain.SCORES:
        return Tensor(fact)
    return Tensor(replace(fact, domain=Domain.UNKNOWN, axis=None, reason="elements are overwritten"))


def _further(rest: Value | None, path: Guard) -> list[Value]:
    """The parts that `rest` of a list stands for: of alternatives that are all possible there may be some of each."""
    if rest is None:
        return []
    if isinstance(rest, Union) and all(guard <= path for guard, _ in rest.options):
        return [single for _, single in rest.options]
    return [rest]


def _under(value: Value, guard: Guard) -> Value:
    """The value as far as `guard` decides it."""
    if not isinstance(value, Union):
        return value
    return union([(other, single) for other, single in value.options if not conflicts(other, guard)])


def reduced(value: Value) -> Value:
    """max() and min() without a dimension: one of the elements."""
    if isinstance(value, Tensor):
        return Tensor(forms.extreme(apply(OPERATIONS["mean"], value.fact, {}), ()))
    return Opaque("a reduction of something unknown")


def elements_of(fact: Fact) -> Fact:
    """Some of the elements, chosen one by one: what holds of all of them together is lost."""
    return replace(fact, domain=BY_ELEMENT.get(fact.domain, fact.domain), axis=None, classes=None)


def larger(value: Value, other: Tensor) -> Value:
    """max and min of two tensors, element by element."""
    if not isinstance(value, Tensor):
        return Opaque("the larger of something unknown")
    fact = joining.joined("", [value.fact, other.fact], 0)
    return Tensor(replace(fact, shape=shapes.broadcast(value.fact.shape, other.fact.shape), marks=frozenset()))


def extreme_with_indices(value: Value, arguments: Arguments, name: str = "max") -> Value:
    """max(dim), topk, sort: values and indices."""
    fact = value.fact if isinstance(value, Tensor) else UNKNOWN
    shape = forms.extreme_shape(fact.shape, arguments.args, arguments.keywords) if name in ("max", "min") else None
    if name in ("sort", "msort"):
        shape = fact.shape
    values = elements_of(fact)
    indices = apply(OPERATIONS["argmax"], fact, {})
    return Seq([Tensor(forms.extreme(values, shape)), Tensor(replace(indices, shape=shape, classes=None))], "tuple")


def _of_part(fact: Fact) -> frozenset[Mark]:
    """What is so of a part as well: it is not the same numbers as another part."""
    return frozenset(mark for mark in fact.marks if not isinstance(mark, MadePositive))


def parts_of(value: Value, name: str, arguments: Arguments, before: int) -> Seq:
    """split, chunk, unbind: any number of parts; `before` arguments stand before those of the method."""
    if isinstance(value, Tensor):
        given = arguments.get(before + (0 if name == "unbind" else 1), "dim")
        dim = 0 if given is None else layers.constant(given)
        axis = value.fact.axis
        if name == "unbind" and axis is not None and axis > 0:
            axis = axis - 1 if dim == 0 else None
        part = replace(value.fact, axis=axis, classes=None, shape=None, marks=_of_part(value.fact))
        known = shapes.full(value.fact.shape)
        if known and value.fact.axis is not None and isinstance(dim, int):
            apart = dim % len(known) != value.fact.axis % len(known)
        elif value.fact.axis is None or not isinstance(dim, int) or (value.fact.axis < 0) != (dim < 0):
            apart = dim == 0 and value.fact.axis is not None  # the class axis is hardly ever the first
        else:
            apart = dim != value.fact.axis
        domain = part.domain if apart else BY_ELEMENT.get(part.domain, part.domain)
        return Seq([], "tuple", Tensor(replace(part, domain=domain)))
    return Seq([], "tuple", Opaque("a part of something unknown"))
