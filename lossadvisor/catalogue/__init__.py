"""The rule catalogue: `rules/*.md` read into rules, and the look-ups by code, name and prefix."""

from lossadvisor.catalogue.errors import CatalogueError, UnknownRuleError
from lossadvisor.catalogue.folder import headings, load, rule, rules
from lossadvisor.catalogue.headings import Heading
from lossadvisor.catalogue.model import Library, Match, Rule, Tier
from lossadvisor.catalogue.selection import find, select

__all__ = [
    "CatalogueError",
    "Heading",
    "Library",
    "Match",
    "Rule",
    "Tier",
    "UnknownRuleError",
    "find",
    "headings",
    "load",
    "rule",
    "rules",
    "select",
]
