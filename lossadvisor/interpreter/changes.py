"""Lines of a module that change a value without binding a name: `net.head = ...`, `del layers[-1]`, `replace(net)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lossadvisor.project.index import ModuleIndex, Statement

_WORD = re.compile(r"[A-Za-z_]\w*")
_WRITTEN = re.compile(
    r"\b([A-Za-z_]\w*)(?:\.\w+|\[[^\]\n]*\])+[ \t]*=(?!=)|\b(?:setattr\(|delattr\(|del )[ \t]*([A-Za-z_]\w*)\b"
    r"|^([A-Za-z_]\w*)\.(?:\w+\.)*(?:apply|add_module|append|extend|insert|pop|update|register_\w+|reverse|clear)\("
)
_HANDED = re.compile(r"^\w+\(([A-Za-z_]\w*)\b")  # `replace(model)` on a line of its own
_ALIAS = re.compile(r"([A-Za-z_]\w*)[ \t]*=[ \t]*([A-Za-z_]\w*)")
_BLOCKS = frozenset({"for", "if", "with", "while", "try"})


@dataclass(frozen=True, slots=True)
class Change:
    """One plain statement: the names that it writes into, those that it may change, and `a` of `a = b`."""

    statement: Statement
    row: int
    written: frozenset[str]
    touched: frozenset[str]
    alias: tuple[str, str] | None


def changes(index: ModuleIndex) -> tuple[Change, ...]:
    """The statements of a module that change something, or give it a second name, in order."""
    return tuple(_changes(index))


def _changes(index: ModuleIndex) -> Iterator[Change]:
    for statement in index.statements:
        if not statement.plain:
            continue
        fragment = statement.fragment
        text = "\n".join(fragment.document.lines()[fragment.first_row - 1 : fragment.last_row])
        alias = _ALIAS.fullmatch(text) if len(statement.binds) == 1 else None
        written = frozenset(name for match in _WRITTEN.finditer(text) for name in match.groups() if name)
        first = _WORD.match(text)
        word = first.group() if first is not None else ""
        touched = written if word in _BLOCKS or not statement.binds else frozenset()
        if not statement.binds:
            handed = _HANDED.match(text)
            touched |= {word} | ({handed.group(1)} if handed is not None else set())
        if written or touched or alias is not None:
            pair = None if alias is None else (alias.group(1), alias.group(2))
            yield Change(statement, fragment.first_row, written - set(statement.binds), touched, pair)
