"""From a trail of steps to the trace of a finding: the loss's side first, the cause last."""

from __future__ import annotations

from lossadvisor.findings import TraceEntry
from lossadvisor.transfers import FUNCTIONS, LAYERS
from lossadvisor.transfers.model import Affine
from lossadvisor.values import Domain, Fact, Step

_AFFINE = frozenset(
    {name for name, operation in FUNCTIONS.items() if isinstance(operation.effect, Affine)}
    | {row.operation.name for row in LAYERS.values() if isinstance(row.operation.effect, Affine)}
)


def relevant_steps(fact: Fact) -> tuple[Step, ...]:
    """The steps that a reader has to see: from the operation that set the meaning on."""
    steps = fact.trail
    if fact.domain is not Domain.SCORES:
        start = next((i for i, step in enumerate(steps) if step.op is not None and step.op not in _AFFINE), 0)
        steps = steps[start:]
    return steps


def entries(fact: Fact) -> tuple[TraceEntry, ...]:
    """The trace of a fact, latest step first, without repetition."""
    found: list[TraceEntry] = []
    for step in reversed(relevant_steps(fact)):
        entry = TraceEntry(step.place.span(), step.message)
        if entry not in found:
            found.append(entry)
    return tuple(found)
