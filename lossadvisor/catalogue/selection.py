"""Rules by what a person types: a code, a name, or the beginning of a code."""

from __future__ import annotations

from collections.abc import Iterable

from lossadvisor.catalogue.errors import UnknownRuleError
from lossadvisor.catalogue.folder import rules
from lossadvisor.catalogue.model import Rule

EVERYTHING = "ALL"


def find(text: str) -> Rule:
    """The one rule with that code or name, in any case; raises UnknownRuleError with the nearest ones."""
    wanted = text.strip().casefold()
    for rule in rules():
        if wanted in (rule.code.casefold(), rule.name):
            return rule
    raise UnknownRuleError(_unknown(text))


def select(selectors: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that any selector names, by code. A selector is a code, a name, a prefix (`LA1`) or `ALL`.

    Raises UnknownRuleError for a selector that names no rule.
    """
    chosen: set[str] = set()
    for selector in selectors:
        codes = _codes(selector)
        if not codes:
            raise UnknownRuleError(_unknown(selector))
        chosen |= codes
    return tuple(rule for rule in rules() if rule.code in chosen)


def _codes(selector: str) -> set[str]:
    wanted = selector.strip().upper()
    if wanted == EVERYTHING:
        return {rule.code for rule in rules()}
    if not wanted.startswith("LA"):
        return {rule.code for rule in rules() if rule.name == wanted.lower()}
    return {rule.code for rule in rules() if rule.code.startswith(wanted)}


def _unknown(text: str) -> str:
    from difflib import get_close_matches  # only a mistyped name pays for it

    names = {rule.code: rule for rule in rules()} | {rule.name: rule for rule in rules()}
    wanted = text.strip()
    candidates = wanted.upper() if wanted.upper().startswith("LA") else wanted.lower()
    near = list(dict.fromkeys(names[key].code for key in get_close_matches(candidates, list(names), 4, 0.6)))[:3]
    hint = ", ".join(f"{names[code].code} {names[code].name}" for code in near)
    return f"no rule is called '{text}'; " + (f"did you mean {hint}?" if hint else "`lossadvisor rule` lists them all")
