"""Every closed form against torch: by extreme inputs, by random search, or by minimising."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.contracts import numbers as n

CLASSES = (2, 3, 10, 100, 1000)
CLOSE = 1e-5
TARGET = torch.tensor([0])


def hot(classes: int, index: int = 0) -> Tensor:
    return F.one_hot(torch.tensor([index]), classes).double()


def gradient(function: Callable[[Tensor], Tensor], point: Tensor) -> Tensor:
    point = point.clone().requires_grad_()
    function(point).backward()
    assert point.grad is not None
    return point.grad


def minimum(function: Callable[[Tensor], Tensor], start: Tensor, steps: int = 400) -> float:
    """The least value that Adam finds over free scores."""
    scores = start.double().clone().requires_grad_()
    optimiser = torch.optim.Adam([scores], lr=0.5)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = function(scores)
        loss.backward()
        optimiser.step()
    return float(function(scores).detach())


@pytest.mark.parametrize("classes", CLASSES)
def test_softmax_before_cross_entropy(classes: int) -> None:
    assert float(F.cross_entropy(hot(classes), TARGET)) == pytest.approx(n.bounded_floor(classes), abs=CLOSE)
    assert float(F.cross_entropy(hot(classes, 1), TARGET)) == pytest.approx(n.softmax_ceiling(classes), abs=CLOSE)
    assert float(hot(classes).softmax(1).max()) == pytest.approx(n.largest_probability(classes), abs=CLOSE)
    uniform = torch.full((1, classes), 1 / classes)
    assert float(F.cross_entropy(uniform, TARGET)) == pytest.approx(n.chance_cross_entropy(classes), abs=CLOSE)
    each = F.cross_entropy((torch.randn(500, classes).double() * 20).softmax(1), TARGET.expand(500), reduction="none")
    assert bool((each >= n.bounded_floor(classes) - 1e-9).all())
    assert bool((each <= n.softmax_ceiling(classes) + 1e-9).all())


def test_the_floor_is_what_training_through_a_softmax_converges_to() -> None:
    found = minimum(lambda z: F.cross_entropy(z.softmax(1), TARGET), torch.zeros(1, 10))
    assert found == pytest.approx(n.bounded_floor(10), abs=1e-3)
    assert minimum(lambda z: F.cross_entropy(z, TARGET), torch.zeros(1, 10)) < 1e-3


@pytest.mark.parametrize(("classes", "written"), [(10, 1.4612), (1000, 5.9095), (2, 0.3133)])
def test_known_floors(classes: int, written: float) -> None:
    assert n.bounded_floor(classes) == pytest.approx(written, abs=5e-5)


@pytest.mark.parametrize("classes", CLASSES)
def test_sigmoid_and_tanh_before_cross_entropy(classes: int) -> None:
    one = hot(classes)
    for values, width in ((one, 1.0), (2 * one - 1, 2.0)):
        assert float(F.cross_entropy(values, TARGET)) == pytest.approx(n.bounded_floor(classes, width), abs=CLOSE)
        found = float(F.cross_entropy(values.flip(1), TARGET))
        assert float(F.cross_entropy(-values, TARGET)) == pytest.approx(n.bounded_ceiling(classes, width), abs=CLOSE)
        assert found >= n.bounded_floor(classes, width)


@pytest.mark.parametrize("classes", CLASSES)
def test_gradient_ratios_at_equal_scores(classes: int) -> None:
    z = torch.zeros(1, classes, dtype=torch.float64)
    right = gradient(lambda v: F.cross_entropy(v, TARGET), z).norm()
    rows: list[tuple[Callable[[Tensor], Tensor], float]] = [
        (lambda v: v.softmax(1), n.softmax_gradient_ratio(classes)),
        (torch.sigmoid, n.slope_ratio(1.0)),
        (torch.tanh, n.slope_ratio(2.0)),
    ]
    for activation, ratio in rows:
        wrong = gradient(lambda v, f=activation: F.cross_entropy(f(v), TARGET), z).norm()  # type: ignore[misc]
        assert float(wrong / right) == pytest.approx(ratio, abs=1e-9)


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("smoothing", [0.05, 0.1, 0.2, 0.9])
def test_label_smoothing(classes: int, smoothing: float) -> None:
    target = (1 - smoothing) * hot(classes) + smoothing / classes
    best = F.cross_entropy(target.log(), TARGET, label_smoothing=smoothing)
    assert float(best) == pytest.approx(n.smoothed_floor(classes, smoothing), abs=CLOSE)
    gaps = torch.linspace(0, 1, 100_001 if classes < 100 else 2001, dtype=torch.float64)
    rows = torch.zeros(len(gaps), classes, dtype=torch.float64)
    rows[:, 0] = gaps
    each = F.cross_entropy(rows, TARGET.expand(len(gaps)), label_smoothing=smoothing, reduction="none")
    assert float(each.min()) == pytest.approx(n.bounded_floor(classes, 1.0, smoothing), abs=1e-5)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_ceilings_under_label_smoothing(classes: int, smoothing: float) -> None:
    corners = torch.tensor(list(itertools.product((0.0, 1.0), repeat=classes)), dtype=torch.float64)
    target = TARGET.expand(len(corners))
    for width, low in ((1.0, 0.0), (2.0, -1.0)):
        values = low + width * corners
        each = F.cross_entropy(values, target, label_smoothing=smoothing, reduction="none")
        assert float(each.max()) == pytest.approx(n.bounded_ceiling(classes, width, smoothing), abs=CLOSE)
    rows = torch.eye(classes, dtype=torch.float64)
    each = F.cross_entropy(rows, TARGET.expand(classes), label_smoothing=smoothing, reduction="none")
    assert float(each.max()) == pytest.approx(n.softmax_ceiling(classes, smoothing), abs=CLOSE)


def test_smoothing_of_zero_changes_nothing() -> None:
    assert n.smoothed_floor(10, 0.0) == 0.0
    assert n.bounded_floor(10, 1.0, 0.0) == n.bounded_floor(10)


@pytest.mark.parametrize("classes", CLASSES)
def test_probabilities_in_nll(classes: int) -> None:
    p = torch.zeros(1, classes).softmax(1)
    assert float(F.nll_loss(p, TARGET)) == pytest.approx(n.nll_chance_on_probabilities(classes), abs=1e-6)
    each = F.nll_loss((torch.randn(300, classes) * 9).softmax(1), TARGET.expand(300), reduction="none")
    assert float(each.min()) >= -1 and float(each.max()) <= 0


def test_double_sigmoid() -> None:
    ends, labels = torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0])
    each = F.binary_cross_entropy_with_logits(ends, labels, reduction="none")
    assert each.tolist() == pytest.approx([n.EVEN, n.HIT], abs=1e-6)
    assert pytest.approx(0.6931, abs=5e-5) == n.EVEN
    assert pytest.approx(0.3133, abs=5e-5) == n.HIT
    for share in (0.01, 0.1, 0.3, 0.5):
        labels = (torch.arange(1000) < 1000 * share).double()
        found = F.binary_cross_entropy_with_logits(labels, labels)
        assert float(found) == pytest.approx(n.double_sigmoid_floor(share), abs=CLOSE)
    rows = torch.rand(2000)
    assert float(F.binary_cross_entropy_with_logits(rows, torch.zeros(2000), reduction="none").min()) >= n.EVEN - 1e-6
    assert float(F.binary_cross_entropy_with_logits(rows, torch.ones(2000), reduction="none").min()) >= n.HIT - 1e-6


@pytest.mark.parametrize("classes", CLASSES)
def test_softmax_before_bce_with_logits(classes: int) -> None:
    bce = F.binary_cross_entropy_with_logits
    assert float(bce(hot(classes), hot(classes))) == pytest.approx(n.softmax_bce_floor(classes), abs=CLOSE)
    uniform = torch.full((1, classes), 1 / classes, dtype=torch.float64)
    assert float(bce(uniform, hot(classes))) == pytest.approx(n.softmax_bce_chance(classes), abs=CLOSE)
    rows = (torch.randn(300, classes).double() * 20).softmax(1)
    each = bce(rows, hot(classes).expand(300, -1), reduction="none").mean(1)
    assert float(each.min()) >= n.softmax_bce_floor(classes) - 1e-9


def test_softplus() -> None:
    for x in (-800.0, -3.0, 0.0, 2.5, 800.0):
        assert n.softplus(x) == pytest.approx(float(F.softplus(torch.tensor(x, dtype=torch.float64))), abs=1e-9)


@pytest.mark.parametrize("classes", CLASSES)
def test_kl_div(classes: int) -> None:
    uniform = torch.full((1, classes), 1 / classes, dtype=torch.float64)
    flagged = F.kl_div(uniform.log(), uniform, log_target=True, reduction="batchmean")
    assert float(flagged) == pytest.approx(n.kl_on_log_flag(classes), rel=1e-6)
    for scale in (0.1, 1.0, 30.0):
        p, q = (torch.randn(200, classes).double().mul(scale).softmax(1) for _ in range(2))
        each = F.kl_div(p, q, reduction="none").sum(1)
        assert n.kl_floor_on_probabilities(classes) <= float(each.min()) + 1e-9
        assert float(each.max()) < 0
    reached = F.kl_div(hot(classes), hot(classes).softmax(1), reduction="batchmean")
    assert float(reached) == pytest.approx(n.kl_floor_on_probabilities(classes), abs=CLOSE)


@pytest.mark.parametrize("classes", [2, 3, 10, 21])
def test_dice(classes: int) -> None:
    def dice(p: Tensor, q: Tensor) -> float:
        return float(1 - 2 * (p * q).sum() / (p.sum() + q.sum()))

    perfect = torch.eye(classes, dtype=torch.float64)
    assert dice(perfect.softmax(1), perfect) == pytest.approx(n.double_softmax_dice(classes), abs=CLOSE)
    mask = (torch.arange(1000) < 1000 / classes).double()
    assert dice(mask.sigmoid(), mask) == pytest.approx(n.double_sigmoid_dice(float(mask.mean())), abs=CLOSE)


@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (None, 2.0), (0.5, 0.0), (0.25, 5.0)])
def test_focal(alpha: float | None, gamma: float) -> None:
    values, labels = torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0])
    p = values.sigmoid()
    pt = p * labels + (1 - p) * (1 - labels)
    weight = 1.0 if alpha is None else alpha * labels + (1 - alpha) * (1 - labels)
    bce = F.binary_cross_entropy_with_logits(values, labels, reduction="none")
    each = weight * (1 - pt) ** gamma * bce
    assert each.tolist() == pytest.approx(n.double_sigmoid_focal(alpha, gamma), abs=1e-6)


@pytest.mark.parametrize("classes", CLASSES)
def test_multi_margin(classes: int) -> None:
    zero = torch.zeros(1, classes)
    assert float(F.multi_margin_loss(zero, TARGET)) == pytest.approx(n.multi_margin_chance(classes), abs=1e-5)
    squared = F.multi_margin_loss(zero, TARGET, p=2, margin=0.5)
    assert float(squared) == pytest.approx(n.multi_margin_chance(classes, 0.5**2), abs=1e-5)


def test_likelihood_floors() -> None:
    zero = torch.zeros(1)
    assert float(F.gaussian_nll_loss(zero, zero, zero)) == pytest.approx(n.gaussian_floor(), abs=1e-4)
    assert float(F.gaussian_nll_loss(zero, zero, zero, eps=1e-3)) == pytest.approx(n.gaussian_floor(1e-3), abs=1e-4)
    for count in (1.0, 2.0, 5.0, 10.0):
        scores = torch.linspace(-3, 4, 70_001, dtype=torch.float64)
        each = F.poisson_nll_loss(scores, torch.full_like(scores, count), reduction="none")
        assert float(each.min()) == pytest.approx(n.poisson_floor(count), abs=1e-5)
        assert float(scores[each.argmin()]) == pytest.approx(math.log(count), abs=1e-3)
    assert n.poisson_floor(0.0) == 0.0
