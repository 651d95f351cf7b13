"""isinstance of a criterion: by any of its names, by its base classes, and for each of several alternatives."""

from __future__ import annotations

import pytest

from tests.inference.reveal import losses

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
