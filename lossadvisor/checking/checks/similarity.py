"""Softmax over the similarities of a contrastive objective."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, sure_of
from lossadvisor.values import Domain
from lossadvisor.values.marks import Similar


def similarity_softmax(seen: Seen) -> Iterator[Hit]:
    """Cross-entropy on the softmax of inner products of the outputs of networks."""
    for one in seen.judged:
        if one.call.contract.id != "cross_entropy" or one.port.role != "prediction":
            continue
        for alternative in one.alternatives:
            similar = any(isinstance(mark, Similar) for mark in alternative.fact.marks)
            if similar and alternative.fact.domain is Domain.PROBABILITIES:
                yield Hit(one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss)
