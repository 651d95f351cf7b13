"""The axis over which something sums to one, through operations that move whole axes and put tensors side by side."""

from __future__ import annotations

import pytest

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
