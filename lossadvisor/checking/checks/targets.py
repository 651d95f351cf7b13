"""Targets of the wrong type."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, last, sure_of
from lossadvisor.contracts import Family, Want
from lossadvisor.values import Domain, Dtype, Fact

_CASTS = frozenset({"float", "double", "half", "bfloat16", "to", "type"})


def cross_entropy_float_target(seen: Seen) -> Iterator[Hit]:
    """Class indices that were cast to a floating dtype."""
    for one in seen.judged:
        if one.port.role != "target" or one.want not in (Want.CLASS_INDICES, Want.CLASS_INDICES_OR_PROBABILITIES):
            continue
        for alternative in one.alternatives:
            fact = alternative.fact
            if fact.dtype is not Dtype.FLOAT:
                continue
            if fact.domain is Domain.INDICES:
                yield Hit(one.argument.place, sure_of(one, alternative), fact, one.call.loss)
            elif fact.domain is Domain.UNKNOWN and _only_cast(fact):
                yield Hit(one.argument.place, sure_of(one, alternative, doubts=1), fact, one.call.loss)


def bce_integer_target(seen: Seen) -> Iterator[Hit]:
    """Integer or boolean targets of a binary cross-entropy of torch."""
    for one in seen.judged:
        contract = one.call.contract
        if one.port.role != "target" or contract.library != "torch":
            continue
        if contract.family not in (Family.BCE, Family.BCE_WITH_LOGITS) or Dtype.INTEGER in one.port.dtypes:
            continue
        for alternative in one.alternatives:
            if alternative.fact.dtype in (Dtype.INTEGER, Dtype.BOOL):
                yield Hit(one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss)


def _only_cast(fact: Fact) -> bool:
    """A value of unknown origin of which nothing is known but that it was cast."""
    chain = fact.chain()
    return bool(chain) and all(last(op) in _CASTS for op in chain) and fact.reason != "arithmetic"
