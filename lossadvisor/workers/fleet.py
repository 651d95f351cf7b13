"""A list of work, done on an executor in any order, told in any order, and finished when a worker dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from lossadvisor.late import dataclass

T = TypeVar("T")
Open = Callable[[], AbstractContextManager[Executor]]


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """One item: its result, or the line that says why there is none."""

    item: str
    result: T | None
    error: str | None = None


def work(items: Sequence[str], job: Callable[[str], T], open_executor: Open, waiting: int = 64) -> Iterator[Done[T]]:
    """Run `job` for every item; results in the order in which they are ready.

    At most `waiting` items are handed out at a time, so that a list of any length needs little memory. When a worker
    process dies (killed for its memory, say), nobody knows which item did it: all that were under way are tried once
    more, one by one, and what kills its process again is told as an error.
    """
    suspects: list[str] = []
    todo = list(items)
    while todo:
        broken = False
        with open_executor() as executor:
            under_way: dict[Future[T], str] = {}
            while (todo or under_way) and not broken:
                while todo and len(under_way) < waiting:
                    item = todo.pop(0)
                    under_way[executor.submit(job, item)] = item
                ready, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in ready:
                    done = _done(under_way[future], future)
                    broken = broken or done is None
                    if done is not None:
                        del under_way[future]
                        yield done
            suspects += under_way.values()
    for item in suspects:
        with open_executor() as executor:
            yield _done(item, executor.submit(job, item)) or Done(item, None, "the process that analysed it died")


def _done(item: str, future: Future[T]) -> Done[T] | None:
    """What a future holds; None when its worker died."""
    try:
        return Done(item, future.result())
    except BrokenProcessPool:
        return None
    except Exception as error:  # one item must not end the work on all others
        return Done(item, None, f"{type(error).__name__}: {error}")
