"""`watch`: a context manager and decorator that looks at the losses of a running program."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Literal, TypeVar

from lossadvisor.findings import Severity
from lossadvisor.runtime.watching import taps
from lossadvisor.runtime.watching.compiled import Compiled
from lossadvisor.runtime.watching.observer import Observer
from lossadvisor.runtime.watching.report import LossFinding, WatchReport
from lossadvisor.runtime.watching.schedule import Schedule

OnFinding = Literal["report", "warn", "raise"]
_F = TypeVar("_F", bound=Callable[..., Any])


class LossProblem(Exception):
    """Raised in the user's loop with `on_finding="raise"`; `finding` holds the numbers."""

    def __init__(self, finding: LossFinding) -> None:
        super().__init__(finding.text())
        self.finding = finding


class Watch:
    """One stretch of watching. Use it in a `with` statement, as a decorator, or call `start` and `stop` yourself.

    Nested and repeated use is fine; of several active watches the one started last sees the calls. `report` is
    complete after `stop` and may be read before.
    """

    def __init__(
        self, schedule: Schedule, on_finding: OnFinding, stream: Any, fail_on: Severity, regions: Compiled = "skip"
    ) -> None:
        self._regions: Compiled = regions
        self._schedule, self._on_finding, self._stream, self._fail_on = schedule, on_finding, stream, fail_on
        self._observer = self._new()
        self.expected: set[str] = set()

    def _new(self) -> Observer:
        raising = self._on_finding == "raise"
        return Observer(self._schedule, self._raise if raising else self._tell, self._regions)

    def _raise(self, finding: LossFinding) -> None:
        if WatchReport((finding,), (), ()).fails(self._fail_on):
            raise LossProblem(finding)

    def _tell(self, finding: LossFinding) -> None:
        if self._on_finding == "warn":
            print(finding.text(), file=self._stream or sys.stderr)

    def expect(self, *codes: str) -> None:
        """Say that these codes are meant to show; the pytest fixture fails on others, and when these stay away."""
        self.expected.update(codes)

    def start(self) -> Watch:
        """Put the taps on. Starting twice is harmless."""
        self._observer.start()
        return self

    def stop(self) -> WatchReport:
        """Take the taps off and return the report. Stopping twice is harmless."""
        self._observer.stop()
        return self.report

    @property
    def active(self) -> bool:
        """Whether the taps are on: false before start, after stop, and once the schedule is over."""
        return self._observer.active

    @property
    def report(self) -> WatchReport:
        """What has been found so far."""
        return self._observer.report()

    def __enter__(self) -> Watch:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __call__(self, function: _F) -> _F:
        """Watch every call of `function`; the report of this object grows with each."""

        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return watched  # type: ignore[return-value]


def watch(
    *,
    first: int = 5,
    every: int = 200,
    until: int | None = 2000,
    on_finding: OnFinding = "report",
    fail_on: Severity = Severity.WARNING,
    stream: Any = None,
    compiled: Compiled = "skip",
) -> Watch:
    """Watch the losses of torch, whatever name they are called by, in the code that runs inside.

    At each place that calls a loss the first `first` calls are looked at, then every `every`-th up to `until` calls
    (None: without end). Looking reads numbers (and so waits for the device) but changes none: results, gradients and
    random state stay bitwise the same, and other calls neither read nor wait. `on_finding`: "report" keeps quiet,
    "warn" also prints each finding once to `stream` (standard error), "raise" raises LossProblem at the call for
    findings of at least `fail_on`.

    Calls inside a torch.compile region run compiled and are not looked at; the report says so. A region that was
    compiled before watching is compiled once more when watching starts, with the same graph and no break, and not
    again. `compiled="eager"` runs the regions uncompiled for the first `first` steps and looks at their losses; the
    results of these steps are those of eager mode, which may differ in the last bits from compiled ones.
    """
    if on_finding not in ("report", "warn", "raise"):
        raise ValueError(f"on_finding: 'report', 'warn' or 'raise' is needed, got {on_finding!r}")
    if compiled not in ("skip", "eager"):
        raise ValueError(f"compiled: 'skip' or 'eager' is needed, got {compiled!r}")
    return Watch(Schedule(first, every, until), on_finding, stream, fail_on, compiled)


@contextmanager
def paused() -> Iterator[None]:
    """Run a block whose loss calls no watch shall see."""
    with taps.closed():
        yield


__all__ = ["LossProblem", "OnFinding", "Watch", "paused", "watch"]
