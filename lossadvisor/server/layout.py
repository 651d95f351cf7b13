"""Places of a report and places of the editor, both ways.

The report counts rows and columns from 1, in characters, inside a cell or fence; the editor counts from 0, in units
that were agreed on when the connection began, inside a file or a notebook's cell that has a URI of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from lsprotocol import types
from pygls.workspace import PositionCodec

from lossadvisor.engine import Analysis
from lossadvisor.late import dataclass
from lossadvisor.server.buffers import Buffer
from lossadvisor.source import Document
from lossadvisor.source.markdown import fence_rows
from lossadvisor.values import Location, Span

_TOP = types.Range(types.Position(0, 0), types.Position(0, 0))


@dataclass(frozen=True, slots=True)
class Spot:
    """One character of a document, as reports count."""

    document: Document
    cell: int | None
    location: Location

    def within(self, span: Span) -> bool:
        """Whether the span is in this document and cell and covers the character, its end included."""
        same = span.filename == self.document.filename and span.cell == self.cell
        return same and span.start <= self.location <= span.end


@dataclass(frozen=True)
class Layout:
    """The places of one analysis. `buffers` are what was open when it was made."""

    analysis: Analysis
    buffers: Mapping[Path, Buffer]
    codec: PositionCodec
    _fences: dict[Path, dict[int, tuple[int, int]]] = field(default_factory=dict)

    def uri(self, span: Span) -> str:
        """The URI of the file, or of the notebook's cell, that holds the span."""
        document = self.analysis.documents[span.filename]
        buffer = self.buffers.get(document.path)
        if buffer is None:
            return document.path.as_uri()
        if span.cell is not None and 0 < span.cell <= len(buffer.cells):
            return buffer.cells[span.cell - 1]
        return buffer.uri

    def range(self, span: Span) -> types.Range:
        """Where the span is in the text that `uri` names; its top where the text cannot be counted in rows."""
        document = self.analysis.documents[span.filename]
        offset = self._offset(document, span.cell)
        if offset is None:
            return _TOP
        rows = document.raw.split("\n")
        return types.Range(
            self._position(rows, document.row_of(span.cell, span.start.row), span.start, offset),
            self._position(rows, document.row_of(span.cell, span.end.row), span.end, offset),
        )

    def exact(self, span: Span) -> bool:
        """Whether `range` can be trusted to the character."""
        return self._offset(self.analysis.documents[span.filename], span.cell) is not None

    def spot(self, uri: str, position: types.Position) -> Spot | None:
        """What the report calls a position of an open text, or None where that is no code of this analysis."""
        for document in self.analysis.documents.values():
            buffer = self.buffers.get(document.path)
            if buffer is None or uri not in (buffer.uri, *buffer.cells):
                continue
            cell: int | None = None
            row = position.line + 1
            if document.kind == "notebook":
                if uri not in buffer.cells:
                    return None
                cell = buffer.cells.index(uri) + 1
            elif document.kind == "markdown":
                fences = self._fence_rows(document)
                cell = next((number for number, (first, last) in fences.items() if first <= row <= last), None)
                if cell is None:
                    return None
                row -= fences[cell][0] - 1
            return Spot(document, cell, Location(row, self._column(document, cell, row, position)))
        return None

    def _column(self, document: Document, cell: int | None, row: int, position: types.Position) -> int:
        rows = document.raw.split("\n")
        at = document.row_of(cell, row)
        line = rows[at - 1] if at <= len(rows) else ""
        inside = self.codec.position_from_client_units([line], types.Position(0, position.character))
        return inside.character + 1

    def _position(self, rows: list[str], row: int, location: Location, offset: int) -> types.Position:
        line = rows[row - 1] if row <= len(rows) else ""
        character = self.codec.client_num_units(line[: location.column - 1])
        return types.Position(location.row - 1 + offset, character)

    def _offset(self, document: Document, cell: int | None) -> int | None:
        """How many rows of the editor's text lie above the row 1 of the cell; None when that cannot be told."""
        match document.kind:
            case "markdown":
                fence = None if cell is None else self._fence_rows(document).get(cell)
                return None if fence is None else fence[0] - 1
            case "notebook":
                buffer = self.buffers.get(document.path)
                return 0 if buffer is not None and cell is not None and cell <= len(buffer.cells) else None
            case _:
                return 0

    def _fence_rows(self, document: Document) -> dict[int, tuple[int, int]]:
        if document.path not in self._fences:
            buffer = self.buffers.get(document.path)
            try:
                text = document.path.read_text("utf-8-sig", "replace") if buffer is None else buffer.text
            except OSError:  # it has gone since it was analysed
                text = ""
            self._fences[document.path] = fence_rows(text.replace("\r\n", "\n").replace("\r", "\n"))
        return self._fences[document.path]
