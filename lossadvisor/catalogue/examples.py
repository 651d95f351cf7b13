"""The example programs of a rule document, with the findings that their lines announce.

A fence `python` is a program of one file. Fences `python file=net.py` that follow each other form one project of
several files; a line `---` between two of them begins the next project. A line that ends in a comment of rule codes
(`# LA101` or `# LA101 LA303`) announces one finding of each code on that line.
"""

from __future__ import annotations

import re

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern

_MARK = pattern(r"#\s*(LA\d{3}(?:[ ,]+LA\d{3})*)\s*$")
_SINGLE = "example.py"


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block: its language, its file name when it has one, its text; `breaks` when `---` stands before it."""

    language: str
    file: str | None
    text: str
    breaks: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One file of an example with the marked rows (from 1) and the code announced on each."""

    filename: str
    text: str
    marks: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One example program of one or several files."""

    sources: tuple[Source, ...]

    def marks(self) -> tuple[tuple[str, int, str], ...]:
        """Every announced finding as (filename, row, code), sorted."""
        return tuple(sorted((source.filename, row, code) for source in self.sources for row, code in source.marks))


def fences(text: str) -> tuple[Fence, ...]:
    """The fenced blocks of a section in order."""
    found: list[Fence] = []
    lines: list[str] | None = None
    info, breaks = "", False
    for line in text.splitlines():
        if lines is None:
            if line.startswith("```"):
                info, lines = line[3:].strip(), []
            elif line.strip() == "---":
                breaks = True
        elif line.startswith("```"):
            found.append(_fence(info, lines, breaks))
            lines, breaks = None, False
        else:
            lines.append(line)
    return tuple(found)


def examples(text: str) -> tuple[Example, ...]:
    """The programs of a section in order."""
    groups: list[list[Source]] = []
    open_project = False
    for fence in fences(text):
        if fence.language != "python":
            continue
        source = Source(fence.file or _SINGLE, fence.text, _marks(fence.text))
        if fence.file is not None and open_project and not fence.breaks:
            groups[-1].append(source)
        else:
            groups.append([source])
        open_project = fence.file is not None
    return tuple(Example(tuple(group)) for group in groups)


def _fence(info: str, lines: list[str], breaks: bool) -> Fence:
    words = info.split()
    file = next((word.removeprefix("file=") for word in words[1:] if word.startswith("file=")), None)
    return Fence(words[0] if words else "", file, "\n".join(lines) + "\n", breaks)


def _marks(text: str) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    for row, line in enumerate(text.splitlines(), start=1):
        mark = _MARK.search(line)
        if mark is not None:
            found.extend((row, code) for code in re.findall(r"LA\d{3}", mark.group(1)))
    return tuple(found)
