"""Unary and binary operators on values: numbers are folded, facts are combined."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libcst as cst

from lossadvisor.interpreter import combining, contexts, iterate, modulenames, pandas_frames
from lossadvisor.interpreter.events import Compared
from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.values import Dict, Known, Layer, Obj, Opaque, Seq, Single, Tensor, Union, Value, union
from lossadvisor.values import ARITHMETIC, Domain, Dtype, Fact, Grad, Step
from lossadvisor.values.marks import Extreme

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_FOLD: dict[type, Callable[[Any, Any], Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.BitAnd: operator.and_,
    cst.BitOr: operator.or_,
}
_ADD = (cst.Add, cst.AddAssign)
_SUB = (cst.Subtract, cst.SubtractAssign)
_MUL = (cst.Multiply, cst.MultiplyAssign)
_DIV = (cst.Divide, cst.DivideAssign)
_MATMUL = (cst.MatrixMultiply, cst.MatrixMultiplyAssign)
_PLAIN: dict[type, type] = {
    cst.AddAssign: cst.Add, cst.SubtractAssign: cst.Subtract, cst.MultiplyAssign: cst.Multiply,
    cst.DivideAssign: cst.Divide, cst.FloorDivideAssign: cst.FloorDivide, cst.ModuloAssign: cst.Modulo,
    cst.BitAndAssign: cst.BitAnd, cst.BitOrAssign: cst.BitOr, cst.MatrixMultiplyAssign: cst.MatrixMultiply,
    cst.PowerAssign: cst.Power,
}
_EPSILON = 1e-3  # constants this small are added for stability, they do not change what the numbers mean

_TINY = 1e-6  # subtracted for stability
_UNITS = frozenset({Domain.PROBABILITIES, Domain.UNIT_INTERVAL, Domain.ONE_HOT, Domain.MULTI_HOT})
_MASKS = frozenset({Domain.ONE_HOT, Domain.MULTI_HOT})
_FROM_ZERO = frozenset({Domain.RECTIFIED, Domain.NON_NEGATIVE})
_SCORES = frozenset({Domain.SCORES, Domain.SIMILARITY})


def sequence(items: list[Value], kind: str) -> Seq:
    """A container of known elements."""
    return Seq(items, kind)


def binary(machine: Machine, left: Value, kind: type, right: Value, node: cst.CSTNode) -> Value:
    """left <kind> right."""
    kind = _PLAIN.get(kind, kind)
    if not isinstance(left, Union) and not isinstance(right, Union):
        return combining.combined(machine, left, kind, right, _binary(machine, left, kind, right, node), node)
    found: list[tuple[frozenset[Any], Value]] = []
    for guard, a in machine.each(left):
        for other, b in machine.each(right):
            result = _binary(machine, a, kind, b, node)
            found.append((guard | other, combining.combined(machine, a, kind, b, result, node)))
    return union(found)


def _binary(machine: Machine, a: Single, kind: type, b: Single, node: cst.CSTNode) -> Value:
    match a, b:
        case Tensor(x), Tensor(y):
            return Tensor(_noted(machine, _both(x, kind, y), kind, node))
        case Tensor(x), _:
            after = replace(_with_other(x, kind, _constant(b), False), dtype=_dtype(x, kind, b), grad=_grad(x, b))
            return Tensor(_noted(machine, after, kind, node))
        case _, Tensor(y):
            after = replace(_with_other(y, kind, _constant(a), True), dtype=_dtype(y, kind, a), grad=_grad(y, a))
            return Tensor(_noted(machine, after, kind, node))
        case Known(x), Known(y):
            return _fold(x, kind, y)
        case Seq(), Seq() if kind is cst.Add:
            if a.rest is not None:
                parts = [*a.items, a.rest, *b.items, *([] if b.rest is None else [b.rest])]
                return Seq([], a.kind, iterate.any_of(parts), machine.path)
            return Seq([*a.items, *b.items], a.kind, b.rest, machine.path, grown=a.grown or b.grown)
        case Seq(), Known(value=int() as count) if kind is cst.Multiply:
            return _repeated(machine, a, max(0, count))
        case Dict(), Dict() if kind is cst.BitOr:
            merged = Dict(dict(a.items), a.rest, machine.path)
            update(machine, merged, b)
            return merged
        case Opaque(default=Known() as known), Known() | Opaque(default=Known()):
            other = b.default if isinstance(b, Opaque) else b
            return _fold(known.value, kind, other.value) if isinstance(other, Known) else Opaque("arithmetic")
        case Known(), Opaque(default=Known() as known):
            return _fold(a.value, kind, known.value)
        case Obj(), _:
            return _dunder(machine, a, kind, b)
        case (Layer(), _) | (_, Layer()):
            return pandas_frames.arithmetic(a, b) or Opaque("arithmetic on something unknown")
        case (Opaque(), Opaque() | Known()) | (Known(), Opaque()) if (number := _number(a, kind, b)) is not None:
            return Opaque("a number", number=number)
        case _:
            return Opaque("arithmetic on something unknown")


def _number(a: Single, kind: type, b: Single) -> Dtype | None:
    """The kind of number that arithmetic on two numbers gives; None unless both are numbers of Python."""
    kinds = [_number_kind(one) for one in (a, b)]
    if None in kinds:
        return None
    if kind in _DIV or Dtype.FLOAT in kinds:
        return Dtype.FLOAT
    return Dtype.INTEGER if set(kinds) == {Dtype.INTEGER} and kind is not cst.Power else Dtype.UNKNOWN


def _number_kind(value: Single) -> Dtype | None:
    match value:
        case Opaque(number=kind):
            return kind
        case Known(value=bool()):
            return None
        case Known(value=int()):
            return Dtype.INTEGER
        case Known(value=float()):
            return Dtype.FLOAT
        case _:
            return None


_DUNDER: dict[type, str] = {
    cst.Add: "__add__", cst.Multiply: "__mul__", cst.Subtract: "__sub__", cst.Divide: "__truediv__",
}


_LONGEST = 4096  # elements of a list that is written out


def _repeated(machine: Machine, seq: Seq, count: int) -> Seq:
    if len(seq.items) * count > _LONGEST:
        return Seq([], seq.kind, iterate.any_of([*seq.items, *([] if seq.rest is None else [seq.rest])]), machine.path)
    return Seq(list(seq.items) * count, seq.kind, seq.rest, machine.path, grown=seq.grown)


def _dunder(machine: Machine, obj: Obj, kind: type, other: Value) -> Value:
    from lossadvisor.interpreter import calls, classes

    method = classes.class_member(machine, obj.cls, _DUNDER.get(kind, "__none__"))
    if method is None:
        return Opaque("arithmetic on an object")
    return calls.call(machine, classes.bind(machine, method, obj), calls.Arguments([other], {}), None)


def _small(number: Any, bound: int) -> bool:
    return isinstance(number, int | float) and abs(number) < bound


def _fold(a: Any, kind: type, b: Any) -> Value:
    fold = _FOLD.get(kind)
    try:
        if kind is cst.Power and _small(a, 2**32) and _small(b, 64):
            result = a**b
        elif isinstance(a, str) and kind is cst.Modulo and isinstance(b, str):
            result = a % b if len(a) <= 200 and a.count("%") == a.count("%s") == 1 else None
        elif fold is None or (isinstance(a, str | bytes) and kind in (cst.Multiply, cst.Modulo)):
            return Opaque("arithmetic")
        else:
            result = fold(a, b)
    except (TypeError, ValueError, ArithmeticError):
        return Opaque("arithmetic that fails")
    if isinstance(result, str) and len(result) > 4096:
        return Opaque("a long string")
    return Known(result) if isinstance(result, bool | int | float | str) else Opaque("arithmetic")


def _constant(value: Single) -> float | None:
    if isinstance(value, Opaque) and isinstance(value.default, Known):
        value = value.default
    # A truth value is a comparison of something unknown here: a mask, no number.
    if isinstance(value, Known) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return float(value.value)
    return None


def _grad(fact: Fact, other: Single) -> Grad:
    """A gradient may come from something unknown; from a number none comes."""
    number = isinstance(other, Known) or (
        isinstance(other, Opaque) and (isinstance(other.default, Known) or other.origin is Origin.CONFIG)
    )
    return fact.grad if number or fact.grad is Grad.FLOWS else Grad.UNKNOWN


def _dtype(fact: Fact, kind: type, other: Single) -> Dtype:
    """The dtype of a tensor with a number: floats make floats of integers, integers make integers of truth values."""
    if fact.dtype is Dtype.FLOAT or kind in _DIV:
        return Dtype.FLOAT
    number = other.default if isinstance(other, Opaque) else other
    match number:
        case Known(value=bool()):
            return fact.dtype
        case Known(value=float()):
            return Dtype.FLOAT
        case Known(value=int()) | Opaque(number=Dtype.INTEGER):
            return Dtype.INTEGER if fact.dtype is Dtype.BOOL else fact.dtype
        case Opaque(number=Dtype.FLOAT):
            return Dtype.FLOAT
        case _:
            return Dtype.UNKNOWN


def _joint_dtype(x: Dtype, kind: type, y: Dtype) -> Dtype:
    if kind in _DIV or Dtype.FLOAT in (x, y):
        return Dtype.FLOAT
    if Dtype.UNKNOWN in (x, y):
        return Dtype.UNKNOWN
    return Dtype.INTEGER if Dtype.INTEGER in (x, y) else Dtype.BOOL


def _with_other(fact: Fact, kind: type, constant: float | None, swapped: bool) -> Fact:
    """A tensor with a number or with something unknown."""
    domain = fact.domain
    if kind in _ADD or kind in _SUB:
        if kind in _SUB and swapped and constant == 1.0 and domain in _UNITS:
            soft = domain in (Domain.PROBABILITIES, Domain.UNIT_INTERVAL)
            becomes = Domain.UNIT_INTERVAL if soft else Domain.MULTI_HOT
            return replace(fact, domain=becomes, axis=None)
        signed = constant if constant is None or kind in _ADD else -constant
        counted = domain is Domain.INDICES and constant != 0  # whole numbers do not stay so
        exact = domain in _MASKS or (domain in _FROM_ZERO and signed is not None and signed < 0)
        small = signed == 0 or (signed is not None and -_TINY <= signed < _EPSILON and not exact)
        if small and (not swapped or kind in _ADD) and not counted:
            return fact
        return _kept(fact, domain in _SCORES)
    if kind in _MUL or kind in _DIV:
        if constant == 1.0 and not (swapped and kind in _DIV):
            return fact
        if swapped and kind in _DIV:
            return _kept(fact, False)
        return _kept(fact, domain in _SCORES)
    if kind is cst.Power:
        inside = domain in _UNITS and not swapped and constant is not None and constant >= 0
        return replace(fact, domain=Domain.UNIT_INTERVAL if inside else Domain.UNKNOWN, axis=None)
    if kind in _MATMUL:
        return replace(fact, domain=Domain.UNKNOWN, axis=None, classes=None, reason="a matrix product")
    return _kept(fact, False)


def _noted(machine: Machine, fact: Fact, kind: type, node: cst.CSTNode) -> Fact:
    """Products of probabilities and guards such as `p + 1e-8` stand on the trail: no fused form of a loss has them."""
    if fact.domain not in (Domain.PROBABILITIES, Domain.UNIT_INTERVAL, Domain.RECTIFIED):
        return fact
    if kind in _MUL and fact.domain is not Domain.RECTIFIED:
        return fact.stepped(Step(machine.place(node), "probabilities are multiplied", "torch.mul"))
    if kind in _ADD:
        return fact.stepped(Step(machine.place(node), "a small constant is added", "torch.add"))
    return fact


def _kept(fact: Fact, keep: bool) -> Fact:
    if keep:
        return fact
    classes = None if fact.domain is Domain.INDICES else fact.classes
    return replace(fact, domain=Domain.UNKNOWN, axis=None, classes=classes, reason=ARITHMETIC)


def _both(x: Fact, kind: type, y: Fact) -> Fact:
    grad = Grad.FLOWS if Grad.FLOWS in (x.grad, y.grad) else x.grad if x.grad is y.grad else Grad.UNKNOWN
    dtype = _joint_dtype(x.dtype, kind, y.dtype)
    domain = Domain.UNKNOWN
    trail = x.trail or y.trail
    classes = next((one.classes for one in (x, y) if one.classes and one.domain is not Domain.INDICES), None)
    if kind in _ADD or kind in _SUB:
        if kind in _SUB and y.domain is Domain.UNKNOWN and any(isinstance(mark, Extreme) for mark in y.marks):
            domain = Domain.UNKNOWN  # less the logarithm of the sum of exponentials: log-probabilities by hand
        elif x.domain in _SCORES or y.domain in _SCORES:
            domain = Domain.SCORES
            trail = x.trail if x.domain in _SCORES else y.trail
        elif kind in _ADD and x.domain is y.domain and x.domain in (Domain.RECTIFIED, Domain.NON_NEGATIVE):
            domain = Domain.NON_NEGATIVE
    elif kind in _MUL:
        if x.domain in _UNITS and y.domain in _UNITS:
            domain = Domain.UNIT_INTERVAL
        elif Domain.SCORES in (x.domain, y.domain) and {x.domain, y.domain} & _MASKS:
            domain = Domain.SCORES  # some of them set to zero
            trail = x.trail if x.domain is Domain.SCORES else y.trail
        elif Domain.SCORES in (x.domain, y.domain) and not ({x.domain, y.domain} & _UNITS):
            domain = Domain.REAL
    elif kind in _MATMUL:
        domain, trail, classes = Domain.UNKNOWN, (), None
    kept = trail if domain is not Domain.UNKNOWN else ()
    return Fact(domain, None, dtype, None, grad, classes, kept, reason=ARITHMETIC)


def unary(machine: Machine, kind: type, value: Value, node: cst.CSTNode) -> Value:
    """-x, +x, ~x."""
    found: list[tuple[frozenset[Any], Value]] = []
    for guard, single in machine.each(value):
        match single:
            case Known(value=int() | float() as number) if kind is cst.Minus:
                found.append((guard, Known(-number)))
            case Tensor(given) if kind is cst.Minus:
                fact = combining.negated(given)
                fact = contexts.fact_in(machine, _kept(fact, fact.domain in _SCORES))
                found.append((guard, Tensor(fact)))
            case Opaque(number=Dtype() as number) if kind in (cst.Minus, cst.Plus):
                found.append((guard, Opaque("a number", number=number)))
            case Tensor(given) if kind is cst.BitInvert and given.dtype is Dtype.BOOL:
                found.append((guard, single))
            case Known() | Tensor() if kind is cst.Plus:
                found.append((guard, single))
            case _:
                found.append((guard, Opaque("arithmetic on something unknown")))
    return union(found)


def compare_tensors(machine: Machine, left: Value, right: Value, node: cst.Comparison) -> Value | None:
    """An element-wise comparison, when a tensor takes part; else None."""
    if isinstance(node.comparisons[0].operator, cst.Is | cst.IsNot | cst.In | cst.NotIn):
        return None
    for side, other in ((left, right), (right, left)):
        if isinstance(side, Layer) and side.name == pandas_frames.SERIES:
            return Tensor(Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL, shape=(None,), reason="a comparison"))
        if isinstance(side, Tensor):
            fact = side.fact
            number = _constant(other) if not isinstance(other, Union) else None
            if number is not None:
                kind = type(node.comparisons[0].operator).__name__
                machine.events.append(Compared(machine.place(node), fact, kind, number, machine.path))
            grad = Grad.CUT if fact.grad is Grad.FLOWS else fact.grad
            step = Step(machine.place(node), "a comparison has no gradient", "comparison")
            return Tensor(Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL, grad=grad, trail=(*fact.trail, step)))
    return None


def update(machine: Machine, into: Dict, value: Value) -> None:
    """dict.update."""
    for single in machine.branches(value):
        match single:
            case Dict() if modulenames.is_names(single):
                into.rest = Opaque("the names of a module")
            case Dict(items=items, rest=rest):
                for key, one in items.items():
                    into.items[key] = machine.merge_write(into.items.get(key), one, into.base)
                if rest is not None:
                    into.rest = rest
            case Opaque(default=Dict() as inner):
                update(machine, into, inner)
            case Seq(items=pairs, rest=None):
                for pair in pairs:
                    match pair:
                        case Seq(items=[Known(value=key), one], rest=None):
                            into.items[key] = machine.merge_write(into.items.get(key), one, into.base)
                        case _:
                            into.rest = into.rest or Opaque("values from an unknown mapping")
            case Opaque(reason=reason, key=key, origin=origin) if into.rest is None and key is not None:
                into.rest = Opaque(f"values from {reason}", iterate.rest_key(key), None, origin)
            case _ if into.rest is None or isinstance(into.rest, Opaque):
                into.rest = Opaque("values from an unknown mapping")
            case _:
                continue
