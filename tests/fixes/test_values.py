"""Safe fixes computed on torch: the same numbers before and after."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from programs import text_after

torch = pytest.importorskip("torch")

HEAD = """import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Linear(8, 3)
x = torch.randn(5, 8)
y = torch.randn(5, 3)
"""


def value(text: str) -> object:
    names: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(text, names)
    return names["result"]


@pytest.mark.parametrize(
    "expression",
    [
        "torch.log(F.softmax(net(x), dim=1))",
        "net(x).softmax(0).log()",
        "torch.log(nn.Softmax(dim=0)(net(x)))",
        "torch.log(torch.sigmoid(net(x)))",
        "torch.log(1 - torch.sigmoid(net(x) + 1))",
        "(1 - net(x).sigmoid()).log()",
        "F.softmax(net(x))",
        "F.log_softmax(net(torch.randn(2, 5, 8)))",
        "nn.MSELoss(size_average=False)(net(x), y)",
        "nn.MSELoss(size_average=False, reduce=False)(net(x), y)",
        "nn.MSELoss(size_average=None, reduce=None, reduction='sum')(net(x), y)",
        "F.mse_loss(net(x), y, size_average=True, reduction='sum')",
        "nn.L1Loss(reduction='elementwise_mean')(net(x), y)",
    ],
)
def test_a_safe_fix_keeps_the_value(tmp_path: Path, expression: str) -> None:
    text = f"{HEAD}result = {expression}\n"
    after = text_after(tmp_path, text, unsafe=False)
    assert (after == text) == ("size_average=None" in expression)  # None means that nothing was said
    torch.testing.assert_close(value(after), value(text))


@pytest.mark.parametrize("expression", ["nn.MSELoss(net(x), y)", "nn.Softmax(net(x))", "nn.Sigmoid(net(x))"])
def test_a_constructor_mended_gives_numbers(tmp_path: Path, expression: str) -> None:
    after = text_after(tmp_path, f"{HEAD}result = {expression}\n", unsafe=False)
    result = value(after)
    assert isinstance(result, torch.Tensor)
    assert torch.isfinite(result).all()
