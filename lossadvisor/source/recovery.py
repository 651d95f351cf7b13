"""From raw text to text that parses: mended where Python 2 is the reason, blanked where nothing helps."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_right
from dataclasses import dataclass, replace

from lossadvisor.source.parts import Cell, Kind, SyntaxProblem
from lossadvisor.source.python2 import expand_indentation, modernise
from lossadvisor.source.tokens import statements

_ATTEMPTS = 30  # statements blanked in one file before all of it is given up
_CONTINUES = frozenset({"else", "elif", "except", "finally", ")", "]", "}", "case"})


@dataclass(frozen=True)
class Checked:
    """Text that parses, its tree, and what was wrong before."""

    text: str
    tree: ast.Module
    problems: tuple[SyntaxProblem, ...]


def check(raw: str, cells: tuple[Cell, ...], kind: Kind) -> Checked:
    """Parse; on failure mend or blank. Never raises."""
    outcome = _parse(raw)
    if isinstance(outcome, ast.Module):
        return Checked(raw, outcome, ())
    if not cells:
        return Checked(*_mended(raw), (outcome,))
    rows = raw.split("\n")
    problems: list[SyntaxProblem] = []
    for index, cell in enumerate(cells):
        start = cell.first - 1
        stop = cells[index + 1].first - 1 if index + 1 < len(cells) else len(rows)
        part = "\n".join(rows[start:stop])
        wrong = _parse(part)
        if isinstance(wrong, ast.Module):
            continue
        problems.append(replace(wrong, row=wrong.row + start))
        newer = modernise(part)
        rows[start:stop] = newer.split("\n") if isinstance(_parse(newer), ast.Module) else [""] * (stop - start)
    text = "\n".join(rows)
    tree = _parse(text)
    if not isinstance(tree, ast.Module):
        text, tree = _mended(text)
    return Checked(text, tree, tuple(problems) if kind == "notebook" else ())


def _parse(text: str) -> ast.Module | SyntaxProblem:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is no concern of ours, and would be printed
            return ast.parse(text)
    except SyntaxError as error:
        return SyntaxProblem(max(error.lineno or 1, 1), max(error.offset or 1, 1), error.msg)
    except (RecursionError, MemoryError):
        return SyntaxProblem(1, 1, "nested too deeply to be parsed")
    except ValueError as error:
        return SyntaxProblem(1, 1, str(error), "unreadable")


def _mended(raw: str) -> tuple[str, ast.Module]:
    """The nearest text that parses, with its tree."""
    newer = modernise(raw)
    candidates = (newer, expand_indentation(newer)) if "\t" in newer else (newer,)
    for text in candidates:
        tree = _parse(text)
        if isinstance(tree, ast.Module):
            return text, tree
    return _blanked(candidates[-1])


def _blanked(text: str) -> tuple[str, ast.Module]:
    """The text with those top-level statements emptied that keep it from parsing."""
    rows = text.split("\n")
    starts = _top_level_rows(text)
    for _ in range(_ATTEMPTS):
        outcome = _parse("\n".join(rows))
        if isinstance(outcome, ast.Module):
            return "\n".join(rows), outcome
        index = bisect_right(starts, min(outcome.row, len(rows))) - 1
        # An error may be told at the row after the statement that causes it, when that one is empty by then.
        while index >= 0 and not _any_text(rows, starts, index):
            index -= 1
        if index < 0:
            break
        start, stop = _bounds(rows, starts, index)
        rows[start:stop] = [""] * (stop - start)
    return "\n" * text.count("\n"), ast.parse("")


def _bounds(rows: list[str], starts: list[int], index: int) -> tuple[int, int]:
    """First row (from 0) and the row after the last of a top-level statement."""
    return starts[index] - 1, starts[index + 1] - 1 if index + 1 < len(starts) else len(rows)


def _any_text(rows: list[str], starts: list[int], index: int) -> bool:
    start, stop = _bounds(rows, starts, index)
    return any(row.strip() for row in rows[start:stop])


def _top_level_rows(text: str) -> list[int]:
    """The 1-based rows on which top-level statements start; decorators belong to what they decorate."""
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
