"""Values that travel inside tuples, records and dictionaries: who gets which part."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import analyse, text_after, write

HEAD = """from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Out:
    prob: Tensor
    hidden: Tensor


class Pair(NamedTuple):
    prob: Tensor
    hidden: Tensor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x):
        h = self.a(x)
        return RESULT


net = Net()


def step(x, y):
    BODY
"""
SOFTMAX = "torch.softmax(self.b(h), dim=1)"
MENDED = [
    (f"{SOFTMAX}, h", "p, h = net(x)\n    return F.cross_entropy(p, y) + h.mean()"),
    (f"h, {SOFTMAX}", "return F.cross_entropy(net(x)[1], y)"),
    (f"h, {SOFTMAX}", "out = net(x)\n    print(out[0])\n    return F.cross_entropy(out[1], y)"),
    (f"Out(prob={SOFTMAX}, hidden=h)", "out = net(x)\n    print(out.hidden)\n    return F.cross_entropy(out.prob, y)"),
    (f"Out({SOFTMAX}, h)", "return F.cross_entropy(net(x).prob, y)"),
    (f"Pair({SOFTMAX}, h)", "return F.cross_entropy(net(x).prob, y)"),
    (f'{{"prob": {SOFTMAX}, "hidden": h}}', 'return F.cross_entropy(net(x)["prob"], y)'),
]
ONLY_SHOWN = [
    (f"{SOFTMAX}, h", "p, h = net(x)\n    print(p)\n    return F.cross_entropy(p, y)"),
    (f"{SOFTMAX}, h", "out = net(x)\n    print(out)\n    return F.cross_entropy(out[0], y)"),
    (f"{SOFTMAX}, h", "out = net(x)\n    print(out[-2])\n    return F.cross_entropy(out[0], y)"),
    (f"{SOFTMAX}, h", "p, *rest = net(x)\n    return F.cross_entropy(p, y)"),
    (f"Out({SOFTMAX}, h)", "out = net(x)\n    print(out.prob)\n    return F.cross_entropy(out.prob, y)"),
    (f"Out({SOFTMAX}, h)", "out = net(x)\n    vars(out)\n    return F.cross_entropy(out.prob, y)"),
    (f'{{"prob": {SOFTMAX}}}', 'out = net(x)\n    print(out.values())\n    return F.cross_entropy(out["prob"], y)'),
]


@pytest.mark.parametrize(("result", "body"), MENDED)
def test_the_part_goes_to_the_loss_alone(result: str, body: str, tmp_path: Path) -> None:
    text = HEAD.replace("RESULT", result).replace("BODY", body)
    assert text_after(tmp_path, text, "LA101") == text.replace(SOFTMAX, "self.b(h)")


@pytest.mark.parametrize(("result", "body"), ONLY_SHOWN)
def test_somebody_else_may_read_the_part(result: str, body: str, tmp_path: Path) -> None:
    text = HEAD.replace("RESULT", result).replace("BODY", body)
    write(tmp_path, {"example.py": text})
    fixes = [one.fix for one in analyse(tmp_path).findings if one.code == "LA101"]
    assert [fix is not None and fix.applicability.value for fix in fixes] == ["display"]
    assert text_after(tmp_path, text, "LA101") == text


def test_a_record_with_a_method_is_read_by_it(tmp_path: Path) -> None:
    text = HEAD.replace("RESULT", f"Out({SOFTMAX}, h)").replace("BODY", "return F.cross_entropy(net(x).prob, y)")
    text = text.replace("    hidden: Tensor\n\n\nclass Pair", "    hidden: Tensor\n\n    def best(self):\n"
                        "        return self.prob.max()\n\n\nclass Pair")
    assert text_after(tmp_path, text, "LA101") == text


def test_a_layer_that_is_added(tmp_path: Path) -> None:
    text = """import torch.nn as nn

model = nn.Sequential(nn.Linear(4, 3))
model.add_module("out", nn.Softmax(dim=1))
criterion = nn.CrossEntropyLoss()


def step(x, y):
    return criterion(model(x), y)
"""
    assert text_after(tmp_path, text, "LA101") == text.replace('model.add_module("out", nn.Softmax(dim=1))\n', "")
