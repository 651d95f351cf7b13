"""What a run needs to know of every rule, read without parsing the documents: code, name, tier and check.

The tier and the check stand on lines of their own in the toml block; the parser of the documents refuses others. What
else a rule says matters where something is found, so most documents are never parsed.
"""

from __future__ import annotations

from pathlib import Path

from lossadvisor.catalogue.errors import CatalogueError
from lossadvisor.catalogue.model import Tier
from lossadvisor.late import dataclass

_TIERS = {tier.value: tier for tier in Tier}


@dataclass(frozen=True, slots=True)
class Heading:
    """A rule document of which only the first lines have been looked at. `tier` is None where it names no tier."""

    code: str
    name: str
    tier: Tier | None
    check: str | None
    path: Path
    text: str

    def mentions(self, *words: str) -> bool:
        """Whether the first lines hold all the words."""
        head = self.text[: _end(self.text)]
        return all(word in head for word in words)


def heading(path: Path, text: str) -> Heading:
    """The heading of one document; raises CatalogueError when it does not begin with a title."""
    title, _, _ = text.partition("\n")
    name, _, code = title.removeprefix("# ").partition(" (")
    if not (title.startswith("# ") and code.endswith(")")):
        raise CatalogueError(f"{path.parent.name}/{path.name}: must begin with '# rule-name (LA000)'")
    end = _end(text)
    return Heading(code[:-1], name, _TIERS.get(_line(text, "tier", end) or ""), _line(text, "check", end), path, text)


def _end(text: str) -> int:
    """Where the toml block ends."""
    return text.find("\n```\n")


def _line(text: str, key: str, end: int) -> str | None:
    """What `key` is set to, on a line of its own."""
    begin = f'\n{key} = "'
    at = text.find(begin, 0, end)
    return None if at < 0 else text[at + len(begin) : text.index("\n", at + 1)].removesuffix('"')
