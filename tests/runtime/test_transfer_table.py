"""Every row of the transfer table run on torch: what the linter claims of the result holds for its numbers.

Each row is called on a tensor of each domain. The program is read by the linter and run by torch; the claimed domain,
axis, dtype, shape and the claimed absence of a gradient are compared with the tensor.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lossadvisor.interpreter import LossCall, interpret
from lossadvisor.interpreter.values import Tensor
from lossadvisor.project import Project
from lossadvisor.runtime import satisfies
from lossadvisor.source import load
from lossadvisor.values import REST, Domain, Dtype, Fact, Grad, Shape
from tests.runtime.transfer_cells import FLAT_PRODUCERS, HEADER, PRODUCERS, SOURCES, UNRUN, expression, names, places

RUN = [name for name in names() if name not in UNRUN]


def _program(name: str) -> tuple[str, int]:
    rank = places(name)
    producers = PRODUCERS + (FLAT_PRODUCERS if rank == 0 else ())
    lines = [HEADER]
    for number, producer in enumerate(producers):
        lines += [f"z = z{number} = {SOURCES[rank]}", f"x = {producer} * 1", f"out{number} = {expression(name)}"]
    return "\n".join(lines) + "\n", len(producers)


def _claims(program: str, count: int, folder: Path) -> list[Fact | None]:
    path = folder / "program.py"
    losses = "".join(f"F.mse_loss(out{number}, rows)\n" for number in range(count))
    path.write_text(program + losses, encoding="utf-8")
    calls = [event for event in interpret(Project([load(path, "program.py")])) if isinstance(event, LossCall)]
    values = [call.arguments["input"].value for call in calls if "input" in call.arguments][-count:]
    assert len(values) == count
    return [value.fact if isinstance(value, Tensor) else None for value in values]


def _same_shape(claimed: Shape, real: tuple[int, ...]) -> bool:
    if claimed is None:
        return True
    if REST in claimed[:1]:
        claimed = claimed[1:]
        real = real[len(real) - len(claimed) :]
    return len(claimed) == len(real) and all(
        not isinstance(size, int) or size == found for size, found in zip(claimed, real, strict=True)
    )


_ELEMENTS = {Domain.PROBABILITIES: Domain.UNIT_INTERVAL, Domain.LOG_PROBABILITIES: Domain.LOG_UNIT_INTERVAL,
             Domain.ONE_HOT: Domain.MULTI_HOT}  # fmt: skip
_KINDS = {Dtype.FLOAT: torch.is_floating_point, Dtype.BOOL: lambda t: t.dtype == torch.bool,
          Dtype.INTEGER: lambda t: not t.is_floating_point() and t.dtype != torch.bool}  # fmt: skip


def _flows(result: torch.Tensor, source: torch.Tensor) -> bool:
    """Whether autograd brings anything but zeros back to the layer."""
    if not result.requires_grad:
        return False
    weights = torch.linspace(1, 2, result.numel()).view(result.shape)
    (found,) = torch.autograd.grad((result * weights).sum(), source, allow_unused=True)
    return found is not None and bool(found.nan_to_num().abs().max() > 0)


def _refuted(fact: Fact, result: torch.Tensor, source: torch.Tensor) -> str | None:
    if fact.dtype in _KINDS and not _KINDS[fact.dtype](result):
        return f"claimed {fact.dtype.value}, is {result.dtype}"
    if not _same_shape(fact.shape, tuple(result.shape)):
        return f"claimed {fact.shape}, is {tuple(result.shape)}"
    if fact.grad in (Grad.CUT, Grad.DETACHED) and _flows(result, source):
        return f"claimed {fact.grad.value}, has a gradient"
    if fact.domain in (Domain.UNKNOWN, Domain.SCORES, Domain.REAL, Domain.SIMILARITY, Domain.DROPPED):
        return None
    numbers = result.detach()
    numbers = numbers[~numbers.isnan()] if fact.axis is None and numbers.is_floating_point() else numbers
    # Where the axis is lost (a view may merge or split it), what is left of the claim is that of each element.
    domain = fact.domain if fact.axis is not None else _ELEMENTS.get(fact.domain, fact.domain)
    if satisfies(numbers, domain, fact.axis):
        return None
    return f"claimed {fact.domain.value} over axis {fact.axis}"


@pytest.fixture
def exact() -> Iterator[None]:
    """Sums of float64 are told from other numbers by their last digits."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("name", RUN)
def test_claims_hold(name: str, tmp_path: Path) -> None:
    program, count = _program(name)
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(program, found)
    wrong: list[str] = []
    for number, fact in enumerate(_claims(program, count, tmp_path)):
        if fact is None:
            continue
        result = found[f"out{number}"]
        result = result[0] if isinstance(result, tuple) else result
        refuted = _refuted(fact, result, found[f"z{number}"])
        if refuted is not None:
            wrong.append(f"{(PRODUCERS + FLAT_PRODUCERS)[number]}: {refuted}")
    assert not wrong, f"{expression(name)}: {wrong}"


def test_share_of_the_table_that_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    everything = names()
    with capsys.disabled():
        print(f"\n{len(RUN)} of {len(everything)} rows of the transfer table are run on torch "
              f"({len(RUN) / len(everything):.1%}); not run: {', '.join(UNRUN)}")  # fmt: skip
    assert set(UNRUN) <= set(everything)
    assert len(RUN) / len(everything) > 0.97
