"""The portions of a large project, in as many processes as there may be.

A portion is evaluated by itself, so it does not matter where. Every process takes the next portion that none has taken,
and when there are no more, some of the files of which nobody knows yet whether they parse. What a process did not send,
because it was killed, say, is made by this one in the end. So what is found is the same whatever their number.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator, Sequence

from lossadvisor.checking.conclusion import Examination, conclude
from lossadvisor.interpreter.plan import Plan
from lossadvisor.project import Project
from lossadvisor.project.ahead import possible
from lossadvisor.project.beside import Beside
from lossadvisor.source import Document

Tell = Callable[[int, int], None]
_BATCHES = 100  # of files that are only checked; the numbers of all that is to do are single bytes


def concluded(project: Project, plan: Plan, jobs: int, tell: Tell | None) -> list[Examination]:
    """What was found in each portion, in order. `tell` hears how many roots have been evaluated here, and of how many
    in all; what it raises ends the work."""
    number = len(plan.portions)
    processes = min(jobs, number) if possible() else 1
    batches = _unchecked(project) if processes > 1 else []
    queue = _queue(number + len(batches))
    helpers = [Beside(lambda: _work(project, plan, batches, queue)) for _ in range(processes - 1)]
    found: dict[int, Examination] = {}
    try:
        for helper in helpers:
            helper.listen()  # threads only when all processes are there: no process is forked beside a thread
        for at in _taken(queue):
            if at < number:
                found[at] = _conclude(project, plan, at, len(found), tell)
            else:
                _sound(batches[at - number])
        for helper in helpers:
            _hear(helper, found, batches)
        for at in range(number):
            if at not in found:
                found[at] = _conclude(project, plan, at, len(found), tell)
    finally:
        os.close(queue)
        for helper in helpers:
            helper.end()
    return [found[at] for at in range(number)]


def _hear(helper: Beside, found: dict[int, Examination], batches: Sequence[Sequence[Document]]) -> None:
    """Take everything that a helper still has to say."""
    while (sent := helper.more()) is not None:
        at, made = sent
        if isinstance(made, bytes):
            found[at] = pickle.loads(made)  # from a fork of this very process
        else:
            for position in made:
                batches[at][position].vouch()


def _unchecked(project: Project) -> list[Sequence[Document]]:
    """The files of which nobody knows yet whether they parse, in batches."""
    left = [document for document in project.documents if not document.checked and not document.cells]
    size = -(-len(left) // _BATCHES) or 1
    return [left[start : start + size] for start in range(0, len(left), size)]


def _sound(documents: Sequence[Document]) -> list[int]:
    """Check the files; the positions of those without a problem."""
    return [position for position, document in enumerate(documents) if not document.problems]


def _conclude(project: Project, plan: Plan, at: int, before: int, tell: Tell | None) -> Examination:
    if tell is None:
        return conclude(project, plan, plan.portions[at])
    size = plan.turns // len(plan.portions)
    return conclude(project, plan, plan.portions[at], lambda done: tell(before * size + min(done, size), plan.turns))


def _work(
    project: Project, plan: Plan, batches: Sequence[Sequence[Document]], queue: int
) -> Iterator[tuple[int, bytes] | tuple[int, list[int]]]:
    """What a helper makes and sends."""
    number = len(plan.portions)
    for at in _taken(queue):
        if at < number:
            yield at, pickle.dumps(conclude(project, plan, plan.portions[at]))
        else:
            yield at - number, _sound(batches[at - number])


def _queue(number: int) -> int:
    """A pipe that holds the numbers of what is to do: a read of one byte takes one, in whatever process."""
    reading, writing = os.pipe()
    os.write(writing, bytes(range(number)))
    os.close(writing)
    return reading


def _taken(queue: int) -> Iterator[int]:
    while taken := os.read(queue, 1):
        yield taken[0]
