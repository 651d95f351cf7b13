"""A process beside this one that makes a share of the indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from lossadvisor.project.beside import Beside
from lossadvisor.project.index import build_index
from lossadvisor.project.packed import Row, pack
from lossadvisor.source import Document

Wanted = Callable[[Document], bool]


class Helper:
    """One process and the documents, by position, that are its share. `reached` is the last one heard of."""

    def __init__(self, documents: Sequence[Document], share: range, wanted: Wanted) -> None:
        self.share = share
        self.reached = share.start - 1
        self.process = Beside(partial(_batches, documents, share, wanted))
        self.listen = self.process.listen
        self.sent = self.process.sent
        self.end = self.process.end

    def more(self) -> list[Row] | None:
        """The next batch, or None when there will be no more."""
        batch: tuple[int, list[Row]] | None = self.process.more()
        self.reached, rows = (self.share.stop, None) if batch is None else batch
        return rows


_BATCH = 16  # documents


def _batches(documents: Sequence[Document], share: range, wanted: Wanted) -> Iterator[tuple[int, list[Row]]]:
    """Batches of rows, each with the position up to which all is sent that is waited for: all indexes, and then, which
    only the end of a run asks for, whether the other texts parse."""
    later: list[int] = []
    for start in range(share.start, share.stop, _BATCH):
        rows: list[Row] = []
        for at in range(start, min(start + _BATCH, share.stop)):
            if documents[at].kind in ("python", "stub") and wanted(documents[at]):
                packed = pack(build_index(documents[at]))
                rows.append((at, _sound(documents[at]), packed))
            else:
                later.append(at)
        yield start + _BATCH - 1, rows
    for start in range(0, len(later), _BATCH):
        yield share.stop, [(at, _sound(documents[at]), None) for at in later[start : start + _BATCH]]


def _sound(document: Document) -> bool:
    return not document.cells and not document.problems
