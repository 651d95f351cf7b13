"""What several of these tests count."""

from __future__ import annotations

from collections import Counter

import pytest

from lossadvisor.interpreter import calls
from lossadvisor.interpreter.values import Func


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each function was followed, by its name; one of a class also as `Class.name`."""
    counted: Counter[str] = Counter()
    follow = calls.run

    def count(machine, func: Func, *rest):  # type: ignore[no-untyped-def]
        counted[func.name] += 1
        if func.owner is not None:
            counted[f"{func.owner.name}.{func.name}"] += 1
        return follow(machine, func, *rest)

    monkeypatch.setattr(calls, "run", count)
    return counted
