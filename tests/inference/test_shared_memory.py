"""Views, aliases and frozen parts: what is written or frozen at one place is so at another."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain, Grad
from tests.inference.reveal import domain, domains, reveal


@pytest.mark.parametrize(
    "lines",
    [
        "view = h.view(-1)\nview.sigmoid_()",
        "first = h[0]\nfirst.zero_()",
        "a, b = h.chunk(2, 1)\na.sigmoid_()",
        "data = h.detach()\ndata *= 0",
        "same = nn.Identity()(h)\nsame.sigmoid_()",
        "same = keep(h)\nsame.sigmoid_()",
        "flat = torch.flatten(h)\nflat.sigmoid_()",
        "rows = h.t()\nrows[0] = 0.5",
        "near = h.unsqueeze(0)\nfar = near.squeeze(0)\nfar.sigmoid_()",
    ],
)
def test_what_is_written_into_a_view_is_written_into_its_base(lines: str) -> None:
    program = f"def keep(t):\n    return t\nh = nn.Linear(4, 3)(x)\n{lines}\nloss = F.mse_loss(h, y)"
    assert domain(program) is Domain.UNKNOWN


def test_what_is_written_into_the_base_is_seen_in_a_view() -> None:
    assert domain("h = nn.Linear(4, 3)(x)\nv = h.view(-1)\nh.sigmoid_()\nloss = F.mse_loss(v, y)") is Domain.UNKNOWN


def test_a_copy_of_a_tensor_is_changed_apart() -> None:
    assert domain("h = nn.Linear(4, 3)(x)\nv = h.clone()\nv.sigmoid_()\nloss = F.mse_loss(h, y)") is Domain.SCORES


@pytest.mark.parametrize(
    ("joined", "expected"),
    [
        ("torch.cat([p, q], 1)", (Domain.UNIT_INTERVAL, None)),
        ("torch.cat([p, q], dim=-1)", (Domain.UNIT_INTERVAL, None)),
        ("torch.cat([p, q], dim=k)", (Domain.UNIT_INTERVAL, None)),
        ("torch.hstack([p, q])", (Domain.UNIT_INTERVAL, None)),
        ("torch.cat([p, q])", (Domain.PROBABILITIES, 1)),
        ("torch.vstack([p, q])", (Domain.PROBABILITIES, 1)),
        ("torch.stack([p, q])", (Domain.PROBABILITIES, 2)),
        ("torch.where(x > 0, p, q)", (Domain.UNIT_INTERVAL, None)),
    ],
)
def test_distributions_side_by_side(joined: str, expected: tuple[Domain, int | None]) -> None:
    program = f"""
    h = nn.Linear(4, 3)(x)
    p, q = h.softmax(1), (2 * h).softmax(1)
    loss = F.mse_loss({joined}, y)
    """
    fact = reveal(program)
    assert (fact.domain, fact.axis) == expected


_FROZEN = """
model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 3))
{lines}
x = torch.randn(8, 4)
loss = F.mse_loss(model(x), y)
"""


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("model.requires_grad_(False)", Grad.DETACHED),
        ("for p in model.parameters():\n    p.requires_grad = False", Grad.DETACHED),
        ("for p in model.parameters():\n    p.requires_grad_(False)", Grad.DETACHED),
        ("for n, p in model.named_parameters():\n    if '0' in n:\n        p.requires_grad = False", Grad.UNKNOWN),
        ("for name, p in model.named_parameters():\n    p.requires_grad = '1' in name", Grad.UNKNOWN),
        ("for p in list(model.parameters())[:2]:\n    p.requires_grad = False", Grad.UNKNOWN),
        ("if flag:\n    model.requires_grad_(False)", Grad.UNKNOWN),
        ("model.requires_grad_(flag)", Grad.UNKNOWN),
        ("model.requires_grad_(False)\nmodel.requires_grad_(True)", Grad.FLOWS),
        ("model.requires_grad_(False)\nfor p in model[1].parameters():\n    p.requires_grad = True", Grad.FLOWS),
        ("model.requires_grad_(False)\nmodel[1] = nn.Linear(4, 3)", Grad.FLOWS),
        ("model[0].requires_grad_(False)", Grad.FLOWS),
    ],
)
def test_parameters_that_ask_for_no_gradient(lines: str, expected: Grad) -> None:
    assert reveal(_FROZEN.format(lines=lines)).grad is expected


def test_a_parameter_kept_on_a_module_is_frozen_with_it() -> None:
    program = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.randn(4, 3))
        def forward(self, x):
            return x @ self.w
    model = Net()
    {line}
    x = torch.randn(8, 4)
    loss = F.mse_loss(model(x), y)
    """
    assert reveal(program.format(line="pass")).grad is Grad.FLOWS
    assert reveal(program.format(line="model.requires_grad_(False)")).grad is not Grad.FLOWS


@pytest.mark.parametrize("changed", ["torch.sigmoid_(h)", "h.sigmoid_()"])
def test_each_of_several_tensors_is_changed_in_place(changed: str) -> None:
    program = f"""
    def train(x, y, wide):
        h = F.softmax(nn.Linear(8, 4)(x), dim=-1)
        if wide:
            h = torch.tanh(nn.Linear(8, 4)(x))
        {changed}
        return nn.MSELoss()(h, y)
    """
    assert domains(program) == {Domain.UNIT_INTERVAL}
