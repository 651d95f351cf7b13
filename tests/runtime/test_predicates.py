"""Measured domains: what is told apart, with what tolerance, and that measuring touches nothing."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from lossadvisor.runtime import measure, satisfies
from lossadvisor.runtime.predicates import MAX_ELEMENTS, kind, log_tolerance, sum_tolerance
from lossadvisor.values import Domain, Dtype

FORMATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16]


def scores(*shape: int, scale: float = 3.0, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * scale


@pytest.mark.parametrize("dtype", FORMATS, ids=str)
@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0, 20.0])
def test_distributions_in_every_format(dtype: torch.dtype, classes: int, scale: float) -> None:
    z = scores(16, classes, scale=scale).to(dtype)
    assert measure(z.softmax(1)).sums_to_one(1)
    assert measure(z.log_softmax(1)).is_log(1)
    assert satisfies(z.softmax(1), Domain.PROBABILITIES, 1)
    assert satisfies(z.log_softmax(1), Domain.LOG_PROBABILITIES, 1)
    assert not satisfies(z, Domain.PROBABILITIES, 1)
    assert not satisfies(z, Domain.LOG_PROBABILITIES, 1)


@pytest.mark.parametrize(
    ("made", "domain", "axis"),
    [
        (scores(8, 5).softmax(1), Domain.PROBABILITIES, 1),
        (scores(8, 5).softmax(0), Domain.PROBABILITIES, 0),
        (scores(2, 4, 3).softmax(2), Domain.PROBABILITIES, 2),
        (scores(8, 5).log_softmax(1), Domain.LOG_PROBABILITIES, 1),
        (scores(8, 5).sigmoid(), Domain.UNIT_INTERVAL, None),
        (scores(8, 5).tanh(), Domain.SIGNED_UNIT, None),
        (scores(8, 5).relu(), Domain.RECTIFIED, None),
        (scores(8, 5).exp() + 1, Domain.NON_NEGATIVE, None),
        (scores(8, 5), Domain.REAL, None),
        (torch.randint(0, 9, (30,), generator=torch.Generator().manual_seed(0)), Domain.INDICES, None),
        (F.one_hot(torch.tensor([0, 2, 1, 2])), Domain.ONE_HOT, 1),
        (torch.tensor([[1.0, 1, 0], [0, 0, 0]]), Domain.MULTI_HOT, None),
        (torch.tensor([1.0, -1, 1]), Domain.SIGNS, None),
        (torch.tensor([0, 255, 255, 0]), Domain.BYTES, None),
        (torch.zeros(0, 3), Domain.UNKNOWN, None),
    ],
    ids=lambda value: value.value if isinstance(value, Domain) else None,
)
def test_most_special_domain(made: torch.Tensor, domain: Domain, axis: int | None) -> None:
    assert measure(made).domain() == (domain, axis)
    assert satisfies(made, domain, axis) or domain is Domain.UNKNOWN


def test_domains_refute_each_other() -> None:
    z = scores(16, 6)
    allowed = {
        "scores": (z, {Domain.SCORES, Domain.REAL}),
        "sigmoid": (z.sigmoid(), {Domain.UNIT_INTERVAL, Domain.SIGNED_UNIT, Domain.NON_NEGATIVE}),
        "softmax": (z.softmax(1), {Domain.PROBABILITIES, Domain.UNIT_INTERVAL, Domain.NON_NEGATIVE}),
        "logsigmoid": (F.logsigmoid(z), {Domain.LOG_UNIT_INTERVAL}),
    }
    special = [
        Domain.PROBABILITIES, Domain.LOG_PROBABILITIES, Domain.UNIT_INTERVAL, Domain.LOG_UNIT_INTERVAL,
        Domain.NON_NEGATIVE, Domain.SIGNS, Domain.ONE_HOT, Domain.MULTI_HOT, Domain.INDICES, Domain.BYTES,
    ]  # fmt: skip
    for tensor, fits in allowed.values():
        for domain in special:
            assert satisfies(tensor, domain) == (domain in fits), domain
    assert satisfies(z, Domain.UNKNOWN)
    assert not satisfies(torch.tensor([float("nan"), 1.0]), Domain.REAL)


def test_single_unit_softmax_is_a_distribution_by_itself() -> None:
    assert satisfies(scores(4, 1).softmax(1), Domain.PROBABILITIES, 1)
    assert not measure(scores(4, 1).softmax(1)).sums_to_one(1)


def test_tolerances_grow_with_the_format() -> None:
    for tolerance in (sum_tolerance, log_tolerance):
        values = [tolerance(dtype) for dtype in FORMATS]
        assert values == sorted(values) and values[0] < 1e-11 and values[-1] < 0.2
    assert sum_tolerance(torch.int64) == 0


def test_measuring_changes_nothing() -> None:
    z = scores(8, 5).requires_grad_()
    p = z.softmax(1)
    before, state = p.detach().clone(), torch.get_rng_state()
    seen = measure(p)
    assert torch.equal(p, before) and torch.equal(torch.get_rng_state(), state)
    assert p.requires_grad and z.grad is None
    assert seen.elements == 40 and seen.kind is Dtype.FLOAT


def test_large_tensors_are_sampled_and_odd_ones_survive() -> None:
    wide = torch.zeros(1, 1).expand(4 * MAX_ELEMENTS // 1000, 1000)
    assert measure(wide).elements <= MAX_ELEMENTS
    assert measure(torch.tensor(3.5)).minimum == 3.5
    assert measure(torch.tensor([True, False])).kind is Dtype.BOOL
    assert measure(torch.zeros(3, dtype=torch.complex64)).elements == 0
    assert measure(torch.tensor([0.0, float("inf")])).finite is False
    assert kind(torch.uint8) is Dtype.INTEGER
