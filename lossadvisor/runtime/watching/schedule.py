"""Which calls of a loss are looked at."""

from __future__ import annotations

from lossadvisor.late import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """The first `first` calls of each place, then every `every`-th, until `until` calls have gone by (None: no end).

    Calls are counted for each place in the code apart, so that the loss of the evaluation is looked at as well as the
    one of the training. Once every place seen has had its `until` calls, watching ends and costs nothing any more.
    """

    first: int = 5
    every: int = 200
    until: int | None = 2000

    def __post_init__(self) -> None:
        if self.first < 0 or self.every < 1 or (self.until is not None and self.until < 1):
            raise ValueError(f"schedule: first >= 0, every >= 1 and until >= 1 are needed, got {self}")

    def samples(self, call: int) -> bool:
        """Whether call number `call` (from 0) of a place is looked at."""
        if self.until is not None and call >= self.until:
            return False
        return call < self.first or call % self.every == 0

    def over(self, calls: int) -> bool:
        """Whether a place with so many calls behind it will never be looked at again."""
        return self.until is not None and calls >= self.until


ALWAYS = Schedule(first=1, every=1, until=None)
"""Look at every call."""
