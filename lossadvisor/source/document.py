"""The value that every later stage works on: one Python text with a map back to the file it came from."""

from __future__ import annotations

import ast
from array import array
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.source.parts import Cell, Kind, SyntaxProblem
from lossadvisor.source.recovery import Checked, check, tree, try_tree

_ALIAS = pattern(r"\b(\w+) as (\w+)")


@dataclass(frozen=True, eq=False)
class Document:
    """One file as Python text.

    `filename` is the name to report, `path` the absolute path. `raw` is the decoded text with newlines as "\\n" (the
    code cells of a notebook or the fences of a Markdown file joined, magics neutralised); it costs nothing and serves
    cheap tests such as "does it mention torch". `text` and `problems` cost one pass of the parser without a tree
    (a third of `ast.parse`), made when the first of them is asked for; `parse()` makes the tree, once. `digest` stands
    for the bytes of the file that was read; it is empty for a text that came from elsewhere.
    """

    filename: str
    path: Path
    raw: str
    kind: Kind = "python"
    cells: tuple[Cell, ...] = ()
    unreadable: tuple[SyntaxProblem, ...] = ()
    digest: bytes = b""

    @cached_property
    def _checked(self) -> Checked:
        return check(self.raw, self.cells, self.kind)

    @property
    def text(self) -> str:
        """The text to analyse. It always parses: what does not has been mended or blanked, rows kept."""
        return self._checked.text

    @property
    def problems(self) -> tuple[SyntaxProblem, ...]:
        """What is wrong with the file, in rows of `text`."""
        return (*self.unreadable, *self._checked.problems)

    @property
    def checked(self) -> bool:
        """Whether it is known if the text parses."""
        return "_checked" in self.__dict__

    def vouch(self) -> None:
        """Spare the check: bytes with the same digest have been parsed before without any problem."""
        self.__dict__.setdefault("_checked", Checked(self.raw, ()))

    def parse(self) -> ast.Module:
        """The tree of `text`, made once and kept until `forget`."""
        return self._tree

    def forget(self) -> None:
        """Drop the tree: it is fifty times as large as the text, and few need it twice."""
        self.__dict__.pop("_tree", None)

    def lines(self) -> list[str]:
        """The rows of `text`."""
        return self._lines

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def aliases(self) -> list[tuple[str, str]]:
        """What the document imports under another name: `import a as b` gives (a, b)."""
        return self._aliases

    @cached_property
    def _aliases(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        text = self.raw
        at = text.find(" as ")
        while at >= 0:  # the pattern tries every word: it sees only the rows with one
            end = text.find("\n", at)
            found += _ALIAS.findall(text, text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end)
            at = text.find(" as ", end) if end >= 0 else -1
        return found

    def rows(self, first: int, last: int) -> str:
        """The text of the rows `first` to `last`, counted from 1, both included."""
        starts = self._starts
        return self.text[starts[first - 1] : starts[min(last, len(starts) - 1)] - 1]

    @cached_property
    def _starts(self) -> array[int]:
        """Where each row starts, and where one behind the last would: a tenth of the size of the rows themselves."""
        return array("Q", accumulate((len(row) + 1 for row in self.text.split("\n")), initial=0))

    def locate(self, row: int) -> tuple[int | None, int]:
        """The cell (None in a plain file) and the 1-based row inside it of a 1-based row of `text`."""
        if not self.cells:
            return None, row
        index = max(bisect_right(self._firsts, row) - 1, 0)
        cell = self.cells[index]
        return cell.number, min(max(row - cell.first - cell.header, 0), cell.rows - 1) + 1

    def row_of(self, cell: int | None, row: int) -> int:
        """The row of `text` that is `row` of `cell`: the way back of `locate`."""
        part = next((part for part in self.cells if part.number == cell), None)
        return row if part is None else part.first + part.header + row - 1

    @cached_property
    def _tree(self) -> ast.Module:
        if "_checked" not in self.__dict__ and not self.cells:
            made = try_tree(self.raw)
            if made is not None:
                self.__dict__["_checked"] = Checked(self.raw, ())  # a tree is proof enough, and the dearer half
                return made
        return tree(self._checked.text)

    @cached_property
    def _firsts(self) -> tuple[int, ...]:
        return tuple(cell.first for cell in self.cells)

    def __getstate__(self) -> dict[str, object]:
        """Trees are cheaper made again than sent to another process."""
        return {key: value for key, value in self.__dict__.items() if not key.startswith("_")}
