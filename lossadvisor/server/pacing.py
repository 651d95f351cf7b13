"""When to work: after a moment of quiet, one round at a time, and again when something changed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Pace:
    """Calls `work` once the calls of `touch` have paused for `delay` seconds.

    All methods belong to the thread of the event loop. `work` must not raise.
    """

    def __init__(self, delay: float, work: Callable[[], Awaitable[None]]) -> None:
        self._delay = delay
        self._work = work
        self._wanted = 0
        self._done = 0
        self._hurry = False
        self._moved = asyncio.Event()
        self._finished = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    def touch(self, *, at_once: bool = False) -> None:
        """Something changed; with `at_once` there is no use in waiting for more."""
        self._wanted += 1
        self._hurry = self._hurry or at_once
        self._moved.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def overtaken(self, mark: int) -> bool:
        """Whether something changed since `mark()`."""
        return self._wanted != mark

    def mark(self) -> int:
        """The present state, for `overtaken`."""
        return self._wanted

    async def known(self, mark: int) -> None:
        """A first answer is there for the state `mark`: who waits for one need not wait for the rest of the work."""
        self._done = max(self._done, mark)
        async with self._finished:
            self._finished.notify_all()

    async def settled(self, seconds: float) -> bool:
        """Wait until the work has seen what is there now; False when that takes longer."""
        aim = self._wanted
        self._hurry = True
        self._moved.set()

        async def wait() -> None:
            async with self._finished:
                await self._finished.wait_for(lambda: self._done >= aim)

        try:
            await asyncio.wait_for(wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    async def _run(self) -> None:
        while self._done != self._wanted:
            await self._quiet()
            aim = self._wanted
            self._hurry = False
            await self._work()
            await self.known(aim)

    async def _quiet(self) -> None:
        """Return when nothing has moved for the delay, or when somebody waits."""
        while not self._hurry:
            self._moved.clear()
            try:
                await asyncio.wait_for(self._moved.wait(), self._delay)
            except asyncio.TimeoutError:
                return
