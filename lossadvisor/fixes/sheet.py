"""One document as the fixes see it: its tree, its text by node, and edits in its rows and columns.

The standard tree is used, not libcst's: the document has it already, it knows where every node stands, and the edits
replace stretches of text, so that nothing has to be rendered again.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from functools import cached_property
from typing import TypeVar

from lossadvisor.findings import Edit
from lossadvisor.source import Document
from lossadvisor.source.tokens import Token, tokens
from lossadvisor.values import Location, Span

_N = TypeVar("_N", bound=ast.AST)
_BLANK = frozenset({"space", "newline", "comment"})


class Unfit(Exception):
    """The text around a node is not what its tree says (inside an f-string): no fix can be made there."""


class Sheet:
    """The text of one document with its tree. Offsets are in characters of `document.text`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.tree = document.parse()

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each row starts."""
        found = [0]
        for row in self.document.lines():
            found.append(found[-1] + len(row) + 1)
        return found

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Every node's parent."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def reads(self) -> dict[str, list[ast.expr]]:
        """Where each name is read, as a name or as an attribute of something; a breadth-first walk's order."""
        found: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                    found.setdefault(name, []).append(node)
        return found

    @cached_property
    def naming(self) -> dict[str, list[ast.AST]]:
        """The nodes that read a name, or declare it to be that of an outer scope, in the order of `reads`."""
        found: dict[str, list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name, ctx=ast.Load()):
                    found.setdefault(name, []).append(node)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    for name in names:
                        found.setdefault(name, []).append(node)
        return found

    @cached_property
    def _by_place(self) -> dict[tuple[int, int], ast.expr]:
        return {
            (self.start(node), self.end(node)): node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.expr)
        }

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of the text that are no blanks; comments are among them."""
        return [token for token in tokens(self.text) if token.kind not in ("space", "newline")]

    @cached_property
    def _token_starts(self) -> list[int]:
        return [token.start for token in self.tokens]

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """The offset of the first character of a node, brackets around it left out."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """The offset after the last character of a node."""
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _offset(self, row: int, column: int) -> int:
        """The tree counts columns in bytes of UTF-8, the text in characters."""
        line = self.document.lines()[row - 1]
        return self.starts[row - 1] + (column if line.isascii() else len(line.encode()[:column].decode()))

    def of(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def at(self, span: Span) -> ast.expr | None:
        """The expression that stands exactly there."""
        start = self.document.row_of(span.cell, span.start.row)
        end = self.document.row_of(span.cell, span.end.row)
        if max(start, end) > len(self.document.lines()):
            return None
        place = (self.starts[start - 1] + span.start.column - 1, self.starts[end - 1] + span.end.column - 1)
        return self._by_place.get(place)

    def above(self, node: ast.AST, kind: type[_N]) -> _N | None:
        """The nearest node of a kind around a node."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, kind):
            parent = self.parents.get(parent)
        return parent

    def scope(self, node: ast.AST) -> ast.AST:
        """The function around a node, or the module."""
        around = self.parents.get(node)
        while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            around = self.parents.get(around)
        return self.tree if around is None else around

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The statement that a node stands in."""
        return node if isinstance(node, ast.stmt) else self.above(node, ast.stmt)

    def location(self, offset: int) -> tuple[int | None, Location]:
        """The cell and the place in it of an offset."""
        row = bisect_right(self.starts, offset)
        cell, inner = self.document.locate(row)
        return cell, Location(inner, offset - self.starts[row - 1] + 1)

    def edit(self, start: int, end: int, content: str) -> Edit:
        """Replace the text from `start` to `end`."""
        cell, first = self.location(start)
        _, last = self.location(end)
        return Edit(Span(self.document.filename, cell, first, last), content)

    def token_before(self, offset: int) -> Token | None:
        """The last token that ends at or before the offset, comments passed over."""
        index = bisect_right(self._token_starts, offset - 1) - 1
        while index >= 0 and (self.tokens[index].kind in _BLANK or self.tokens[index].end > offset):
            index -= 1
        return self.tokens[index] if index >= 0 else None

    def token_after(self, offset: int) -> Token | None:
        """The first token that starts at or after the offset, comments passed over."""
        index = bisect_right(self._token_starts, offset - 1)
        while index < len(self.tokens) and self.tokens[index].kind in _BLANK:
            index += 1
        return self.tokens[index] if index < len(self.tokens) else None

    def comments_in(self, start: int, end: int) -> bool:
        """Whether a comment stands between the offsets."""
        first = bisect_right(self._token_starts, start - 1)
        last = bisect_right(self._token_starts, end - 1)
        return any(token.kind == "comment" for token in self.tokens[first:last])
