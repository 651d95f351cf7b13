"""One tensor, in one place the standard deviation of a normal distribution, in another its variance."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, made, sure_of
from lossadvisor.findings import TraceEntry
from lossadvisor.interpreter.events import Constructed
from lossadvisor.interpreter.guards import Guard, conflicts
from lossadvisor.interpreter.values import Tensor, options
from lossadvisor.late import dataclass
from lossadvisor.values import Fact, Place
from lossadvisor.values.marks import MadePositive

# Distributions whose second parameter is the standard deviation (of the logarithm, for the second).
# Source: https://docs.pytorch.org/docs/stable/distributions.html
_BY_DEVIATION = frozenset({
    "torch.distributions.Normal", "torch.distributions.normal.Normal",
    "torch.distributions.LogNormal", "torch.distributions.log_normal.LogNormal",
})


@dataclass(frozen=True, slots=True)
class _Use:
    """Where a tensor is taken as a standard deviation, and under which conditions."""

    place: Place
    guard: Guard


def deviation_as_variance(seen: Seen) -> Iterator[Hit]:
    """The variance of a Gaussian likelihood that is the standard deviation of a normal distribution as well.

    Uses that exclude each other are left alone: a head may mean the one here and the other there.
    """
    uses = _deviations(seen)
    if not uses:
        return
    for one in seen.judged:
        if one.call.contract.id != "gaussian_nll" or one.port.name != "var":
            continue
        for alternative in one.alternatives:
            reached = alternative.guard | one.call.path
            for mark in _marks(alternative.fact):
                use = next((use for use in uses.get(mark, ()) if not conflicts(use.guard, reached)), None)
                if use is None:
                    continue
                entry = TraceEntry(use.place.span(), "the same tensor is the standard deviation of this distribution")
                yield Hit(
                    one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss,
                    words={"got": "standard deviations"}, extra=(*made(one.call), entry),
                )


def _deviations(seen: Seen) -> dict[MadePositive, list[_Use]]:
    found: dict[MadePositive, list[_Use]] = {}
    for event in seen.events:
        if not isinstance(event, Constructed) or event.name not in _BY_DEVIATION:
            continue
        scale = event.args[1] if len(event.args) > 1 else event.keywords.get("scale")
        for guard, single in () if scale is None else options(scale):
            if isinstance(single, Tensor):
                for mark in _marks(single.fact):
                    found.setdefault(mark, []).append(_Use(event.place, guard | event.guard | event.path))
    return found


def _marks(fact: Fact) -> list[MadePositive]:
    return [mark for mark in fact.marks if isinstance(mark, MadePositive)]
