"""What is called may be one of several things: a finding then holds for one choice only, and says so."""

from __future__ import annotations

import pytest

from lossadvisor.checking.examination import examine
from lossadvisor.findings import Confidence
from lossadvisor.source.document import Document
from tests.inference.reveal import HEADER, ROOT

ONE_OF_SEVERAL = [
    ("LA505", "def f(x, kind):\n    act = {'relu': nn.ReLU, 'gelu': F.gelu}[kind]\n"
              "    return F.mse_loss(act(nn.Linear(3, 4)(x)), x)"),
    ("LA505", "def f(x, act='relu'):\n    make = nn.ReLU if act == 'softplus' else F.softplus\n"
              "    return F.mse_loss(make(nn.Linear(3, 4)(x)), x)"),
    ("LA401", "def f(x, kind):\n    g = torch.log if kind == 'log' else torch.sqrt\n    return g(F.softmax(x, 1))"),
    ("LA401", "def f(x, kind):\n    p = F.softmax(x, 1) if kind == 'p' else x\n    return p.log()"),
    ("LA503", "def f(kind):\n    make = {'l1': nn.L1Loss, 'bce': dict}[kind]\n    return make(size_average=True)"),
]
THE_ONLY_ONE = [
    ("LA505", "def f(x, kind):\n    if kind == 'relu':\n        return nn.ReLU(nn.Linear(3, 4)(x))"),
    ("LA401", "def f(x, kind):\n    if kind == 'log':\n        return torch.log(F.softmax(x, 1))"),
    ("LA401", "def one(x):\n    return torch.log(F.softmax(x, 1))\ndef two(x):\n    return x\n"
              "def f(x, kind):\n    return (one if kind == 'log' else two)(x)"),
]


def _confidences(code: str, program: str) -> set[Confidence]:
    found = examine([Document("main.py", ROOT / "main.py", HEADER + program + "\n")]).findings
    return {finding.confidence for finding in found if finding.code == code}


@pytest.mark.parametrize(("code", "program"), ONE_OF_SEVERAL)
def test_one_of_several_is_not_certain(code: str, program: str) -> None:
    confidences = _confidences(code, program)
    assert confidences, "not found at all"
    assert Confidence.CERTAIN not in confidences


@pytest.mark.parametrize(("code", "program"), THE_ONLY_ONE)
def test_under_a_branch_that_was_reached_it_is_certain(code: str, program: str) -> None:
    assert _confidences(code, program) == {Confidence.CERTAIN}
