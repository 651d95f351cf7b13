"""What the engine hands around: what the analysis says, and what one whole run found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from lossadvisor.config import Settings
from lossadvisor.findings import Finding, LossVerdict, Report
from lossadvisor.late import dataclass
from lossadvisor.source import Document


class Examined(Protocol):
    """What the analysis found in some documents."""

    @property
    def findings(self) -> Sequence[Finding]: ...

    @property
    def losses(self) -> Sequence[LossVerdict]: ...


Examine = Callable[[Sequence[Document], Settings], Examined]

Tell = Callable[[int, int], None]
"""Hears how far an analysis is: steps done, steps in all."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One run: its report, the documents behind it (by reported name), and notices for a person (not errors).

    `suppressed` are the findings that a comment in the code silences; `given` are the names of the documents that the
    run was asked about, the others stand around them. `whole` is False when files were left out for a first answer.
    """

    report: Report
    documents: Mapping[str, Document]
    notices: tuple[str, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    given: frozenset[str] = frozenset()
    whole: bool = True
