"""`benchmarks/watch_overhead.py` runs by itself; its parts that need no quiet machine are checked here."""

from __future__ import annotations

import runpy
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from lossadvisor.runtime import watch

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "watch_overhead.py"


@pytest.fixture(scope="module")
def benchmark() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize("device", ["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def test_the_trainings_compared_are_bitwise_the_same(benchmark: dict[str, Any], device: str) -> None:
    _, plain = benchmark["train"](device, 8, 8, nullcontext())
    _, seen = benchmark["train"](device, 8, 8, watch(first=2, every=3))
    assert len(plain) > 20 and all(map(torch.equal, plain, seen))
    _, other = benchmark["train"](device, 9, 8, nullcontext())
    assert not all(a.shape == b.shape and torch.equal(a, b) for a, b in zip(plain, other, strict=True))


def test_every_number_that_is_promised_is_printed(
    benchmark: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a machine without CUDA; the numbers themselves are for a quiet machine."""
    benchmark["measure"]("cpu", 3, 4, 2)
    printed = capsys.readouterr().out
    for words in ("step, bare", "step, watched", "skipped call", "looked-at call", "schedule over", "default schedule"):
        assert words in printed
    assert "9 looks in 1000 steps" in printed
    assert "bitwise the same  True: 28 tensors" in printed
