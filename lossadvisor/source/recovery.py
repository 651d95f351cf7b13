"""From raw text to text that parses: mended where Python 2 is the reason, blanked where nothing helps."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_right
from dataclasses import replace

from lossadvisor.late import dataclass
from lossadvisor.source.nesting import suspicious
from lossadvisor.source.parts import Cell, Kind, SyntaxProblem

_ATTEMPTS = 30  # statements blanked in one file before all of it is given up
_CONTINUES = frozenset({"else", "elif", "except", "finally", ")", "]", "}", "case"})


@dataclass(frozen=True, slots=True)
class Checked:
    """Text that parses, and what was wrong before."""

    text: str
    problems: tuple[SyntaxProblem, ...]


def check(raw: str, cells: tuple[Cell, ...], kind: Kind) -> Checked:
    """Find out whether the text parses; on failure mend or blank. Never raises."""
    problem = fault(raw)
    if problem is None:
        return Checked(raw, ())
    if not cells:
        return Checked(_mended(raw), (problem,))
    rows = raw.split("\n")
    problems: list[SyntaxProblem] = []
    for index, cell in enumerate(cells):
        start = cell.first - 1
        stop = cells[index + 1].first - 1 if index + 1 < len(cells) else len(rows)
        part = "\n".join(rows[start:stop])
        wrong = fault(part)
        if wrong is None:
            continue
        from lossadvisor.source.python2 import modernise  # most texts parse

        problems.append(replace(wrong, row=wrong.row + start))
        newer = modernise(part)
        rows[start:stop] = newer.split("\n") if fault(newer) is None else [""] * (stop - start)
    text = "\n".join(rows)
    if fault(text) is not None:
        text = _mended(text)
    return Checked(text, tuple(problems) if kind == "notebook" else ())


def tree(text: str) -> ast.Module:
    """The tree of a text. Raises what `ast.parse` raises, without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is no concern of ours, and would be printed
        return ast.parse(text)


def try_tree(text: str) -> ast.Module | None:
    """The tree, or None for a text that does not parse."""
    try:
        return tree(text)
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        return None


_REFUSED = "from __future__ import _\n"


def _parses(text: str) -> bool:
    """Whether the parser takes the text: true is certain, false is not.

    A future that Python does not know is refused right after the text has been parsed and before anything is made of
    it, so that this refusal proves a sound text at a third of the price of its tree.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(_REFUSED + text, "text", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.msg.startswith("future feature _ ") and error.lineno == 1
    except (RecursionError, MemoryError, ValueError):
        pass
    return False


def fault(text: str) -> SyntaxProblem | None:
    """What keeps the text from parsing, or None."""
    if _parses(text) and not suspicious(text):  # a tree of Python objects may be too deep where the parser was not
        return None
    try:
        tree(text)
    except SyntaxError as error:
        return SyntaxProblem(max(error.lineno or 1, 1), max(error.offset or 1, 1), error.msg)
    except (RecursionError, MemoryError):
        return SyntaxProblem(1, 1, "nested too deeply to be parsed")
    except ValueError as error:
        return SyntaxProblem(1, 1, str(error), "unreadable")
    return None


def _mended(raw: str) -> str:
    """The nearest text that parses."""
    from lossadvisor.source.python2 import expand_indentation, modernise

    newer = modernise(raw)
    candidates = (newer, expand_indentation(newer)) if "\t" in newer else (newer,)
    return next((text for text in candidates if fault(text) is None), None) or _blanked(candidates[-1])


def _blanked(text: str) -> str:
    """The text with those top-level statements emptied that keep it from parsing."""
    rows = text.split("\n")
    starts = _top_level_rows(text)
    for _ in range(_ATTEMPTS):
        problem = fault("\n".join(rows))
        if problem is None:
            return "\n".join(rows)
        index = bisect_right(starts, min(problem.row, len(rows))) - 1
        # An error may be told at the row after the statement that causes it, when that one is empty by then.
        while index >= 0 and not _any_text(rows, starts, index):
            index -= 1
        if index < 0:
            break
        start, stop = _bounds(rows, starts, index)
        rows[start:stop] = [""] * (stop - start)
    return "\n" * text.count("\n")


def _bounds(rows: list[str], starts: list[int], index: int) -> tuple[int, int]:
    """First row (from 0) and the row after the last of a top-level statement."""
    return starts[index] - 1, starts[index + 1] - 1 if index + 1 < len(starts) else len(rows)


def _any_text(rows: list[str], starts: list[int], index: int) -> bool:
    start, stop = _bounds(rows, starts, index)
    return any(row.strip() for row in rows[start:stop])


def _top_level_rows(text: str) -> list[int]:
    """The 1-based rows on which top-level statements start; decorators belong to what they decorate."""
    from lossadvisor.source.tokens import statements

    starts: list[int] = []
    decorated = False
    at = row = 0
    for line in statements(text):
        first = line[0]
        row += text.count("\n", at, first.start)
        at = first.start
        top = first.start == 0 or text[first.start - 1] == "\n"
        if top and first.text not in _CONTINUES and not decorated:
            starts.append(row + 1)
        if top:
            decorated = first.text == "@"
    return starts if starts and starts[0] == 1 else [1, *starts]
