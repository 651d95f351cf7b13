"""A fragment: the lines of one definition or statement, parsed by libcst only when somebody asks.

Parsing whole files costs about a second per megabyte; a question about a loss touches a few definitions of a few files.
Columns stay as in the file, because an indented fragment is parsed below an `if 1:` line, not dedented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.late import dataclass
from lossadvisor.project.parsing import parse_module
from lossadvisor.source.memory import claim
from lossadvisor.source.nesting import too_deep
from lossadvisor.sparing import sparing
from lossadvisor.values import Location, Span

if TYPE_CHECKING:
    from libcst.metadata import CodeRange

    from lossadvisor.source.document import Document


@dataclass(eq=False, slots=True)
class Fragment:
    """Rows `first_row` to `last_row` (1-based, inclusive) of a document."""

    document: Document
    first_row: int
    last_row: int
    _statements: Sequence[cst.BaseStatement] | None = field(default=None, repr=False)
    _module: cst.Module | None = field(default=None, repr=False)
    _ranges: Mapping[cst.CSTNode, CodeRange] | None = field(default=None, repr=False)
    _shift: int = 0

    def statements(self) -> Sequence[cst.BaseStatement]:
        """The statements of the fragment; empty when libcst cannot parse it. Raises MemoryError."""
        if self._statements is None:
            self._statements = self._parse()
        return self._statements

    def text(self) -> str:
        """The rows of the fragment."""
        return self.document.rows(self.first_row, self.last_row)

    def _parse(self) -> Sequence[cst.BaseStatement]:
        text = self.text() + "\n"
        indented = text[:1] in " \t"
        if too_deep(text):
            return ()
        claim(text, self.document.filename, self.first_row)
        try:
            module = parse_module("if 1:\n" + text if indented else text)
        except (cst.ParserSyntaxError, RecursionError, ValueError):
            return ()
        self._module = module
        self._shift = self.first_row - (2 if indented else 1)
        if not indented:
            return list(module.body)
        wrapper = module.body[0]
        if not isinstance(wrapper, cst.If):
            return ()
        return [node for node in wrapper.body.body if isinstance(node, cst.BaseStatement)]

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node of this fragment stands in the file."""
        if self._ranges is None:
            with sparing():
                from libcst.metadata import MetadataWrapper, PositionProvider

            self.statements()
            assert self._module is not None
            wrapper = MetadataWrapper(self._module, unsafe_skip_copy=True)
            self._ranges = wrapper.resolve(PositionProvider)
        found = self._ranges.get(node)
        if found is None:
            return self.whole()
        (start_cell, start_row) = self.document.locate(found.start.line + self._shift)
        (_, end_row) = self.document.locate(found.end.line + self._shift)
        return Span(
            self.document.filename,
            start_cell,
            Location(start_row, found.start.column + 1),
            Location(end_row, found.end.column + 1),
        )

    def whole(self) -> Span:
        """The whole fragment."""
        cell, row = self.document.locate(self.first_row)
        _, last = self.document.locate(self.last_row)
        return Span(self.document.filename, cell, Location(row, 1), Location(last, 1))


@dataclass(frozen=True, slots=True)
class NodePlace:
    """The place of one node."""

    fragment: Fragment
    node: cst.CSTNode

    def span(self) -> Span:
        return self.fragment.span(self.node)
