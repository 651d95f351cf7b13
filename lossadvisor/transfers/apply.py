"""Apply an operation to a fact: the engine behind the table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeGuard

from lossadvisor.transfers import marks, pooling, shapes
from lossadvisor.transfers.model import (
    Affine,
    Becomes,
    Cast,
    CastBy,
    Clamped,
    Cut,
    Detached,
    Dropped,
    Made,
    Mapped,
    Normalised,
    Operation,
    Picked,
    Pooled,
    Reduced,
    Reshaped,
    Same,
    Selected,
)
from lossadvisor.values import ARITHMETIC, BY_ELEMENT, NEW_TENSOR, REST, UNKNOWN, Domain, Dtype, Fact, Grad
from lossadvisor.values.exhaustive import assert_never

Options = Mapping[str, object]

_FLOATS = frozenset({"float", "float16", "float32", "float64", "double", "half", "bfloat16", "FloatTensor",
                     "DoubleTensor", "HalfTensor"})
_INTEGERS = frozenset({"long", "int", "short", "int8", "int16", "int32", "int64", "uint8", "byte", "LongTensor",
                       "IntTensor", "ByteTensor"})


def dtype_named(name: object) -> Dtype | None:
    """The dtype that `torch.float32`, "torch.LongTensor", `float` and their like name; None for anything else."""
    if not isinstance(name, str):
        return None
    last = name.rsplit(".", 1)[-1]
    if last in _FLOATS:
        return Dtype.FLOAT
    if last in _INTEGERS:
        return Dtype.INTEGER
    return Dtype.BOOL if last in ("bool", "BoolTensor") else None


def apply(operation: Operation, fact: Fact, options: Options) -> Fact:
    """The fact of the result. `options` holds the constant arguments by parameter name (absent: not known)."""
    after = _effect(operation, fact, options)
    if fact.domain is Domain.INDICES and after.domain is not Domain.INDICES and after.classes == fact.classes:
        after = replace(after, classes=None)  # how many indices there can be is no size of an axis
    kept = marks.after(operation.effect, fact)
    return after if kept == after.marks else replace(after, marks=kept)


def _effect(operation: Operation, fact: Fact, options: Options) -> Fact:
    match operation.effect:
        case Same():
            return fact
        case Reshaped():
            # A single unit may be squeezed away; the class axis is then another one.
            return replace(fact, axis=None, shape=None, classes=None if fact.classes == 1 else fact.classes)
        case Pooled():
            return pooling.pooled(operation.name.rsplit(".", 1)[-1], fact, options)
        case Normalised(domain):
            return _normalised(domain, fact, options.get("dim"))
        case Becomes(domain, dtype):
            return replace(fact, domain=domain, axis=None, dtype=dtype, reason=None)
        case Mapped(table, otherwise, floats):
            domain = table.get(fact.domain, otherwise)
            after = replace(fact, domain=domain, axis=fact.axis if domain is not otherwise else None)
            return replace(after, dtype=Dtype.FLOAT, reason=ARITHMETIC) if floats else after
        case Affine(size):
            count = options.get(size) if size else None
            classes = count if isinstance(count, int) else None
            return Fact(Domain.SCORES, dtype=Dtype.FLOAT, grad=Grad.FLOWS, classes=classes, trail=fact.trail)
        case Dropped():
            return _dropped(operation.name, fact, options)
        case Picked(domain, dtype):
            return replace(fact, domain=domain, dtype=dtype, axis=None, grad=_cut(fact), shape=None)
        case Cut(domain, dtype, of):
            fits = of is None or fact.domain in of
            return replace(fact, domain=domain if fits else Domain.UNKNOWN, dtype=dtype, grad=_cut(fact))
        case Cast(dtype):
            return _cast(_unsigned(fact) if operation.name.endswith(".byte") else fact, dtype)
        case CastBy():
            wanted = dtype_named(options.get("dtype")) or dtype_named(options.get("device"))
            named = str(options.get("dtype") or options.get("device"))
            return fact if wanted is None else _cast(_unsigned(fact) if named.endswith(_BYTE) else fact, wanted)
        case Detached():
            return replace(fact, grad=Grad.DETACHED)
        case Reduced(keeps_scores):
            mean = operation.name.rsplit(".", 1)[-1] == "mean"
            if mean and fact.domain is Domain.PROBABILITIES and (left := shapes.beside(fact.shape, fact.axis, options)):
                return replace(fact, axis=left[0], shape=None)  # a mean of distributions is one
            kept = keeps_scores and (
                fact.domain in (Domain.SCORES, Domain.SIMILARITY) or (mean and fact.domain is Domain.UNIT_INTERVAL)
            )
            return replace(fact, domain=fact.domain if kept else Domain.UNKNOWN, axis=None, shape=None, classes=None)
        case Selected():
            return replace(fact, domain=BY_ELEMENT.get(fact.domain, fact.domain), axis=None, shape=None, classes=None)
        case Clamped():
            return _clamp(fact, options.get("min"), options.get("max"))
        case Made(domain, dtype):
            return Fact(domain, dtype=dtype, reason=NEW_TENSOR, grad=Grad.UNKNOWN)
        case other:
            assert_never(other)


def _dropped(name: str, fact: Fact, options: Options) -> Fact:
    if options.get("p") == 0 or options.get("training") is False:  # the usual ways to switch dropout off
        return fact
    if "alpha" in name.lower() and fact.domain is not Domain.SCORES:  # it puts negative numbers in
        return replace(fact, domain=Domain.REAL, axis=None)
    # What is kept is scaled up: nothing sums to one any more, nor stays below one.
    reason = fact.reason if fact.domain is Domain.UNKNOWN else None
    return replace(fact, domain=_DROPPED.get(fact.domain, fact.domain), axis=None, reason=reason)


def _normalised(domain: Domain, fact: Fact, dim: object) -> Fact:
    axis = dim if isinstance(dim, int) and not isinstance(dim, bool) else None
    rank = None if fact.shape is None or REST in fact.shape[:1] else len(fact.shape)
    if axis is not None and rank and not -rank <= axis < rank:
        return replace(UNKNOWN, reason="there is no such axis: this raises an error")
    return replace(fact, domain=domain, axis=axis, dtype=Dtype.FLOAT, reason=None)


def _cut(fact: Fact) -> Grad:
    return Grad.CUT if fact.grad is Grad.FLOWS else fact.grad


# Domains of whole numbers, which a cast to integers leaves what they are.
_WHOLE = frozenset({Domain.INDICES, Domain.ONE_HOT, Domain.MULTI_HOT, Domain.SIGNS, Domain.BYTES})


_BYTE = ("uint8", "ByteTensor")


def _unsigned(fact: Fact) -> Fact:
    """-1 becomes 255."""
    return replace(fact, domain=Domain.UNKNOWN) if fact.domain is Domain.SIGNS else fact


def _cast(fact: Fact, dtype: Dtype) -> Fact:
    if dtype is Dtype.FLOAT or dtype is fact.dtype:
        return replace(fact, dtype=dtype)
    domain = fact.domain if fact.domain in _WHOLE else Domain.UNKNOWN
    return replace(fact, domain=domain, dtype=dtype, grad=_cut(fact))


_DROPPED = {
    Domain.SCORES: Domain.DROPPED,
    Domain.PROBABILITIES: Domain.NON_NEGATIVE,
    Domain.UNIT_INTERVAL: Domain.NON_NEGATIVE,
    Domain.LOG_PROBABILITIES: Domain.LOG_UNIT_INTERVAL,
    Domain.SIGNED_UNIT: Domain.REAL,
    Domain.ONE_HOT: Domain.NON_NEGATIVE,
    Domain.MULTI_HOT: Domain.NON_NEGATIVE,
    Domain.SIGNS: Domain.REAL,
    Domain.INDICES: Domain.NON_NEGATIVE,
    Domain.BYTES: Domain.NON_NEGATIVE,
}


_GUARD = 0.01  # bounds this close to 0 and 1 guard a logarithm; others cut the distribution


def _clamp(fact: Fact, low: object, high: object) -> Fact:
    lowest: float = low if isinstance(low, int | float) else -math.inf
    highest: float = high if isinstance(high, int | float) else math.inf
    if fact.domain in (Domain.PROBABILITIES, Domain.UNIT_INTERVAL):
        if lowest <= _GUARD and highest >= 1 - _GUARD:
            return fact
        inside = lowest <= 1 and highest >= 0
        return replace(fact, domain=Domain.UNIT_INTERVAL if inside else Domain.REAL, axis=None)
    logs = fact.domain in (Domain.LOG_PROBABILITIES, Domain.LOG_UNIT_INTERVAL)
    if logs and lowest <= 0:
        whole = lowest <= -5 and highest >= -_GUARD
        return fact if whole else replace(fact, domain=Domain.LOG_UNIT_INTERVAL, axis=None)
    if _number(low) and _number(high) and low >= 0 and high <= 1:
        return replace(fact, domain=Domain.UNIT_INTERVAL)
    if _number(low) and low >= 0:
        return replace(fact, domain=Domain.NON_NEGATIVE)
    return replace(fact, domain=Domain.REAL if fact.domain is Domain.SCORES else UNKNOWN.domain)


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
