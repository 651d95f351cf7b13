"""A few values under more conditions than are told apart: each of them stays possible, none is certain."""

from __future__ import annotations

from pathlib import Path

from lossadvisor.config import Settings
from lossadvisor.engine.run import analyse
from lossadvisor.findings import Confidence, Verdict
from lossadvisor.interpreter.values import MAX_ALTERNATIVES
from lossadvisor.values import Domain
from tests.inference.reveal import domains

_CHOICES = "\n".join(
    f"    if args.mode{number} == {number}:\n        net = {'fg'[number % 2]}" for number in range(2 * MAX_ALTERNATIVES)
)
_PROGRAM = """
def step(args, x, y):
    f = nn.Linear(4, 3)
    g = nn.Sequential(nn.Linear(4, 3){last})
    net = g
{choices}
    return F.cross_entropy(net(x), y)
"""


def test_a_few_values_under_many_conditions() -> None:
    assert domains(_PROGRAM.format(choices=_CHOICES, last="")) == {Domain.SCORES}
    assert domains(_PROGRAM.format(choices=_CHOICES, last=", nn.Softmax(1)")) == {Domain.SCORES, Domain.PROBABILITIES}


def test_none_of_them_is_certain(tmp_path: Path) -> None:
    head = "import torch.nn as nn\nimport torch.nn.functional as F\n"
    (tmp_path / "main.py").write_text(head + _PROGRAM.format(choices=_CHOICES, last=", nn.Softmax(1)"))
    found = analyse(["."], Settings(root=tmp_path, cache=False, jobs=1), tmp_path)
    assert Confidence.CERTAIN not in {one.confidence for one in found.findings}
    assert [one.verdict for one in found.losses] != [Verdict.CONSISTENT]
