"""Which rule document speaks of a mismatch."""

from __future__ import annotations

from functools import lru_cache

from lossadvisor.catalogue import Heading, Rule, headings, rule
from lossadvisor.checking.compare import Alternative, Judged


@lru_cache(maxsize=1)
def by_check() -> dict[str, Heading]:
    """The rules that name a check, by its name."""
    return {one.check: one for one in headings() if one.check is not None}


def name(judged: Judged, alternative: Alternative) -> Rule | None:
    """The rule that speaks of this alternative of this argument, or None."""
    for code in _mentioning(judged.want.value, alternative.fact.domain.value):
        for match in rule(code).match:
            if match.relation is alternative.relation and match.covers(
                judged.call.contract,
                judged.port,
                judged.want,
                alternative.fact.domain,
                options=judged.call.options,
                chain=alternative.fact.chain(),
            ):
                return rule(code)
    return None


@lru_cache(maxsize=1024)
def _mentioning(want: str, domain: str) -> tuple[str, ...]:
    """The codes of the rules that can speak of a want and a domain: those whose first lines hold both words."""
    return tuple(one.code for one in headings() if one.mentions(f'"{want}"', f'"{domain}"'))
