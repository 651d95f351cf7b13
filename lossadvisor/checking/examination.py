"""From documents to findings and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lossadvisor.checking.conclusion import Examination, conclude, joined
from lossadvisor.interpreter.plan import planned, seed_names
from lossadvisor.patterns import pattern
from lossadvisor.project import Project
from lossadvisor.project.ahead import Ahead, processors
from lossadvisor.project.words import words

if TYPE_CHECKING:
    from lossadvisor.config import Settings
    from lossadvisor.source import Document


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
        plan = planned(project, asked)
        if len(plan.portions) == 1:
            told = None if tell is None else partial(_of, plan.turns, tell)
            found = conclude(project, plan, plan.portions[0], told)
        ahead.finish()
    if len(plan.portions) > 1:
        from lossadvisor.checking.portions import concluded

        found = joined(concluded(project, plan, jobs, tell))
    return found


def _of(turns: int, tell: Callable[[int, int], None], done: int) -> None:
    tell(done, turns)


_ACTIVATION = pattern(r"softmax|sigmoid|Softmax|Sigmoid|\.backward\(\)")


def _telling(document: Document) -> bool:
    """Whether the index of a document will probably be asked for: it names a loss or an activation."""
    return _ACTIVATION.search(document.raw) is not None or not seed_names().isdisjoint(words(document.raw))
