"""What values alone betray, both ways."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossadvisor.runtime import signatures, watch


def kinds(contract: str, values: list[float], classes: int | None = None) -> dict[str, str | None]:
    return {one.kind: one.code for one in signatures.read(contract, values, classes)}


@pytest.mark.parametrize(
    ("contract", "value", "code"),
    [
        ("nll", -0.4, "LA108"), ("nll", -3.0, "LA109"), ("kl_div", -0.2, "LA110"), ("ctc", -1.0, "LA112"),
        ("bce_with_logits", -4.9, "LA204"), ("bce", -0.1, "LA204"), ("cross_entropy", -2.0, "LA206"),
    ],
)  # fmt: skip
def test_negative_values(contract: str, value: float, code: str) -> None:
    assert kinds(contract, [1.0, value]) == {"negative-loss": code}
    assert kinds(contract, [1.0, 0.5]) == {}
    assert kinds("gaussian_nll", [1.0, value]) == {}  # may be negative by right


def test_constant_and_non_finite() -> None:
    assert kinds("mse", [0.7] * 5) == {"constant-loss": None}
    assert kinds("mse", [0.7] * 4) == {}
    assert kinds("mse", [0.7, 0.70001, 0.7, 0.7, 0.7]) == {}
    assert kinds("mse", [1.0, math.nan]) == {"non-finite-loss": None}
    assert kinds("mse", [math.inf]) == {"non-finite-loss": None}
    assert kinds("mse", []) == {}


def test_floors_of_doubled_activations() -> None:
    floor = signatures.double_softmax_floor(10)
    falling = [floor + 0.8 * 0.8**k for k in range(40)]
    assert kinds("cross_entropy", falling, 10) == {"double-softmax-floor": None}
    assert kinds("cross_entropy", [*falling[:-1], 0.9], 10) == {}  # below the floor: refuted
    assert kinds("cross_entropy", [value + 0.5 for value in falling], 10) == {}
    half = signatures.double_sigmoid_floor(0.5)
    assert kinds("bce_with_logits", [half + 0.2 * 0.5**k for k in range(30)]) == {"double-sigmoid-floor": None}
    assert kinds("bce_with_logits", [half + 0.2 - 0.01 * k for k in range(30)]) == {}


def train(wrong: bool, steps: int = 300) -> list[float]:
    torch.manual_seed(0)
    centres = torch.randn(6, 8) * 4
    net = nn.Linear(8, 6)
    rate = torch.optim.Adam(net.parameters(), lr=0.1)
    values = []
    for _ in range(steps):
        y = torch.randint(0, 6, (64,))
        z = net(centres[y] + torch.randn(64, 8) * 0.3)
        loss = F.cross_entropy(z.softmax(1) if wrong else z, y)
        rate.zero_grad()
        loss.backward()
        rate.step()
        values.append(float(loss.detach()))
    return values


def test_a_real_doubled_softmax_settles_on_its_floor() -> None:
    wrong, right = train(wrong=True), train(wrong=False)
    assert min(wrong) >= signatures.double_softmax_floor(6) - 1e-4
    assert "double-softmax-floor" in kinds("cross_entropy", wrong, 6)
    assert min(right) < 0.1
    assert "double-softmax-floor" not in kinds("cross_entropy", right, 6)


def test_watch_observes_a_dead_last_layer() -> None:
    def observed(dead: bool) -> set[str]:
        torch.manual_seed(0)
        net = nn.Linear(3, 1)
        with watch(first=6) as seen:
            for _ in range(6):
                z = net(torch.randn(8, 3))
                z = torch.cat([z, torch.zeros(8, 1)], 1)[:, : 1 if dead else 2]
                F.cross_entropy(z, torch.zeros(8, dtype=torch.long)).backward()
        return {one.kind for one in seen.report.observations}

    assert observed(dead=True) == {"constant-loss", "zero-gradient"}
    assert observed(dead=False) == set()
