"""Where the rule documents lie, and all of them as rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lossadvisor.catalogue.errors import CatalogueError
from lossadvisor.catalogue.model import Rule
from lossadvisor.catalogue.parsing import parse

INDEX = "README.md"


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the catalogue, by code. The first call reads the documents; raises CatalogueError."""
    return load(folder())


def folder() -> Path:
    """`lossadvisor/rules` of an installed package, or `rules/` beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "rules", package.parent / "rules"):
        if candidate.is_dir():
            return candidate
    raise CatalogueError(
        f"the rule documents are missing: {package / 'rules'} does not exist; install lossadvisor again"
    )


def load(where: Path) -> tuple[Rule, ...]:
    """The rules of one folder, by code; raises CatalogueError for a malformed document or a code used twice."""
    found: dict[str, Rule] = {}
    for path in sorted(where.glob("*.md")):
        if path.name == INDEX:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{where.name}/{path.name}: cannot be read: {error}") from error
        rule = parse(path, text)
        if rule.code in found:
            raise CatalogueError(f"{where.name}/{path.name}: {rule.code} is already {found[rule.code].name}")
        found[rule.code] = rule
    return tuple(found[code] for code in sorted(found))
