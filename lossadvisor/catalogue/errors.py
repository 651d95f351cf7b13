"""What can go wrong with the catalogue, each as one line for a person."""

from __future__ import annotations


class CatalogueError(ValueError):
    """A rule document is malformed. The text names the file, what is wrong and what is allowed."""


class UnknownRuleError(ValueError):
    """No rule has that code, name or prefix. The text suggests the nearest ones."""
