"""One-hot rows made by scattering ones into zeros, and distributions mixed by such rows."""

from __future__ import annotations

import pytest
import torch

from tests.inference.reveal import Domain, reveal

_TARGET = "def step(x, y, k):\n    return F.mse_loss(nn.Linear(8, 4)(x), {written})\n"


@pytest.mark.parametrize(
    ("written", "axis"),
    [
        ("torch.zeros(8, 4).scatter_(1, y.unsqueeze(1), 1)", 1),
        ("torch.zeros(8, 4).scatter_(1, y.view(-1, 1), 1.0)", 1),
        ("torch.zeros(8, 4).scatter(dim=1, index=y.view(-1, 1), value=1)", 1),
        ("torch.zeros(8, 4).scatter_(-1, y.reshape(8, 1), 1)", -1),
        ("torch.zeros(8, 5, 4).scatter_(2, y.unsqueeze(2).long().data, 1)", 2),
        ("torch.autograd.Variable(torch.zeros(8, 4).scatter_(1, y.unsqueeze(1), 1))", 1),
        ("torch.zeros_like(nn.Linear(8, 4)(x)).scatter_(1, y.unsqueeze(1), 1)", 1),
    ],
)
def test_one_hot_rows(written: str, axis: int) -> None:
    fact = reveal(_TARGET.format(written=written), "target")
    assert (fact.domain, fact.axis) == (Domain.ONE_HOT, axis)
    assert fact.trail[-1].op == "torch.Tensor.scatter_"


def test_in_place_by_name() -> None:
    program = """
    def step(x, y):
        target = torch.zeros(8, 4)
        target.scatter_(1, y.unsqueeze(1), 1)
        return F.mse_loss(nn.Linear(8, 4)(x), target)
    """
    assert reveal(program, "target").domain is Domain.ONE_HOT


@pytest.mark.parametrize(
    "written",
    [
        "torch.zeros(8, 4).scatter_(1, y, 1)",  # any number of entries in each row
        "torch.zeros(8, 4).scatter_(1, y.unsqueeze(1).expand(-1, 2), 1)",
        "torch.zeros(8, 4).scatter_(1, nn.Linear(8, 4)(x).topk(2)[1], 1)",
        "torch.zeros(8, 4).scatter_(1, y.unsqueeze(0), 1)",
        "torch.zeros(8, 4).scatter_(1, y.unsqueeze(1), 0.9)",  # labels that are smoothed
        "torch.zeros(8, 4).scatter_(1, y.unsqueeze(1), k)",
        "torch.ones(8, 4).scatter_(1, y.unsqueeze(1), 1)",
        "torch.zeros(8, 4).scatter_(1, y.unsqueeze(1), 1).scatter_(1, k, 1)",
        "torch.full((8, 4), 0.1).scatter_(1, y.unsqueeze(1), 1)",
    ],
)
def test_what_is_no_one_hot_row(written: str) -> None:
    assert reveal(_TARGET.format(written=written), "target").domain is Domain.UNKNOWN


_MIXED = """
def step(x, y):
    labels = torch.zeros(5, 4).scatter_(1, y.unsqueeze(1), 1)
    stack = torch.zeros(8, 5, 4).scatter_(2, y.unsqueeze(2), 1)
    scores = nn.Linear(8, 5)(x)
    return F.cross_entropy({written}, y)
"""


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("scores.softmax(-1) @ labels", Domain.PROBABILITIES),
        ("torch.matmul(scores.softmax(-1), labels)", Domain.PROBABILITIES),
        ("scores.softmax(-1).unsqueeze(1).bmm(stack).squeeze()", Domain.PROBABILITIES),
        ("scores.softmax(0) @ labels", Domain.UNKNOWN),  # columns that sum to one are mixed to no such rows
        ("scores @ labels", Domain.UNKNOWN),
        ("scores.softmax(-1) @ labels.t()", Domain.UNKNOWN),
    ],
)
def test_distributions_mixed_by_one_hot_rows(written: str, domain: Domain) -> None:
    found = reveal(_MIXED.format(written=written)).domain
    assert found is domain or (domain is Domain.UNKNOWN and found is not Domain.PROBABILITIES)


def test_the_product_sums_to_one() -> None:
    weights = torch.randn(8, 5).softmax(-1)
    labels = torch.zeros(5, 4).scatter_(1, torch.tensor([0, 1, 3, 3, 2]).unsqueeze(1), 1)
    torch.testing.assert_close((weights @ labels).sum(-1), torch.ones(8))
