"""cat, stack and where: one fact for several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lossadvisor.interpreter import forms
from lossadvisor.transfers import shapes
from lossadvisor.values import BY_ELEMENT, Domain, Dtype, Fact, Grad, Shape
from lossadvisor.values.marks import Accumulated, Integers, Mark, OfLoss, Similar, Twice

_UNITS = frozenset({Domain.UNIT_INTERVAL, Domain.PROBABILITIES, Domain.ONE_HOT, Domain.MULTI_HOT})


_SCORES = frozenset({Domain.SCORES, Domain.SIMILARITY})
DIFFERENT = "tensors of different meaning are joined"


def joined(name: str, facts: Sequence[Fact], dim: object) -> Fact:
    """The common meaning of all parts; when they have none, what else they have in common."""
    if name not in ("", "torch.stack"):
        # One axis without elements: passed over (https://docs.pytorch.org/docs/stable/generated/torch.cat.html).
        facts = [fact for fact in facts if fact.shape != (0,)] or facts
    first = facts[0]
    domains = {fact.domain for fact in facts}
    whole = _range(facts)
    if whole is not None:
        domain, axis = Domain.MULTI_HOT if (whole.low, whole.high) in ((0, 0), (0, 1)) else Domain.UNKNOWN, None
    elif len(domains) == 1:
        domain, axis = first.domain, first.axis
    elif domains <= _UNITS:
        domain, axis = Domain.UNIT_INTERVAL, None
    else:
        domain, axis = Domain.UNKNOWN, None
    if domain in BY_ELEMENT and not _whole(name, axis, dim, shapes.full(first.shape)):
        domain, axis = BY_ELEMENT[domain], None  # several distributions side by side are none
    elif axis is not None and name == "torch.stack":
        axis = _stacked(axis, dim, shapes.full(first.shape))
    grads = {fact.grad for fact in facts}
    grad = Grad.FLOWS if Grad.FLOWS in grads else first.grad if len(grads) == 1 else Grad.UNKNOWN
    dtypes = {fact.dtype for fact in facts}
    dtype = Dtype.FLOAT if Dtype.FLOAT in dtypes else first.dtype if len(dtypes) == 1 else Dtype.UNKNOWN
    joint = replace(
        first, domain=domain, axis=axis, grad=grad, dtype=dtype, classes=None, shape=forms.joined(name, facts, dim),
        marks=frozenset(_marks(facts)),
    )
    different = domain is Domain.UNKNOWN and len(domains) > 1
    return replace(joint, trail=(), reason=DIFFERENT) if different else joint


def _whole(name: str, axis: int | None, dim: object, shape: Shape) -> bool:
    """Whether each distribution over `axis` is still one when the parts stand side by side along `dim`."""
    if name == "torch.stack":
        return True  # along a new axis
    known = {"torch.vstack": 0, "torch.hstack": 1}.get(name, dim) if name else None  # where() picks single elements
    if axis is None or not isinstance(known, int) or isinstance(known, bool):
        return False
    if shape:
        return axis % len(shape) != known % len(shape)
    return (axis != known and (axis >= 0) == (known >= 0)) or (known == 0 and axis == -1)


def _stacked(axis: int, dim: object, shape: Shape) -> int | None:
    """Where an axis is after a new one has been put in at `dim`."""
    if not isinstance(dim, int) or isinstance(dim, bool):
        return None
    if shape:
        axis, dim = axis % len(shape), dim % (len(shape) + 1)
    if (axis < 0) != (dim < 0):
        return axis if axis < 0 and dim == 0 else None
    return axis + (dim <= axis) if axis >= 0 else axis - (dim >= axis)


def _marks(facts: Sequence[Fact]) -> set[Mark]:
    """Losses of any part; what all parts have; the range of integers of which each part's is known."""
    marks: set[Mark] = {mark for fact in facts for mark in fact.marks if isinstance(mark, OfLoss | Accumulated | Twice)}
    shared = frozenset.intersection(*(fact.marks for fact in facts))
    marks |= {mark for mark in shared if not isinstance(mark, Integers)}
    similar = [any(isinstance(mark, Similar) for mark in fact.marks) for fact in facts]
    if any(similar) and all(one or fact.domain in _SCORES for one, fact in zip(similar, facts, strict=True)):
        marks.add(Similar())
    whole = _range(facts)
    return marks if whole is None else marks | {whole}


def _range(facts: Sequence[Fact]) -> Integers | None:
    """The range of all parts, where each is written out in the code."""
    ranges = [mark for fact in facts for mark in fact.marks if isinstance(mark, Integers)]
    if len(ranges) != len(facts):
        return None
    return Integers(min(one.low for one in ranges), max(one.high for one in ranges))
