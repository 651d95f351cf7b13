"""Inner products: of which two tensors they compare what networks have made.

Sources: https://docs.pytorch.org/docs/stable/generated/torch.matmul.html, torch.einsum.html and
torch.nn.functional.cosine_similarity.html beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lossadvisor.interpreter.values import Opaque, Seq, Tensor, Value
from lossadvisor.values import Domain, Fact, Grad

PRODUCTS = frozenset({"outer", "ger", "matmul", "mm", "bmm", "mv", "dot", "einsum", "baddbmm", "cosine_similarity"})
_COMPARING = PRODUCTS - {"outer", "ger", "baddbmm"}
# Weights: products with them are averages.
_WEIGHTS = frozenset({Domain.PROBABILITIES, Domain.UNIT_INTERVAL, Domain.ONE_HOT, Domain.MULTI_HOT})
_FEATURES = frozenset({Domain.SCORES, Domain.REAL, Domain.RECTIFIED, Domain.SIGNED_UNIT})


def compared(name: str, before: Fact, args: Sequence[Value]) -> bool:
    """Whether the operation `name` of these arguments compares what networks have made."""
    if name not in _COMPARING:
        return False
    facts = list(_facts(args))
    return similar(facts if name == "einsum" else [before, *facts])


def similar(facts: Sequence[Fact]) -> bool:
    """Two outputs of networks, of which one may have been detached (the entries of a queue)."""
    if len(facts) != 2 or not any(fact.grad is Grad.FLOWS for fact in facts):
        return False
    return all(fact.domain not in _WEIGHTS and (_learnt(fact) or _stored(fact)) for fact in facts)


def _learnt(fact: Fact) -> bool:
    """What gradients flow through; not a parameter itself, of which nothing else is known."""
    plain = fact.domain is Domain.UNKNOWN and not fact.trail and not fact.marks
    return fact.grad is Grad.FLOWS and not plain


def _stored(fact: Fact) -> bool:
    return fact.grad is Grad.DETACHED and fact.domain in _FEATURES


def _facts(args: Sequence[Value]) -> Iterator[Fact]:
    for value in args:
        match value:
            case Tensor(fact) | Opaque(default=Tensor(fact)):
                yield fact
            case Seq(items=items, rest=None):
                yield from _facts(items)
            case _:
                continue
