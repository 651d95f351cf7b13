"""Values known from tutorials and papers, and equalities between losses: torch, our references and watch agree."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lossadvisor.runtime import signatures
from lossadvisor.runtime.battery import references as ref

TEN = [0.1058, 0.1043, 0.0988, 0.1066, 0.0875, 0.0881, 0.1027, 0.1046, 0.1057, 0.0958]


@pytest.mark.parametrize(
    ("logits", "target", "value"),
    [
        ([[1.0, 2.0, 3.0]], [2], 0.4076),
        ([[-1.0, 0.5, 2.0], [-1.0, 0.5, 3.0]], [1, 2], 0.9185),
        ([[10.0, 3.0, 1.0], [-1.0, 0.0, -4.0]], [1, 2], 5.6638),
    ],
)
def test_cross_entropy_of_tutorials(logits: list[list[float]], target: list[int], value: float) -> None:
    z, y = torch.tensor(logits, dtype=torch.float64), torch.tensor(target)
    assert float(F.cross_entropy(z, y)) == pytest.approx(value, abs=5e-5)
    assert float(ref.cross_entropy(z, y).mean()) == pytest.approx(float(F.cross_entropy(z, y)), abs=1e-12)


def test_nll_of_ten_probabilities() -> None:
    p, y = torch.tensor([TEN], dtype=torch.float64), torch.tensor([4])
    assert float(p.sum()) == pytest.approx(1.0, abs=1e-3)
    assert float(F.nll_loss(p.log(), y)) == pytest.approx(2.4361, abs=5e-5)
    assert float(ref.nll(p.log(), y)) == pytest.approx(2.4361, abs=5e-5)
    assert float(F.nll_loss(p, y)) == pytest.approx(-0.0875, abs=1e-6)  # without the log: minus the probability


def _z() -> tuple[Tensor, Tensor, Tensor]:
    g = torch.Generator().manual_seed(0)
    z = torch.randn(32, 7, generator=g, dtype=torch.float64)
    return z, torch.randint(0, 7, (32,), generator=g), torch.randint(0, 2, (32, 7), generator=g).double()


def test_equalities() -> None:
    z, y, bits = _z()
    ce, bcel = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
    q = torch.eye(7, dtype=torch.float64)[y]
    entropy = 0.0  # of one-hot rows
    pairs = [
        (ce(z, y), nn.NLLLoss()(nn.LogSoftmax(dim=1)(z), y)),
        (ce(z, y), ce(z, q)),
        (ce(z, y), ce(z.log_softmax(1), y)),
        (ce(z, y), F.kl_div(z.log_softmax(1), q, reduction="batchmean") + entropy),
        (bcel(z, bits), nn.BCELoss()(z.sigmoid(), bits)),
        (bcel(z, bits), nn.SoftMarginLoss()(z, 2 * bits - 1)),
        (bcel(z, bits), nn.MultiLabelSoftMarginLoss()(z, bits)),
        (ce(torch.stack([torch.zeros(32).double(), z[:, 0]], 1), bits[:, 0].long()), bcel(z[:, 0], bits[:, 0])),
        (nn.HuberLoss()(z, bits), nn.SmoothL1Loss()(z, bits)),
        (nn.GaussianNLLLoss()(z, bits, torch.ones_like(z)), nn.MSELoss()(z, bits) / 2),
    ]
    for left, right in pairs:
        assert float(left) == pytest.approx(float(right), abs=1e-12)


def test_cross_entropy_is_log_softmax_and_nll() -> None:
    z, y, _ = _z()
    assert torch.equal(nn.CrossEntropyLoss()(z, y), nn.NLLLoss()(nn.LogSoftmax(dim=1)(z), y))


def test_bce_with_logits_is_sigmoid_and_bce() -> None:
    z, _, bits = _z()
    torch.testing.assert_close(nn.BCEWithLogitsLoss()(z, bits), nn.BCELoss()(nn.Sigmoid()(z), bits))


def test_log_of_softmax_is_log_softmax_where_nothing_underflows() -> None:
    z, _, _ = _z()
    torch.testing.assert_close(torch.log(F.softmax(z, dim=1)), F.log_softmax(z, dim=1))
    far = torch.tensor([[0.0, -200.0]])
    assert float(torch.log(F.softmax(far, dim=1))[0, 1]) == -math.inf
    assert float(F.log_softmax(far, dim=1)[0, 1]) == -200


def test_softmax_and_cross_entropy_by_hand() -> None:
    z, y, _ = _z()
    by_hand = torch.exp(z) / torch.exp(z).sum(dim=1, keepdim=True)
    torch.testing.assert_close(by_hand, F.softmax(z, dim=1))
    torch.testing.assert_close(-by_hand[torch.arange(32), y].log().mean(), F.cross_entropy(z, y))
    torch.testing.assert_close(-(F.one_hot(y, 7) * by_hand.log()).sum(dim=1).mean(), F.cross_entropy(z, y))


def test_softmax_before_cross_entropy_is_another_loss() -> None:
    """Why the advice to put a softmax before CrossEntropyLoss is wrong: the floor, and what is left of the gradient."""
    sure = torch.tensor([[20.0, 0.0, 0.0]], requires_grad=True)
    y = torch.tensor([0])
    assert float(F.cross_entropy(sure, y).detach()) == pytest.approx(0, abs=1e-7)
    assert float(F.cross_entropy(sure.softmax(1), y).detach()) == pytest.approx(0.5514, abs=5e-5)
    wrong = torch.tensor([[0.0, 20.0, 0.0]], requires_grad=True)
    (right_gradient,) = torch.autograd.grad(F.cross_entropy(wrong, y), wrong)
    (doubled_gradient,) = torch.autograd.grad(F.cross_entropy(wrong.softmax(1), y), wrong)
    assert float(right_gradient.abs().max()) == pytest.approx(1, abs=1e-6)
    assert float(doubled_gradient.abs().max()) < 1e-7


@pytest.mark.parametrize(
    ("classes", "floor", "ceiling"),
    [(2, 0.3133, 1.3133), (3, 0.5514, 1.5514), (10, 1.4612, 2.4612), (100, 3.6222, 4.6222), (1000, 5.9095, 6.9095)],
)
def test_doubled_softmax_band(classes: int, floor: float, ceiling: float) -> None:
    hit = torch.eye(classes, dtype=torch.float64)[:1]
    for values in ((floor, 0, signatures.double_softmax_floor), (ceiling, 1, signatures.double_softmax_ceiling)):
        number, target, formula = values
        assert formula(classes) == pytest.approx(number, abs=1e-4)
        assert float(F.cross_entropy(hit, torch.tensor([target]))) == pytest.approx(formula(classes), abs=1e-9)
    z = torch.randn(500, classes, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 20
    each = F.cross_entropy(z.softmax(1), torch.zeros(500, dtype=torch.long), reduction="none")
    assert floor - 1e-4 <= float(each.min()) and float(each.max()) <= ceiling + 1e-4


@pytest.mark.parametrize(("share", "floor"), [(0.01, 0.6893), (0.1, 0.6552), (0.3, 0.5792), (0.5, 0.5032)])
def test_doubled_sigmoid_floor(share: float, floor: float) -> None:
    assert signatures.double_sigmoid_floor(share) == pytest.approx(floor, abs=1e-4)
    ones = round(share * 1000)
    labels = torch.cat([torch.ones(ones), torch.zeros(1000 - ones)]).double()
    assert float(F.binary_cross_entropy_with_logits(labels, labels)) == pytest.approx(floor, abs=1e-4)


@pytest.mark.parametrize(
    ("dtype", "gap"), [(torch.float64, 745.2), (torch.float32, 103.98), (torch.float16, 17.34), (torch.bfloat16, 92.8)]
)
def test_log_of_softmax_overflows_where_the_rule_says(dtype: torch.dtype, gap: float) -> None:
    slack = 0.3 if dtype in (torch.bfloat16, torch.float64) else 0.05

    def at(g: float) -> bool:
        return bool(torch.isfinite(torch.tensor([[0.0, -g]], dtype=dtype).softmax(1).log()).all())

    assert at(gap - slack) and not at(gap + slack)


def test_single_unit_and_kl_numbers() -> None:
    z = torch.randn(6, 1, requires_grad=True)
    loss = F.cross_entropy(z, torch.zeros(6, dtype=torch.long))
    loss.backward()
    assert float(loss.detach()) == 0 and z.grad is not None and float(z.grad.abs().max()) == 0
    uniform = torch.full((1, 10), 0.1)
    assert float(F.kl_div(uniform, uniform, reduction="batchmean")) == pytest.approx(-2.4026, abs=1e-4)
    assert float(F.kl_div(uniform.log(), uniform, reduction="batchmean", log_target=True)) == pytest.approx(
        26.5527, abs=1e-3
    )
    assert 10 * math.exp(0.1) * (0.1 + math.log(10)) == pytest.approx(26.5527, abs=1e-3)
