"""The one comparison: each alternative of each argument against what its port wants."""

from __future__ import annotations

from lossadvisor.contracts import Port, Relation, Want, relation
from lossadvisor.interpreter.events import Argument, LossCall
from lossadvisor.interpreter.guards import Guard, conflicts
from lossadvisor.interpreter.values import Known, Opaque, Seq, Tensor, options
from lossadvisor.late import dataclass
from lossadvisor.values import ARITHMETIC, NEW_TENSOR, UNKNOWN, Domain, Dtype, Fact, Grad
from lossadvisor.values.marks import Similar, Uniform, Weights


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of an argument. `guard` holds what has to be true beyond reaching the call."""

    guard: Guard
    fact: Fact
    relation: Relation


@dataclass(frozen=True, slots=True)
class Judged:
    """One argument of one loss call, judged."""

    call: LossCall
    port: Port
    want: Want
    argument: Argument
    alternatives: tuple[Alternative, ...]


def judge(call: LossCall) -> tuple[Judged, ...]:
    """The arguments of a loss call that the contract knows, judged."""
    found: list[Judged] = []
    for name, argument in call.arguments.items():
        port = call.contract.port(name)
        if port is not None:
            want = call.contract.want(port, call.options, call.unknown_options)
            found.append(Judged(call, port, want, argument, _alternatives(call, want, argument)))
    return tuple(found)


def _alternatives(call: LossCall, want: Want, argument: Argument) -> tuple[Alternative, ...]:
    found: list[Alternative] = []
    values = [single for _, single in options(argument.value)]
    if all(isinstance(single, Known) and isinstance(single.value, bool) for single in values):
        mask = Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL, reason="a comparison")  # of something unknown, either way
        return (Alternative(frozenset(), mask, _related(want, mask)),)
    for guard, single in options(argument.value):
        if conflicts(guard, call.path):
            continue
        match single:
            case Tensor(fact) | Opaque(default=Tensor(fact)):
                pass
            case Opaque(reason=reason):
                fact = Fact(reason=reason)
            case Known(value=bool()):  # a comparison of something unknown
                fact = Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL, reason="a comparison")
            case Known():
                fact = Fact(reason="a constant")
            case Seq():
                fact = Fact(reason="a tuple or list")
            case _:
                fact = Fact(reason="something that is no tensor")
        found.append(Alternative(guard - call.path, fact, _related(want, fact)))
    return tuple(found) or (Alternative(frozenset(), UNKNOWN, Relation.UNKNOWN),)


def _related(want: Want, fact: Fact) -> Relation:
    """The matrix; but integers 0 and 1 may be the indices of two classes, whatever their shape."""
    indices = want in (Want.CLASS_INDICES, Want.CLASS_INDICES_OR_PROBABILITIES)
    if indices and fact.domain is Domain.MULTI_HOT and fact.dtype in (Dtype.INTEGER, Dtype.BOOL):
        return Relation.UNKNOWN
    if fact.domain is Domain.UNKNOWN and want in _ANY_UNITS and any(isinstance(mark, Uniform) for mark in fact.marks):
        return Relation.FITS
    if want is Want.REAL and fact.domain is Domain.UNKNOWN and fact.dtype is Dtype.FLOAT:
        # What gradients flow through, or arithmetic has made, measures something: no indices, whatever it is.
        return Relation.FITS if fact.grad is Grad.FLOWS or fact.reason == ARITHMETIC else Relation.UNKNOWN
    if want in _ANY_SCORES and fact.domain in (Domain.UNKNOWN, Domain.REAL) and _unbounded(fact):
        return Relation.FITS
    return relation(want, fact.domain)


_ANY_SCORES = (Want.LOGITS, Want.BINARY_LOGITS, Want.EITHER_LOGITS, Want.MARGIN_SCORES)


_ANY_UNITS = (*_ANY_SCORES, Want.REAL, Want.ELEMENT_PROBABILITIES, Want.PROBABILITIES)  # what [0, 1) lies in


def _unbounded(fact: Fact) -> bool:
    """Numbers of any size and sign: inner products of outputs of networks, parameters, normal draws."""
    drawn = fact.domain is Domain.REAL and fact.reason == NEW_TENSOR
    return fact.dtype is Dtype.FLOAT and (drawn or any(isinstance(mark, Similar | Weights) for mark in fact.marks))
