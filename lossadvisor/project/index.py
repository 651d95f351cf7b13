"""The cheap index of one file: which statements stand at its top level, which names they bind, where they are.

Built from the standard parser (ten times faster than libcst); no tree is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from lossadvisor.late import dataclass
from lossadvisor.project.fragments import Fragment

if TYPE_CHECKING:
    from lossadvisor.source.document import Document


@dataclass(frozen=True, slots=True)
class ImportBinding:
    """`name` is bound by an import: to `module` itself, or to `member` of it. `level` counts leading dots."""

    name: str
    module: str
    member: str | None
    level: int


@dataclass(eq=False, slots=True)
class Definition:
    """A top-level or nested-in-class function or class."""

    name: str
    kind: str  # "function" | "class"
    fragment: Fragment
    bases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    members: tuple[Statement, ...] = ()


@dataclass(eq=False, slots=True)
class Statement:
    """One statement of a module or class body (several when they share a row)."""

    fragment: Fragment
    binds: tuple[str, ...]
    imports: tuple[ImportBinding, ...] = ()
    stars: tuple[ImportBinding, ...] = ()
    definitions: tuple[Definition, ...] = ()
    imported: frozenset[str] = frozenset()  # what imports inside a block (`try`, `if`) bind

    @property
    def plain(self) -> bool:
        """True when executing it can do more than bind imports and definitions."""
        return not self.imports and not self.stars and not self.definitions


@dataclass(eq=False, slots=True)
class ModuleIndex:
    """The statements of a file, in order, and the names they bind."""

    document: Document
    statements: tuple[Statement, ...]
    binders: dict[str, list[Statement]] = field(default_factory=dict)
    stars: tuple[ImportBinding, ...] = ()


def _targets(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name():
            yield node.id
        case ast.Tuple() | ast.List():
            for element in node.elts:
                yield from _targets(element)
        case ast.Starred():
            yield from _targets(node.value)


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement binds in its own scope, nested blocks included, nested scopes not."""
    for inner in _inside(statement):
        yield from _own_names(inner)


def _inside(statement: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and those in its blocks, in order, nested scopes left out. Chains of `elif` nest deeply."""
    pending = [statement]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pending += reversed(list(_nested(node)))


def _own_names(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Assign():
            for target in statement.targets:
                yield from _targets(target)
        case ast.AnnAssign() | ast.AugAssign():
            yield from _targets(statement.target)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Import():
            for alias in statement.names:
                yield alias.asname or alias.name.split(".")[0]
        case ast.ImportFrom():
            for alias in statement.names:
                yield alias.asname or alias.name
        case ast.For() | ast.AsyncFor():
            yield from _targets(statement.target)
        case ast.With() | ast.AsyncWith():
            for item in statement.items:
                if item.optional_vars is not None:
                    yield from _targets(item.optional_vars)


def _imported_inside(statement: ast.stmt) -> Iterator[str]:
    """Names that imports in the blocks of a statement bind, nested scopes left out."""
    for inner in _inside(statement):
        if inner is not statement and isinstance(inner, ast.Import | ast.ImportFrom):
            yield from _own_names(inner)


def _nested(statement: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(statement, name, ())
    for handler in getattr(statement, "handlers", ()):
        yield from handler.body
    for case in getattr(statement, "cases", ()):
        yield from case.body


def _imports(statement: ast.stmt) -> tuple[list[ImportBinding], list[ImportBinding]]:
    found: list[ImportBinding] = []
    stars: list[ImportBinding] = []
    match statement:
        case ast.Import():
            for alias in statement.names:
                whole = alias.name if alias.asname else alias.name.split(".")[0]
                found.append(ImportBinding(alias.asname or whole, whole, None, 0))
        case ast.ImportFrom():
            for alias in statement.names:
                binding = ImportBinding(alias.asname or alias.name, statement.module or "", alias.name, statement.level)
                (stars if alias.name == "*" else found).append(binding)
    return found, stars


def _first_row(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _written(node: ast.expr) -> str:
    """The text of an expression; names and dotted names, by far the most, without `ast.unparse`, which is slow."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute(value=ast.Name() | ast.Attribute()):
            return f"{_written(node.value)}.{node.attr}"
        case _:
            return ast.unparse(node)


def _definition(document: Document, node: ast.stmt) -> Definition | None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return Definition(
                node.name,
                "function",
                Fragment(document, _first_row(node), node.end_lineno or node.lineno),
                decorators=tuple(_written(d) for d in node.decorator_list),
            )
        case ast.ClassDef():
            return Definition(
                node.name,
                "class",
                Fragment(document, _first_row(node), node.end_lineno or node.lineno),
                bases=tuple(_written(b) for b in node.bases),
                keywords=tuple(f"{k.arg}={_written(k.value)}" for k in node.keywords if k.arg),
                decorators=tuple(_written(d) for d in node.decorator_list),
                members=tuple(_statements(document, node.body)),
            )
        case _:
            return None


def _statements(document: Document, body: Sequence[ast.stmt]) -> Iterator[Statement]:
    for group in _by_row(body):
        imports: list[ImportBinding] = []
        stars: list[ImportBinding] = []
        definitions: list[Definition] = []
        for node in group:
            found, starred = _imports(node)
            imports += found
            stars += starred
            definition = _definition(document, node)
            if definition is not None:
                definitions.append(definition)
        plain = len(group) > (len(definitions) + sum(isinstance(n, ast.Import | ast.ImportFrom) for n in group))
        yield Statement(
            Fragment(document, _first_row(group[0]), max(n.end_lineno or n.lineno for n in group)),
            tuple(dict.fromkeys(name for node in group for name in _bound_names(node))),
            () if plain else tuple(imports),
            () if plain else tuple(stars),
            () if plain else tuple(definitions),
            frozenset(name for node in group for name in _imported_inside(node)) if plain else frozenset(),
        )


def _by_row(body: Iterable[ast.stmt]) -> Iterator[list[ast.stmt]]:
    group: list[ast.stmt] = []
    last = 0
    for node in body:
        if group and _first_row(node) > last:
            yield group
            group = []
        group.append(node)
        last = node.end_lineno or node.lineno
    if group:
        yield group


def build_index(document: Document) -> ModuleIndex:
    """Index one document. Documents that do not parse have had their broken parts blanked by `source`."""
    body = _outermost(document)
    stars = tuple(dict.fromkeys(star for node in body for star in _star_imports(node)))
    statements = tuple(_statements(document, body))
    document.forget()
    return indexed(document, statements, stars)


def indexed(document: Document, statements: tuple[Statement, ...], stars: tuple[ImportBinding, ...]) -> ModuleIndex:
    """The index of a document whose statements are known."""
    index = ModuleIndex(document, statements, stars=stars)
    for statement in statements:
        for name in statement.binds:
            index.binders.setdefault(name, []).append(statement)
    return index


def _outermost(document: Document) -> list[ast.stmt]:
    """The statements of the module. A cell or fence that is indented as a whole stands below a row of ours: it is left
    out, so that what the author wrote at the top of the fence is at the top here."""
    body = document.parse().body
    ours = {cell.first for cell in document.cells if cell.header}
    if not ours:
        return body
    found: list[ast.stmt] = []
    for node in body:
        found += node.body if isinstance(node, ast.If) and node.lineno in ours and not node.orelse else (node,)
    return found


def _star_imports(node: ast.stmt) -> Iterator[ImportBinding]:
    for inner in _inside(node):
        yield from _imports(inner)[1]
