"""Lines of a module that change a value without binding a name: `net.head = ...`, `del layers[-1]`, `replace(net)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.project.index import ModuleIndex, Statement

_WORD = pattern(r"[A-Za-z_]\w*")
# Chains are followed from their head only and to a bounded length, so that the time is linear in that of the text.
_WRITTEN = pattern(
    r"(?<![\w.])([A-Za-z_]\w*)(?:\.\w+|\[[^\]\n]{0,200}\]){1,60}[ \t]*=(?!=)"
    r"|\b(?:setattr\(|delattr\(|del )[ \t]*([A-Za-z_]\w*)\b"
    r"|(?<![\w.])([A-Za-z_]\w*)(?:\.\w+|\[[^\]\n]{0,200}\]){0,60}\.(?:apply|add_module|append|extend|insert|pop"
    r"|update|reverse|clear"
    r"|add_arguments?|set_defaults|merge_from_\w+"
    r"|register_\w+|\w*[a-z0-9]_)\("
)
_HANDED = pattern(r"^\w+\(([A-Za-z_]\w*)\b")  # `replace(model)` on a line of its own
_CALL = pattern(r"([A-Za-z_][\w.]*)(?:\(([^()]*)\))?")  # other names match, too, to be passed over
_ARGUMENT = pattern(r"(?:^|[,=*])\s*([A-Za-z_]\w*)\s*(?=,|$)")
_ALIAS = pattern(r"([A-Za-z_]\w*)[ \t]*=[ \t]*([A-Za-z_]\w*)")
_FROZEN = pattern(r"(?<![\w.])([A-Za-z_]\w*)[\w.\[\]\"']{0,200}\.(?:named_)?parameters\(")
_GLOBAL = pattern(r"^[ \t]+global[ \t]+([\w, \t]+)", re.MULTILINE)
_BLOCKS = frozenset({"for", "if", "with", "while", "try"})


@dataclass(frozen=True, slots=True)
class Change:
    """One plain statement: the names that it writes into, those that it may change, and `a` of `a = b`.

    `handed` are the calls in it, by the text of what is called, with the names among their arguments.
    """

    statement: Statement
    row: int
    written: frozenset[str]
    touched: frozenset[str]
    alias: tuple[str, str] | None
    handed: tuple[tuple[str, frozenset[str]], ...] = ()


def changes(index: ModuleIndex) -> tuple[Change, ...]:
    """The statements of a module that change something, or give it a second name, in order."""
    return tuple(_changes(index))


def _changes(index: ModuleIndex) -> Iterator[Change]:
    rebinding = _rebinding(index)
    for statement in index.statements:
        if not statement.plain:
            continue
        text = statement.fragment.text()
        alias = _ALIAS.fullmatch(text) if len(statement.binds) == 1 else None
        written = frozenset(name for match in _WRITTEN.finditer(text) for name in match.groups() if name)
        first = _WORD.match(text)
        word = first.group() if first is not None else ""
        touched = written if word in _BLOCKS or not statement.binds else frozenset()
        if not statement.binds:
            handed = _HANDED.match(text)
            touched |= {word} | ({handed.group(1)} if handed is not None else set())
        calls = tuple(_calls(text))
        written |= {name for callee, _ in calls for name in rebinding.get(callee, ())}
        if "requires_grad" in text:
            written |= set(_FROZEN.findall(text))
        written = frozenset(name for name in written if not _imported(index, name))
        if written or touched or calls or alias is not None:
            pair = None if alias is None else (alias.group(1), alias.group(2))
            yield Change(statement, statement.fragment.first_row, written - set(statement.binds), touched, pair, calls)


def _imported(index: ModuleIndex, name: str) -> bool:
    found = index.binders.get(name)
    return bool(found) and all(statement.imports for statement in found or ())


def _calls(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    for match in _CALL.finditer(text):
        if match.group(2) is not None:
            yield match.group(1), frozenset(_ARGUMENT.findall(match.group(2)))


def _rebinding(index: ModuleIndex) -> Mapping[str, frozenset[str]]:
    """Functions of the module that bind names of the module, with those names."""
    found: dict[str, frozenset[str]] = {}
    for statement in index.statements:
        for definition in statement.definitions:
            if definition.kind == "function":
                matches = _GLOBAL.finditer(statement.fragment.text())
                names = [name for match in matches for name in _WORD.findall(match.group(1))]
                if names:
                    found[definition.name] = frozenset(names)
    return found


def writers(index: ModuleIndex, found: Sequence[Change]) -> dict[str, tuple[Change, ...]]:
    """The changes that write into the value of each name, also by way of a second name for it or a part of it."""
    through: dict[str, set[int]] = {}
    for position, change in enumerate(found):
        for name in change.written:
            through.setdefault(name, set()).add(position)
    linked = list(_linked(index))
    # First what is written into a part reaches the whole, then what is written into the whole is seen in every part.
    _spread(through, [(name, source) for name, source in linked])
    _spread(through, [(source, name) for name, source in linked])
    return {name: tuple(found[one] for one in sorted(positions)) for name, positions in through.items()}


def _spread(through: dict[str, set[int]], links: Sequence[tuple[str, str]]) -> None:
    """Add to each second name what the first has, until nothing is added any more."""
    grown = True
    while grown:
        grown = False
        for first, second in links:
            more = through.get(first, set()) - through.get(second, set())
            if more:
                through.setdefault(second, set()).update(more)
                grown = True


def _linked(index: ModuleIndex) -> Iterator[tuple[str, str]]:
    """Names with those that they are made of: both may hold the same thing, or one a part of the other."""
    for statement in index.statements:
        if not statement.plain or not statement.binds:
            continue
        _, sign, right = statement.fragment.text().partition("=")
        for source in dict.fromkeys(_WORD.findall(right)) if sign else ():
            if source not in statement.binds and any(one.plain for one in index.binders.get(source, ())):
                yield from ((name, source) for name in statement.binds)
