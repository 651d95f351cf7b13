"""Products: of which two tensors they compare what networks have made, and which are learnt linear maps.

Sources: https://docs.pytorch.org/docs/stable/generated/torch.matmul.html, torch.einsum.html and
torch.nn.functional.cosine_similarity.html beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lossadvisor.interpreter.values import Opaque, Seq, Tensor, Value
from lossadvisor.values import Domain, Dtype, Fact, Grad, Place, Step
from lossadvisor.values.marks import Normed, Weights

PRODUCTS = frozenset({"outer", "ger", "matmul", "mm", "bmm", "mv", "dot", "einsum", "baddbmm", "cosine_similarity"})
_COMPARING = PRODUCTS - {"outer", "ger", "baddbmm"}
_LINEAR = _COMPARING - {"cosine_similarity"}
# What averages: products with it are no scores.
_WEIGHTS = frozenset({Domain.PROBABILITIES, Domain.UNIT_INTERVAL, Domain.ONE_HOT, Domain.MULTI_HOT})
_FEATURES = frozenset({Domain.SCORES, Domain.REAL, Domain.RECTIFIED, Domain.SIGNED_UNIT})


def compared(name: str, before: Fact, args: Sequence[Value]) -> bool:
    """Whether the operation `name` of these arguments compares what networks have made."""
    return name in _COMPARING and similar(_operands(name, before, args))


def weighted(name: str, before: Fact, args: Sequence[Value]) -> bool:
    """Whether the operation `name` of these arguments is a learnt linear map: one of them are weights."""
    return name in _LINEAR and mapped(_operands(name, before, args))


def similar(facts: Sequence[Fact]) -> bool:
    """Two outputs of networks, one of which may be detached (entries of a queue), or vectors of length one."""
    if len(facts) == 2 and all(Normed() in fact.marks for fact in facts):
        return True
    if len(facts) != 2 or not any(fact.grad is Grad.FLOWS for fact in facts):
        return False
    return all(fact.domain not in _WEIGHTS and (_learnt(fact) or _stored(fact)) for fact in facts)


def mapped(facts: Sequence[Fact]) -> bool:
    """One of the operands are weights: the other one is what they map."""
    return sum(_weights(fact) for fact in facts) == 1


def scores(fact: Fact, place: Place, operation: str) -> Fact:
    """The result of such a map: scores, whatever went into it."""
    step = Step(place, "a product with weights makes unconstrained scores", operation)
    return replace(fact, domain=Domain.SCORES, axis=None, dtype=Dtype.FLOAT, trail=(step,), reason=None)


def _weights(fact: Fact) -> bool:
    return any(isinstance(mark, Weights) for mark in fact.marks)


def _learnt(fact: Fact) -> bool:
    """What gradients flow through; not a parameter itself."""
    plain = fact.domain is Domain.UNKNOWN and not fact.trail and not fact.marks
    return fact.grad is Grad.FLOWS and not plain and not _weights(fact)


def _stored(fact: Fact) -> bool:
    return fact.grad is not Grad.CUT and fact.domain in _FEATURES and not _weights(fact)


def _operands(name: str, before: Fact, args: Sequence[Value]) -> list[Fact]:
    facts = list(_facts(args))
    return facts if name == "einsum" else [before, *facts]


def _facts(args: Sequence[Value]) -> Iterator[Fact]:
    for value in args:
        match value:
            case Tensor(fact) | Opaque(default=Tensor(fact)):
                yield fact
            case Seq(items=items, rest=None):
                yield from _facts(items)
            case _:
                continue
