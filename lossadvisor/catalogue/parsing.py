"""One rule document -> one `Rule`. Only title, summary and toml block are read; the sections wait until asked for."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TypeVar

from lossadvisor.catalogue.errors import CatalogueError
from lossadvisor.catalogue.headings import Heading, heading
from lossadvisor.catalogue.model import Library, Match, Rule, Tier
from lossadvisor.contracts import Relation, Want
from lossadvisor.contracts.model import Constant
from lossadvisor.findings import FixApplicability, Severity
from lossadvisor.patterns import pattern
from lossadvisor.values import Domain

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_HEAD = pattern(
    r"# (?P<name>[a-z0-9-]+) \((?P<code>LA\d{3})\)\n+(?P<summary>.+?)\n\n+```toml\n(?P<toml>.*?)\n```\n", re.DOTALL
)
_LINK = pattern(r"https://[^\s)>\]]+")
_PLACE = pattern(r"\{([^{}]*)\}")
_KEYS = ("severity", "tier", "since", "fix", "match", "check", "overrides", "message", "help")
_MATCH_KEYS = ("contract", "library", "want", "port", "role", "relation", "got", "option", "cause")
_PLACES = ("loss", "got", "want", "argument", "axis")
_ROLES = ("prediction", "target", "other")

Table = dict[str, object]
E = TypeVar("E", bound=Enum)


def parse(path: Path, text: str) -> Rule:
    """The rule of one document; raises CatalogueError with one line when the document is malformed."""
    where = f"{path.parent.name}/{path.name}"
    head = _HEAD.match(text)
    if head is None:
        raise CatalogueError(f"{where}: must begin with '# rule-name (LA000)', one sentence and a fenced toml block")
    if head["name"] != path.stem:
        raise CatalogueError(f"{where}: the title says '{head['name']}', the file is called '{path.stem}'")
    table = _toml(where, head["toml"])
    body = text[head.end() :]
    _closed(where, "the toml block", table, _KEYS)
    check = _text(where, table, "check") if "check" in table else None
    tier = _member(where, "tier", Tier, _text(where, table, "tier"))
    match = _matches(where, table)
    _seen(where, heading(path, text), tier, check, match)
    if check is None and not match:
        raise CatalogueError(f'{where}: needs a [match] table or check = "name"')
    fix = _text(where, table, "fix")
    return Rule(
        code=head["code"],
        name=head["name"],
        summary=" ".join(head["summary"].split()),
        severity=_member(where, "severity", Severity, _text(where, table, "severity")),
        tier=tier,
        since=_text(where, table, "since"),
        fix=None if fix == "none" else _member(where, "fix", FixApplicability, fix),
        match=match,
        check=check,
        overrides=_texts(where, "overrides", table.get("overrides", [])),
        message=_template(where, table, "message"),
        help=_template(where, table, "help"),
        url=_official(where, body),
        path=path,
        body=body,
    )


def _seen(where: str, heading: Heading, tier: Tier, check: str | None, match: tuple[Match, ...]) -> None:
    """That the document is written as those need it who look at its first lines only."""
    if (heading.tier, heading.check) != (tier, check):
        raise CatalogueError(f'{where}: write tier = "..." and check = "..." on lines of their own')
    for word in (word.value for one in match for word in (*one.wants, *one.got)):
        if not heading.mentions(f'"{word}"'):
            raise CatalogueError(f"{where}: put {word} in double quotes")


def _toml(where: str, text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{where}: the toml block is not valid: {error}") from error


def _matches(where: str, table: Table) -> tuple[Match, ...]:
    raw = table.get("match", [])
    rows = [raw] if isinstance(raw, dict) else raw
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogueError(f"{where}: 'match' must be a table or an array of tables")
    return tuple(_match(where, row) for row in rows)


def _match(where: str, row: Table) -> Match:
    _closed(where, "[match]", row, _MATCH_KEYS)
    for key in ("want", "got"):
        if key not in row:
            raise CatalogueError(f"{where}: [match] needs '{key}'")
    role = row.get("role")
    if role is not None and role not in _ROLES:
        raise CatalogueError(f"{where}: role is {role!r}, allowed are {', '.join(_ROLES)}")
    port = row.get("port")
    return Match(
        wants=tuple(_member(where, "want", Want, text) for text in _texts(where, "want", row["want"])),
        got=tuple(_member(where, "got", Domain, text) for text in _texts(where, "got", row["got"])),
        relation=_member(where, "relation", Relation, str(row.get("relation", "violates"))),
        contracts=_texts(where, "contract", row.get("contract", "*")),
        library=_member(where, "library", Library, str(row.get("library", "torch"))),
        port=None if port is None else str(port),
        role=None if role is None else str(role),
        options=_options(where, row.get("option", {})),
        causes=_texts(where, "cause", row.get("cause", [])),
    )


def _options(where: str, value: object) -> dict[str, Constant]:
    if isinstance(value, dict) and all(isinstance(item, bool | int | float | str) for item in value.values()):
        return {str(name): item for name, item in value.items()}
    raise CatalogueError(f"{where}: 'option' must be a table of option names and constants")


def _closed(where: str, what: str, table: Table, allowed: tuple[str, ...]) -> None:
    for key in table:
        if key not in allowed:
            hint = _hint(key, allowed)
            raise CatalogueError(f"{where}: unknown key '{key}' in {what}; {hint}")


def _text(where: str, table: Table, key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise CatalogueError(f'{where}: needs {key} = "..."')
    return value


def _texts(where: str, key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise CatalogueError(f"{where}: '{key}' must be a string or an array of strings")


def _template(where: str, table: Table, key: str) -> str:
    text = _text(where, table, key)
    for place in _PLACE.findall(text):
        if place not in _PLACES:
            allowed = " ".join(f"{{{name}}}" for name in _PLACES)
            raise CatalogueError(f"{where}: {key} has the unknown place {{{place}}}; allowed are {allowed}")
    return text


def _member(where: str, key: str, kind: type[E], value: str) -> E:
    try:
        return kind(value)
    except ValueError:
        values = [str(member.value) for member in kind]
        hint = _hint(value, values)
        raise CatalogueError(f"{where}: {key} is '{value}'; {hint}") from None


def _hint(text: str, allowed: Sequence[str]) -> str:
    from difflib import get_close_matches  # only a malformed document pays for it

    near = get_close_matches(text, allowed, 1)
    return f"did you mean '{near[0]}'?" if near else f"allowed are {', '.join(allowed)}"


def _official(where: str, body: str) -> str:
    at = body.find("\n## References")
    link = _LINK.search(body, at) if at >= 0 else None
    if link is None:
        raise CatalogueError(f"{where}: the section References must name a page")
    return link.group()
