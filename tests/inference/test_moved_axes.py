"""The axis over which something sums to one, through operations that move whole axes and put tensors side by side."""

from __future__ import annotations

import pytest
import torch

from tests.inference.reveal import Domain, reveal

FIVE = "p = F.softmax(nn.Linear(8, 4)(x).view(n, t, 2, h, w), dim={axis})\n"


@pytest.mark.parametrize(
    ("axis", "written", "after"),
    [
        (2, "p.unsqueeze(-1)", 2),
        (2, "p.unsqueeze(0)", 3),
        (-3, "p.unsqueeze(-1)", 2),
        (2, "p.permute(0, 2, 1, 3, 4)", 1),
        (2, "p.transpose(2, 4)", 4),
        (1, "p.transpose(2, 4)", 1),
        (2, "p.permute(dims)", None),
        (2, "p.flatten(2)", None),
    ],
)
def test_where_the_axis_is(axis: int, written: str, after: int | None) -> None:
    fact = reveal(FIVE.format(axis=axis) + f"F.nll_loss({written}, y)")
    assert (fact.domain, fact.axis) == (Domain.PROBABILITIES, after)


@pytest.mark.parametrize(
    ("along", "expected"), [(-1, Domain.PROBABILITIES), (-3, Domain.UNIT_INTERVAL), (2, Domain.UNIT_INTERVAL)]
)
def test_side_by_side(along: int, expected: Domain) -> None:
    assert reveal(FIVE.format(axis=2) + f"F.nll_loss(torch.cat([p, p], dim={along}), y)").domain is expected


@pytest.mark.parametrize("empty", ["torch.tensor([])", "torch.empty(0)", "torch.zeros(0)", "torch.FloatTensor([])"])
def test_nothing_in_front(empty: str) -> None:
    program = f"""
    net = nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))
    out = {empty}
    out = torch.cat([out, net(x)], dim=0)
    F.nll_loss(out, y)
    """
    assert reveal(program).domain is Domain.PROBABILITIES


def test_resize_is_a_view() -> None:
    fact = reveal("p = nn.Linear(8, 4)(x).softmax(0)\nF.nll_loss(p.resize(1, 4), y)")
    assert (fact.domain, fact.shape) == (Domain.PROBABILITIES, (1, 4))


@pytest.mark.parametrize(
    ("axis", "along", "after"),
    [(-1, 0, -1), (-1, -1, -2), (-1, -2, -1), (-2, -2, -3), (-2, -3, -2), (1, 0, 2), (1, 1, 2), (1, 2, 1),
     (-1, 1, None)],
)
def test_stacked_along_a_new_axis(axis: int, along: int, after: int | None) -> None:
    net = f"net = nn.Sequential(nn.Linear(8, 4), nn.Softmax({axis}))\n"
    fact = reveal(f"{net}F.nll_loss(torch.stack([net(x), net(x)], dim={along}), y)")
    assert (fact.domain, fact.axis) == (Domain.PROBABILITIES, after)


@pytest.mark.parametrize(
    ("axis", "written", "after"),
    [
        (-1, "net(x).mean(dim=0)", -1),
        (-1, "net(x).mean(-2)", -1),
        (-2, "net(x).mean(-1)", -1),
        (1, "net(x).mean(0)", 0),
        (1, "net(x).mean(3).mean(2)", 1),
        (1, "torch.mean(net(x), dim=2, keepdim=True)", 1),
        (1, "torch.stack([net(x) for _ in range(3)]).mean(0)", 1),
    ],
)
def test_a_mean_of_distributions_is_one(axis: int, written: str, after: int) -> None:
    net = f"net = nn.Sequential(nn.Linear(8, 4), nn.Softmax({axis}))\n"
    fact = reveal(f"{net}F.nll_loss({written}, y)")
    assert (fact.domain, fact.axis) == (Domain.PROBABILITIES, after)


@pytest.mark.parametrize("written", ["net(x).mean(1)", "net(x).mean()", "net(x).sum(0)", "net(x).mean((0, 1))"])
def test_a_mean_over_the_classes_is_none(written: str) -> None:
    net = "net = nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))\n"
    assert reveal(f"{net}F.nll_loss({written}, y)").domain is Domain.UNKNOWN


@pytest.mark.parametrize(
    ("dim", "index", "axis"),
    [(2, ":, -1", 1), (2, "0, 1", 0), (1, "0", 0), (1, ":, None", 2), (1, "None", 2), (2, "0, None, 1", 1)],
)
def test_axes_that_indexing_takes_and_adds(dim: int, index: str, axis: int) -> None:
    program = f"""
    def train(x, y):
        h = F.softmax(nn.Conv2d(3, 2, 3, padding=1)(x), dim={dim})
        return nn.MSELoss()(h[{index}], y)
    """
    fact = reveal(program)
    assert (fact.domain, fact.axis) == (Domain.PROBABILITIES, axis)
    tensor = torch.softmax(torch.randn(4, 2, 5, 6), dim)
    got = eval(f"tensor[{index}]", {"tensor": tensor})
    torch.testing.assert_close(got.sum(axis), torch.ones_like(got.sum(axis)))


@pytest.mark.parametrize("index", [":, :n, :", ":, [0, 1], :", "0, :n, :", ":, 1:, 0, :"])
def test_positions_before_the_last_one_leave_the_last_axis(index: str) -> None:
    """There are at least as many axes as positions, so the last axis stands at the last one or behind it."""
    program = f"""
    def train(x, y, n):
        return F.cross_entropy(F.log_softmax(nn.Linear(8, 4)(x), dim=-1)[{index}], y)
    """
    assert reveal(program).domain is Domain.LOG_PROBABILITIES
    tensor = torch.log_softmax(torch.randn(4, 5, 6, 3), -1)
    got = eval(f"tensor[{index}]", {"tensor": tensor, "n": 2}).exp().sum(-1)
    torch.testing.assert_close(got, torch.ones_like(got))


@pytest.mark.parametrize("index", [":, :n", ":, 1:", ":, :n, None", ":, :n, ...", ":, :, :n", ":, 1:, 0"])
def test_the_last_position_may_be_that_of_the_last_axis(index: str) -> None:
    program = f"""
    def train(x, y, n):
        return F.cross_entropy(F.log_softmax(nn.Linear(8, 4)(x), dim=-1)[{index}], y)
    """
    assert reveal(program).domain is Domain.LOG_UNIT_INTERVAL
