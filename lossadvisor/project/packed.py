"""An index as plain tuples that `marshal` can carry to another process, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lossadvisor.project.fragments import Fragment
from lossadvisor.project.index import Definition, ImportBinding, ModuleIndex, Statement, indexed

if TYPE_CHECKING:
    from lossadvisor.source.document import Document

Packed = tuple[Any, ...]
Row = tuple[int, bool, Packed | None]  # position of a document, whether its text parses as it is, its index


def pack(index: ModuleIndex) -> Packed:
    """Everything of an index but its document."""
    return tuple(map(_statement, index.statements)), tuple(map(_binding, index.stars))


def unpack(packed: Packed, document: Document) -> ModuleIndex:
    """The index that was packed, of this document: the same text must have been read."""
    statements, stars = packed
    return indexed(document, tuple(_stated(one, document) for one in statements), tuple(map(_bound, stars)))


def _binding(binding: ImportBinding) -> Packed:
    return binding.name, binding.module, binding.member, binding.level


def _bound(packed: Packed) -> ImportBinding:
    return ImportBinding(*packed)


def _statement(statement: Statement) -> Packed:
    return (
        statement.fragment.first_row, statement.fragment.last_row, statement.binds,
        tuple(map(_binding, statement.imports)), tuple(map(_binding, statement.stars)),
        tuple(map(_definition, statement.definitions)), tuple(sorted(statement.imported)),
    )  # fmt: skip


def _stated(packed: Packed, document: Document) -> Statement:
    first, last, binds, imports, stars, definitions, imported = packed
    return Statement(
        Fragment(document, first, last),
        binds,
        tuple(map(_bound, imports)),
        tuple(map(_bound, stars)),
        tuple(_defined(one, document) for one in definitions),
        frozenset(imported),
    )


def _definition(definition: Definition) -> Packed:
    return (
        definition.name, definition.kind, definition.fragment.first_row, definition.fragment.last_row,
        definition.bases, definition.keywords, definition.decorators, tuple(map(_statement, definition.members)),
    )  # fmt: skip


def _defined(packed: Packed, document: Document) -> Definition:
    name, kind, first, last, bases, keywords, decorators, members = packed
    return Definition(
        name, kind, Fragment(document, first, last), bases, keywords, decorators,
        tuple(_stated(one, document) for one in members),
    )  # fmt: skip
