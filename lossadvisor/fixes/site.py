"""What a fixer is given: the finding, the file it stands in, and the other files of the project."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from lossadvisor.findings import Edit, Finding, Fix, FixApplicability
from lossadvisor.fixes.naming import Names
from lossadvisor.fixes.sheet import Sheet
from lossadvisor.late import dataclass
from lossadvisor.source import Document
from lossadvisor.values import Span

if TYPE_CHECKING:
    from lossadvisor.fixes.flows import End, Flow


Key = tuple[str, tuple[Span, ...]]
"""A rule, and the places where the value became what it speaks of."""


@dataclass(eq=False)
class Sheets:
    """The documents of a project as sheets, each made when it is asked for."""

    documents: Mapping[str, Document]
    findings: tuple[Finding, ...] = ()
    by_cause: dict[Key, tuple[Finding, ...]] = field(default_factory=dict)
    flows: dict[tuple[Key, ast.AST | None], tuple[Flow, set[End] | None]] = field(default_factory=dict)
    """What has been found out about operations that cause several findings."""
    _made: dict[str, tuple[Sheet, Names] | None] = field(default_factory=dict)

    def of(self, filename: str) -> tuple[Sheet, Names] | None:
        """The sheet of a file; None for a file that does not parse as it stands."""
        if filename not in self._made:
            document = self.documents.get(filename)
            sound = document is not None and not document.problems and document.text == document.raw
            sheet = Sheet(document) if sound and document is not None else None
            self._made[filename] = None if sheet is None else (sheet, Names(sheet))
        return self._made[filename]


@dataclass(frozen=True, slots=True)
class Site:
    """One finding with the expression that it stands on."""

    finding: Finding
    node: ast.expr
    sheet: Sheet
    names: Names
    sheets: Sheets

    def expression(self, span: Span) -> tuple[Sheet, Names, ast.expr] | None:
        """The expression at a place anywhere in the project."""
        found = self.sheets.of(span.filename)
        node = None if found is None else found[0].at(span)
        return None if found is None or node is None else (*found, node)


Fixer = Callable[[Site], "Fix | None"]


def safe(message: str, *edits: Edit) -> Fix:
    """A fix that cannot change training."""
    return Fix(FixApplicability.SAFE, message, edits)


def unsafe(message: str, *edits: Edit) -> Fix:
    """A fix that may change training, or that means something else where the author meant something else."""
    return Fix(FixApplicability.UNSAFE, message, edits)


def display(message: str, *edits: Edit) -> Fix:
    """A fix that is only shown."""
    return Fix(FixApplicability.DISPLAY, message, edits)
