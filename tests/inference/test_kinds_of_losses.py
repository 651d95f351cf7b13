"""isinstance of a criterion: by any of its names, by its base classes, and for each of several alternatives."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, domains, losses, seen

PROGRAM = """
import torch.nn.modules.loss
from torch.nn.modules.loss import _Loss

def choose(name):
    return {made}

def step(name, x, y):
    criterion = choose(name)
    out = nn.Linear(8, 4)(x)
    if isinstance(criterion, {kind}):
        return criterion(out, y)
"""


@pytest.mark.parametrize(
    ("made", "kind", "expected"),
    [
        ("nn.CrossEntropyLoss()", "nn.CrossEntropyLoss", {"CrossEntropyLoss"}),
        ("nn.CrossEntropyLoss()", "torch.nn.modules.loss.CrossEntropyLoss", {"CrossEntropyLoss"}),
        ("nn.CrossEntropyLoss()", "(nn.BCELoss, torch.nn.modules.loss.CrossEntropyLoss)", {"CrossEntropyLoss"}),
        ("nn.CrossEntropyLoss()", "_Loss", {"CrossEntropyLoss"}),
        ("nn.CrossEntropyLoss()", "nn.Module", {"CrossEntropyLoss"}),
        ("nn.CrossEntropyLoss()", "nn.BCEWithLogitsLoss", set()),
        ("nn.MSELoss()", "torch.nn.modules.loss.L1Loss", set()),
        ("nn.MSELoss() if name == 'mse' else nn.CrossEntropyLoss()", "nn.MSELoss", {"MSELoss"}),
    ],
)
def test_which_loss_is_called(made: str, kind: str, expected: set[str]) -> None:
    found = losses(PROGRAM.format(made=made, kind=kind))
    assert {name.rsplit(".", 1)[-1] for name in found} == expected


BRANCHES = """
class Own(nn.Module):
    def forward(self, a, b):
        return (a - b).abs().mean()

def step(criterion, x, y):
    out = nn.Linear(8, 4)(x)
    if isinstance(criterion, {kind}):
        out = out.softmax(1)
        return criterion(out, y)
    return criterion(out, y)
"""


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("nn.MSELoss() if flag else unseen.loss()", {("MSELoss", Domain.SCORES)}),
        (
            "nn.MSELoss() if flag else nn.CrossEntropyLoss()",
            {("MSELoss", Domain.SCORES), ("CrossEntropyLoss", Domain.PROBABILITIES)},
        ),
    ],
)
def test_an_alternative_that_is_not_of_the_kind_never_takes_the_branch(
    made: str, expected: set[tuple[str, Domain]]
) -> None:
    found = seen(BRANCHES.format(kind="nn.CrossEntropyLoss") + f"\nstep({made}, x, y)")
    assert {(one.loss.rsplit(".", 1)[-1], domain) for one in found for domain in one.domains} == expected


def test_what_torch_makes_is_of_no_class_of_the_project() -> None:
    found = seen(BRANCHES.format(kind="(Own, nn.CrossEntropyLoss)") + "\nstep(nn.MSELoss(), x, y)")
    assert [one.domains for one in found] == [{Domain.SCORES}]


@pytest.mark.parametrize("name", ["torch.autograd.Variable", "torch.Tensor", "(str, torch.autograd.Variable)"])
def test_every_tensor_is_a_variable(name: str) -> None:
    program = f"""
    h = nn.Linear(8, 4)(x)
    h = h.softmax(1) if isinstance(h, {name}) else h.sigmoid()
    loss = F.mse_loss(h, y)
    """
    assert domains(program) == {Domain.PROBABILITIES}
