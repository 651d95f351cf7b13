"""The rule catalogue: `rules/*.md` read into rules, and the look-ups by code, name and prefix."""

from lossadvisor.catalogue.errors import CatalogueError, UnknownRuleError
from lossadvisor.catalogue.folder import load, rules
from lossadvisor.catalogue.model import Library, Match, Rule, Tier
from lossadvisor.catalogue.selection import find, select

__all__ = [
    "CatalogueError",
    "Library",
    "Match",
    "Rule",
    "Tier",
    "UnknownRuleError",
    "find",
    "load",
    "rules",
    "select",
]
