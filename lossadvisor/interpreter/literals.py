"""Tensors written out in the code: torch.tensor([1, 2, 3])."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.interpreter.values import Known, Opaque, Seq, Tensor, Value
from lossadvisor.transfers import shapes
from lossadvisor.values import NEW_TENSOR, Domain, Dtype, Fact, Shape
from lossadvisor.values.marks import Fixed, Integers, Mark


def literal(source: Value | None, wanted: Dtype | None, otherwise: Dtype) -> Fact:
    """The fact of a new tensor of these numbers; `wanted` is the dtype asked for, `otherwise` that of nothing known."""
    numbers = list(_numbers(source))
    known = [number for number in numbers if number is not None]
    complete = bool(known) and len(known) == len(numbers)
    dtype = wanted if wanted is not None else _dtype(known) if complete else kind(source) or otherwise
    marks: frozenset[Mark] = frozenset()
    if complete and all(float(number).is_integer() for number in known):
        marks = frozenset({Integers(int(min(known)), int(max(known)))})
    if complete:
        marks |= {Fixed()}
    shape = _shape(source)
    # Rows of zeros and ones may be one-hot; a single axis of integers is not.
    flags = Integers(0, 1) in marks or Integers(0, 0) in marks
    flat = shape is not None and len(shape) <= 1 and dtype is Dtype.INTEGER
    domain = Domain.MULTI_HOT if flags and flat else Domain.UNKNOWN
    return Fact(domain, dtype=dtype, shape=shape, reason=NEW_TENSOR, marks=marks)


def _numbers(source: Value | None) -> Iterator[int | float | None]:
    """The numbers in order; None for each that is not known."""
    match source:
        case Known(value=int() | float() as number):
            yield number
        case Seq(items=items, rest=None):
            for item in items[:4096]:
                yield from _numbers(item)
        case _:
            yield None


def kind(source: Value | None) -> Dtype | None:
    """The dtype of numbers of which only the kind is known; None where it is not."""
    match source:
        case Opaque(number=Dtype.FLOAT | Dtype.INTEGER as found):
            return found
        case Known(value=bool()):
            return Dtype.BOOL
        case Known(value=int()):
            return Dtype.INTEGER
        case Known(value=float()):
            return Dtype.FLOAT
        case Tensor(fact):
            return fact.dtype if fact.dtype is not Dtype.UNKNOWN else None
        case Seq(items=items, rest=rest):
            kinds = {kind(one) for one in (items if rest is None else [*items, rest])}
            return Dtype.FLOAT if kinds == {Dtype.FLOAT, Dtype.INTEGER} else kinds.pop() if len(kinds) == 1 else None
        case _:
            return None


def _dtype(numbers: list[int | float]) -> Dtype:
    if any(isinstance(number, float) for number in numbers):
        return Dtype.FLOAT
    return Dtype.BOOL if all(isinstance(number, bool) for number in numbers) else Dtype.INTEGER


def _shape(source: Value | None) -> Shape:
    """Axes by nesting: of numbers, of tensors of one element each, of arrays."""
    match source:
        case Known(value=int() | float()):
            return ()
        case Opaque(number=Dtype()):
            return ()
        case Tensor(fact):
            return shapes.full(fact.shape)
        case Seq(items=[], rest=None, grown=False):
            return (0,)
        case Seq(items=items, rest=rest, grown=grown):
            inner = {_shape(item) for item in (items if rest is None else [*items, rest])}
            if len(inner) == 1 and (below := inner.pop()) is not None:
                return (None if grown or rest is not None else len(items), *below)
            return None
        case _:
            return None
