"""Scores that are cut before the log-softmax whose result a loss reads."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.activations import LOG_SOFTMAX
from lossadvisor.checking.checks.model import Hit, Seen, last, sure_of
from lossadvisor.contracts import Family, Want
from lossadvisor.interpreter.events import Applied
from lossadvisor.values import Domain, Fact, Place

_CUT = frozenset({Domain.RECTIFIED, Domain.DROPPED})


def rectified_logits(seen: Seen) -> Iterator[Hit]:
    """log_softmax and NLLLoss are cross-entropy in two steps: what the first one reads are the logits."""
    cut: dict[Place, list[Fact]] = {}
    for event in seen.events:
        if isinstance(event, Applied) and last(event.operation) in LOG_SOFTMAX and event.fact.domain in _CUT:
            cut.setdefault(event.place, []).append(event.fact)
    if not cut:
        return
    for one in seen.judged:
        if one.want is not Want.LOG_PROBABILITIES or one.port.role != "prediction":
            continue
        if one.call.contract.family is Family.DIVERGENCE:
            continue  # two networks may be compared by their features, which are cut as a rule
        for alternative in one.alternatives:
            if alternative.fact.domain is not Domain.LOG_PROBABILITIES:
                continue
            trail = alternative.fact.trail
            for position, step in enumerate(trail):
                if last(step.op) not in LOG_SOFTMAX:
                    continue
                before = next((fact for fact in cut.get(step.place, ()) if fact.trail == trail[:position]), None)
                if before is not None:
                    yield Hit(one.argument.place, sure_of(one, alternative), before, one.call.loss)
