"""Functions that are followed no more, because nothing ever came of them, and those that stay."""

from __future__ import annotations

from collections import Counter

import pytest

from lossadvisor.interpreter import plumbing
from lossadvisor.values import Domain
from tests.inference.reveal import domains


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little may be spent on plumbing."""
    monkeypatch.setattr(plumbing, "MOST", 200)


def program(helper: str, use: str, models: int = 30) -> str:
    """Many models that ask the same helper, each on its own, before their loss."""
    steps = "\n".join(
        f"class Model{n}(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.head = nn.Linear(4, {n + 2})\n"
        f"    def forward(self, x, y):\n        {use}\n        return F.cross_entropy(x, y)\n"
        for n in range(models)
    )
    return f"{helper}\n\n{steps}"


def test_checks_are_followed_until_their_share_is_spent(entered: Counter[str]) -> None:
    helper = """
def kernel(model):
    names = []
    for part in ("flash", "sdpa", "eager"):
        if part in names:
            return part
        names.append(part + str(len(names)))
    return names[0]
"""
    found = domains(program(helper, "kind = kernel(self); x = self.head(x)"))
    assert found == {Domain.SCORES}
    assert 0 < entered["kernel"] < 30
    assert entered["forward"] == 30


def test_what_gives_a_tensor_is_always_followed(entered: Counter[str]) -> None:
    helper = """
def through(model, x):
    parts = []
    for part in ("a", "b", "c"):
        parts.append(part)
    return model.head(x)
"""
    assert domains(program(helper, "x = through(self, x)")) == {Domain.SCORES}
    assert entered["through"] == 30


def test_what_picks_a_class_is_always_followed(entered: Counter[str]) -> None:
    helper = """
class Head(nn.Module):
    def forward(self, x):
        return torch.softmax(x, -1)

HEADS = {"plain": Head}

def pick(model, name):
    parts = []
    for part in ("a", "b", "c"):
        parts.append(part)
    return HEADS[name]
"""
    assert domains(program(helper, "x = pick(self, 'plain')()(x)")) == {Domain.PROBABILITIES}
    assert entered["pick"] == 30


def test_an_initializer_that_keeps_a_network_is_always_followed(entered: Counter[str]) -> None:
    helper = """
class Runner:
    def __init__(self, net):
        parts = []
        for part in ("a", "b", "c"):
            parts.append(part)
        self.net = net
"""
    assert domains(program(helper, "x = Runner(self.head).net(x)")) == {Domain.SCORES}


def test_what_others_do_is_not_counted(entered: Counter[str]) -> None:
    """A helper that hands on to code with tensors costs its own few steps alone."""
    helper = """
def run(model, x, keep):
    out = work(model, x)
    keep.append(out)

def work(model, x):
    for _ in range(3):
        x = model.head(x) + model.head(x)
    return x
"""
    assert domains(program(helper, "run(self, x, []); x = self.head(x)", 12)) == {Domain.SCORES}
    assert entered["run"] == 12
