"""Which rule document speaks of a mismatch."""

from __future__ import annotations

from functools import lru_cache

from lossadvisor.catalogue import Rule, rules
from lossadvisor.checking.compare import Alternative, Judged


@lru_cache(maxsize=1)
def matching() -> tuple[Rule, ...]:
    """The rules that name cells of the matrix."""
    return tuple(rule for rule in rules() if rule.match)


@lru_cache(maxsize=1)
def by_check() -> dict[str, Rule]:
    """The rules that name a check, by its name."""
    return {rule.check: rule for rule in rules() if rule.check is not None}


@lru_cache(maxsize=1)
def by_code() -> dict[str, Rule]:
    """All rules by code."""
    return {rule.code: rule for rule in rules()}


def name(judged: Judged, alternative: Alternative) -> Rule | None:
    """The rule that speaks of this alternative of this argument, or None."""
    for rule in matching():
        for match in rule.match:
            if match.relation is alternative.relation and match.covers(
                judged.call.contract,
                judged.port,
                judged.want,
                alternative.fact.domain,
                options=judged.call.options,
                chain=alternative.fact.chain(),
            ):
                return rule
    return None
