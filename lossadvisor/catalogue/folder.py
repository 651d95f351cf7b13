"""Where the rule documents lie, and the rules in them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from lossadvisor.catalogue.errors import CatalogueError
from lossadvisor.catalogue.headings import Heading, heading
from lossadvisor.catalogue.model import Rule

INDEX = "README.md"


@cache
def headings() -> tuple[Heading, ...]:
    """What every rule is called, by code. The first call reads the documents; raises CatalogueError."""
    return read(folder())


@cache
def rule(code: str) -> Rule:
    """The rule with a code that one of the headings has; raises CatalogueError when the document is malformed."""
    from lossadvisor.catalogue.parsing import parse  # a run without a finding needs no document

    found = next(one for one in headings() if one.code == code)
    return parse(found.path, found.text)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the catalogue, by code; raises CatalogueError."""
    return tuple(rule(one.code) for one in headings())


def folder() -> Path:
    """`lossadvisor/rules` of an installed package, or `rules/` beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "rules", package.parent / "rules"):
        if candidate.is_dir():
            return candidate
    raise CatalogueError(
        f"the rule documents are missing: {package / 'rules'} does not exist; install lossadvisor again"
    )


def read(where: Path) -> tuple[Heading, ...]:
    """The headings of one folder, by code; raises CatalogueError for a document without one or a code used twice."""
    found: dict[str, Heading] = {}
    for name in sorted(os.listdir(where)):
        if name == INDEX or not name.endswith(".md"):
            continue
        path = where / name
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{where.name}/{name}: cannot be read: {error}") from error
        one = heading(path, text)
        if one.code in found:
            raise CatalogueError(f"{where.name}/{name}: {one.code} is already {found[one.code].name}")
        found[one.code] = one
    return tuple(found[code] for code in sorted(found))


def load(where: Path) -> tuple[Rule, ...]:
    """The rules of one folder, by code; raises CatalogueError for a malformed document or a code used twice."""
    from lossadvisor.catalogue.parsing import parse

    return tuple(parse(one.path, one.text) for one in read(where))
