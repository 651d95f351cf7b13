"""From documents to findings and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from lossadvisor.checking import checks, mismatches, verdicts
from lossadvisor.checking.compare import Judged, judge
from lossadvisor.findings import Finding, LossVerdict
from lossadvisor.interpreter import LossCall, interpret
from lossadvisor.interpreter.roots import seed_names
from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.project import Project
from lossadvisor.project.ahead import Ahead, processors
from lossadvisor.project.words import words

if TYPE_CHECKING:
    from lossadvisor.config import Settings
    from lossadvisor.source import Document


@dataclass(frozen=True, slots=True)
class Examination:
    """What the analysis found in some documents, in no particular order.

    `read` are the configuration files that were looked for, by path, with the digest of their bytes (empty: no file).
    """

    findings: tuple[Finding, ...]
    losses: tuple[LossVerdict, ...]
    read: Mapping[str, str] = field(default_factory=dict)


def examine(
    documents: Sequence[Document],
    settings: Settings | None = None,
    tell: Callable[[int, int], None] | None = None,
    given: Collection[str] | None = None,
) -> Examination:
    """Analyse the documents as one project.

    `tell` hears how far it is: steps done, steps in all (0 as long as that is not known). What it raises ends the work.
    With `given`, the names of some of the documents, only that is looked for which has its loss call or its cause in
    one of these: what is found about the others is not all that there is.
    """
    jobs = 1 if settings is None or given is not None else settings.jobs or processors()
    with Ahead(documents, jobs, _telling) as ahead:
        project = Project(documents, None if tell is None else partial(tell, 0, 0), ahead)
        asked = None if given is None else [document for document in documents if document.filename in given]
        events = interpret(project, tell, asked)
        ahead.finish()
    calls: dict[LossCall, tuple[Judged, ...]] = {
        event: judge(event) for event in events if isinstance(event, LossCall)
    }
    judged = tuple(one for ports in calls.values() for one in ports)
    checked = checks.run(checks.Seen(tuple(events), judged, calls))
    found = mismatches.findings(mismatches.candidates(judged)) + [one.finding for one in checked]
    found = checks.silenced(found, checked)
    return Examination(tuple(found), tuple(verdicts.verdicts(calls, found)), dict(project.data.seen))


_ACTIVATION = pattern(r"softmax|sigmoid|Softmax|Sigmoid|\.backward\(\)")


def _telling(document: Document) -> bool:
    """Whether the index of a document will probably be asked for: it names a loss or an activation."""
    return _ACTIVATION.search(document.raw) is not None or not seed_names().isdisjoint(words(document.raw))
