"""Which rules run: selectors (ALL, a prefix, a code or a name) resolved against the catalogue."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from lossadvisor.config.errors import ConfigError, suggestion
from lossadvisor.config.settings import Layer, Settings

_EXACT = 100  # a code or a name is more specific than any prefix


def verify(selectors: Iterable[str], where: str) -> None:
    """Raise ConfigError, naming `where`, for the first selector that selects no rule."""
    wanted = [selector for selector in selectors if selector.upper() != "ALL"]
    if not wanted:
        return
    from lossadvisor.catalogue import headings

    catalogue = headings()
    for selector in wanted:
        if not any(matches(selector, rule.code, rule.name) for rule in catalogue):
            known = [name for rule in catalogue for name in (rule.code, rule.name)]
            raise ConfigError(f"{where}: unknown rule {selector!r}{suggestion(selector, known)}")


def matches(selector: str, code: str, name: str) -> int:
    """How specifically the selector means the rule, in any case of letters; 0 when it does not."""
    wanted = selector.upper()
    if wanted in {code, name.upper()}:
        return _EXACT
    if wanted == "ALL":
        return 1
    return len(wanted) + 1 if wanted.startswith("LA") and code.startswith(wanted) else 0


def selected(settings: Settings) -> frozenset[str]:
    """The codes of the rules that run. The later layer wins; within a layer the more specific selector wins."""
    from lossadvisor.catalogue import Tier, headings

    catalogue = headings()
    chosen = {rule.code for rule in catalogue if rule.tier is not Tier.OPT_IN}
    for layer in settings.layers:
        if layer.select is not None:
            chosen = set()
        for rule in catalogue:
            for_it, against = _weights(layer, rule.code, rule.name)
            if for_it > against:
                chosen.add(rule.code)
            elif against:
                chosen.discard(rule.code)
    return frozenset(chosen)


def _weights(layer: Layer, code: str, name: str) -> tuple[int, int]:
    wanted = (*(layer.select or ()), *layer.extend_select)
    for_it = max((matches(selector, code, name) for selector in wanted), default=0)
    against = max((matches(selector, code, name) for selector in layer.ignore), default=0)
    return for_it, against


def ignored_in_file(settings: Settings, relative: str) -> tuple[str, ...]:
    """The selectors that per-file-ignores sets against one file; `relative` is its path below the settings' root."""
    rows = settings.per_file_ignores
    return tuple(selector for pattern, selectors in rows if _covers(pattern, relative) for selector in selectors)


def _covers(pattern: str, relative: str) -> bool:
    negated, pattern = pattern.startswith("!"), pattern.removeprefix("!")
    name = PurePath(relative).name
    hit = fnmatch.fnmatchcase(relative, pattern) or fnmatch.fnmatchcase(name, pattern)
    hit = hit or fnmatch.fnmatchcase(relative, pattern.rstrip("/") + "/*")
    return hit != negated


def any_match(selectors: Sequence[str], code: str, name: str) -> bool:
    """Whether one of the selectors means the rule."""
    return any(matches(selector, code, name) for selector in selectors)
