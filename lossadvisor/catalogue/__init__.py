"""The rule catalogue: `rules/*.md` read into rules, and the look-ups by code, name and prefix."""

from lossadvisor.catalogue.errors import CatalogueError, UnknownRuleError
from lossadvisor.catalogue.examples import Example, Source
from lossadvisor.catalogue.folder import load, rules
from lossadvisor.catalogue.model import Library, Match, Rule, Tier
from lossadvisor.catalogue.selection import find, select

__all__ = [
    "CatalogueError",
    "Example",
    "Library",
    "Match",
    "Rule",
    "Source",
    "Tier",
    "UnknownRuleError",
    "find",
    "load",
    "rules",
    "select",
]
