"""Losses on their way to backward: what is marked as one, and what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.contracts import Contract
from lossadvisor.contracts.model import Constant
from lossadvisor.interpreter import contexts, critics, driven, freezing
from lossadvisor.interpreter.events import AddedUp, Backward, Measured, NumberReturned
from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.values import Bound, Dict, External, Seq, Tensor, Value, options
from lossadvisor.patterns import pattern
from lossadvisor.transfers.model import Clamped, Operation
from lossadvisor.values import Domain, Dtype, Fact, Grad, Place
from lossadvisor.values.marks import (
    Accumulated,
    AgainstItself,
    Bounded,
    Exponential,
    Extreme,
    Fixed,
    MadePositive,
    Mark,
    OfLoss,
    Ones,
    PickedLog,
    Rebuilt,
    Severed,
    SoftCross,
    Spread,
    Total,
    Twice,
    Weights,
)

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

# Methods of accelerators, scalers, engines and modules whose first argument is trained. Sources: the pages of
# accelerate, Lightning (manual_backward), Fabric, DeepSpeed and torch.amp.GradScaler.
_READERS = frozenset({"item", "numpy", "tolist"})
_TRAINERS = frozenset({"backward", "manual_backward", "scale", "scale_loss"})
# Functions of torch that differentiate their first argument.
_FUNCTIONS = frozenset({"torch.autograd.backward", "torch.autograd.grad"})
_TRAINED = (OfLoss, Rebuilt, Twice, Spread, PickedLog, AgainstItself, SoftCross)  # marks that a rule asks for
# Methods whose return value a framework trains: Lightning, transformers.
_STEPS = frozenset({"training_step", "compute_loss"})
_CLASSES_BOUNDED = frozenset({
    Domain.PROBABILITIES, Domain.UNIT_INTERVAL, Domain.SIGNED_UNIT, Domain.LOG_PROBABILITIES,
    Domain.LOG_UNIT_INTERVAL, Domain.ONE_HOT, Domain.MULTI_HOT, Domain.SIGNS,
})


# What a head is made positive with, to be a scale of some kind: of which kind only its use can tell.
_POSITIVE = frozenset({"exp", "exp_", "softplus", "Softplus"})

# exp of a negated distance or square does not overflow.
_NEGATIVE = pattern(r"\(*-")


def loss_value(
    machine: Machine, place: Place, name: str, contract: Contract, chosen: Mapping[str, Constant],
    unknown: frozenset[str],
) -> Tensor:
    """The value of a loss call."""
    word = contract.option("reduction", chosen)
    told = unknown.isdisjoint(("reduction", "reduce", "size_average")) and contract.library == "torch"
    unreduced = told and (word == "none" or contract.option("reduce", chosen) is False)
    if contract.reduction == "none" and "reduction" not in chosen:
        unreduced = told
    mark = OfLoss(place, tuple(machine.calls), name, not unreduced)
    fact = Fact(Domain.UNKNOWN, dtype=Dtype.FLOAT, grad=Grad.FLOWS, reason="a loss value", marks=frozenset({mark}))
    return Tensor(contexts.fact_in(machine, fact))


def called(machine: Machine, callee: Value, arguments: Arguments, node: cst.Call) -> None:
    """Note a call that starts the backward pass."""
    name = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    if name == "requires_grad_":
        freezing.called(machine, callee, arguments)
    if name in _READERS:
        for _, single in machine.each(callee):
            if isinstance(single, Bound) and isinstance(single.receiver, Tensor):
                fact = single.receiver.fact
                if any(isinstance(mark, OfLoss) for mark in fact.marks):
                    machine.events.append(Measured(machine.place(node), fact))
    if name not in _TRAINERS and name != "grad":
        return
    for guard, single in machine.each(callee):
        if isinstance(single, Bound) and isinstance(single.receiver, Tensor):
            if name == "backward":
                seeded = bool(arguments.args) or "gradient" in arguments.keywords or arguments.star
                _note(machine, single.receiver, node, guard, seeded)
        elif isinstance(single, External) and single.name not in _FUNCTIONS:
            continue
        elif (arguments.args and name != "grad") or isinstance(single, External):
            for value in arguments.args[:1]:
                _note(machine, value, node, guard, len(arguments.args) > 1)


def returned(machine: Machine, value: Value, node: cst.Return) -> None:
    """Note what a framework will train."""
    function = machine.frame.function
    for fact in _tensors(value):
        number = fact.shape == () and any(isinstance(mark, Twice | PickedLog | SoftCross) for mark in fact.marks)
        if number or any(isinstance(mark, AgainstItself) for mark in fact.marks):
            machine.events.append(NumberReturned(machine.place(node), fact, tuple(machine.contexts)))
    if function is not None and function.name in _STEPS and function.owner is not None:
        seeded = not driven.sent_backward(machine, function, machine.frame.receiver)
        for guard, single in machine.each(value):
            _note(machine, single, node, guard, seeded)


def _note(machine: Machine, value: Value, node: cst.CSTNode, guard: Guard, seeded: bool) -> None:
    for fact in _tensors(value):
        if any(isinstance(mark, _TRAINED) for mark in fact.marks):
            machine.events.append(Backward(machine.place(node), fact, seeded, guard, machine.path))


def _tensors(value: Value) -> Iterator[Fact]:
    for _, single in options(value):
        match single:
            case Tensor(fact):
                yield fact
            case Seq(items=items, kind="tuple" | "list"):
                for item in items[:1]:
                    yield from _tensors(item)
            case Dict(items=items) if "loss" in items:
                yield from _tensors(items["loss"])
            case _:
                continue


def marked(
    machine: Machine, operation: Operation, before: Fact, after: Fact, chosen: Mapping[str, object],
    node: cst.CSTNode | None, place: Place,
) -> Fact:
    """The marks of exponentials and of logarithms of sums of them, and of what is made positive."""
    name = operation.name.rsplit(".", 1)[-1]
    if name in _POSITIVE and after.domain is Domain.NON_NEGATIVE:
        if not any(isinstance(mark, Fixed | Ones) for mark in before.marks):
            after = replace(after, marks=after.marks | {MadePositive(place, tuple(machine.calls))})
    if before.marks or (name == "mean" and before.domain is Domain.UNIT_INTERVAL):
        cut_at_zero = isinstance(operation.effect, Clamped) and chosen.get("min") == 0
        after = replace(after, marks=after.marks | frozenset(critics.operated(name, before, cut_at_zero)))
    if name == "logsumexp":
        return replace(after, marks=after.marks | {Extreme()})
    if name == "sum" and after.shape == ():
        return replace(after, marks=after.marks | {Total()})
    if name not in ("exp", "exp_") or not isinstance(node, cst.Call):
        return after
    if any(isinstance(mark, Bounded | Fixed) for mark in before.marks) or before.domain in _CLASSES_BOUNDED:
        return after
    inner: cst.CSTNode | None = node.args[0].value if node.args else None
    if inner is None and isinstance(node.func, cst.Attribute):
        inner = node.func.value
    if inner is None:
        return after
    text = cst.Module(()).code_for_node(inner)
    if _NEGATIVE.match(text):
        return after
    told = before.domain is not Domain.UNKNOWN
    return replace(after, marks=after.marks | {Exponential(text, told)})


def rebuilt(machine: Machine, arguments: Arguments, result: Value, place: Place) -> Value:
    """A new tensor of the numbers of a loss: its history is lost."""
    source = arguments.args[0] if arguments.args else None
    parts = [source] if source is not None else []
    if isinstance(source, Seq):
        parts = [*source.items, *([] if source.rest is None else [source.rest])]
    names = [
        mark.loss for part in parts if isinstance(part, Tensor) for mark in part.fact.marks if isinstance(mark, OfLoss)
    ]
    learnt = any(isinstance(part, Tensor) and part.fact.grad is Grad.FLOWS for part in parts)
    if not names and not learnt:
        return result
    fact = result.fact if isinstance(result, Tensor) else Fact(dtype=Dtype.FLOAT)
    marks: frozenset[Mark] = frozenset({Rebuilt(place, names[0])}) if names else fact.marks | {
        Severed(place, frozenset())
    }
    return Tensor(replace(fact, grad=Grad.DETACHED, marks=marks))


def entry(fact: Fact) -> frozenset[Mark]:
    """The marks of an element or a part of a tensor."""
    return frozenset(
        replace(mark, reduced=True) if isinstance(mark, OfLoss) else mark
        for mark in fact.marks
        if not isinstance(mark, MadePositive)
    )


_ACTIVATIONS = frozenset({"softmax", "Softmax", "sigmoid", "Sigmoid", "sigmoid_", "softmin", "Softmax2d"})
_LOGARITHMS = frozenset({"log_softmax", "LogSoftmax", "logsigmoid", "LogSigmoid"})


def twice(operation: Operation, before: Fact, after: Fact, place: Place, guard: Guard) -> Fact:
    """Mark an activation of what is activated already, and a logarithm of logarithms."""
    name = operation.name.rsplit(".", 1)[-1]
    made = next((step.op.rsplit(".", 1)[-1] for step in reversed(before.trail) if step.op is not None), "")
    again = name in _ACTIVATIONS | _LOGARITHMS and made in _ACTIVATIONS and before.domain in (
        Domain.PROBABILITIES, Domain.UNIT_INTERVAL
    )
    logs = name == "log" and made in _LOGARITHMS and before.domain in (
        Domain.LOG_PROBABILITIES, Domain.LOG_UNIT_INTERVAL
    )
    if not (again or logs) or before.grad in (Grad.CUT, Grad.DETACHED):
        return after
    return replace(after, marks=after.marks | {Twice(place, before.domain, before.trail, guard)})


def leaf(value: Value, learnt: bool) -> Value:
    """A parameter: where it is `learnt`, gradients flow to it, whatever it was made of."""
    fact = value.fact if isinstance(value, Tensor) else Fact(reason="a parameter")
    grad = Grad.FLOWS if learnt else Grad.UNKNOWN
    return Tensor(replace(fact, grad=grad, trail=(), marks=frozenset({Weights()})))


def accumulated(machine: Machine, added: Value, total: Value, node: cst.AugAssign) -> Value:
    """`total += loss`: the total is marked, and the addition noted."""
    losses = isinstance(added, Tensor) and any(isinstance(mark, OfLoss) for mark in added.fact.marks)
    if not losses or not isinstance(node.operator, cst.AddAssign) or not isinstance(total, Tensor):
        return total
    assert isinstance(added, Tensor)
    place = machine.place(node)
    machine.events.append(AddedUp(place, added.fact, machine.path))
    return Tensor(replace(total.fact, marks=total.fact.marks | {Accumulated(place)}))
