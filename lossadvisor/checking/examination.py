"""From documents to findings and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossadvisor.checking import checks, mismatches, verdicts
from lossadvisor.checking.compare import Judged, judge
from lossadvisor.findings import Finding, LossVerdict
from lossadvisor.interpreter import Applied, Constructed, LossCall, interpret
from lossadvisor.project import Project

if TYPE_CHECKING:
    from lossadvisor.config import Settings
    from lossadvisor.source import Document


@dataclass(frozen=True, slots=True)
class Examination:
    """What the analysis found in some documents, in no particular order."""

    findings: tuple[Finding, ...]
    losses: tuple[LossVerdict, ...]


def examine(documents: Sequence[Document], settings: Settings | None = None) -> Examination:
    """Analyse the documents as one project."""
    events = interpret(Project(documents))
    by_call: dict[LossCall, tuple[Judged, ...]] = {}
    others: list[Applied | Constructed | LossCall] = []
    for event in events:
        if isinstance(event, LossCall):
            by_call[event] = judge(event)
        elif isinstance(event, Applied | Constructed):
            others.append(event)
    judged = [one for ports in by_call.values() for one in ports]
    found = mismatches.findings(mismatches.candidates(judged))
    found += checks.run(others, judged)
    return Examination(tuple(found), tuple(verdicts.verdicts(by_call, found)))
