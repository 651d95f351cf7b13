"""Parameters that no visible caller fills are taken to be what their annotations say."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, domains

PROGRAM = """
from __future__ import annotations
from dataclasses import dataclass
from typing import Optional, Sequence

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.fc = nn.Linear(width, 4)

    def forward(self, x):
        return self.fc(x).softmax(1)

@dataclass
class Config:
    activation: str = "softmax"
    classes: int = 4

class Plain:
    def __call__(self, x):
        return x.softmax(1)

"""


@pytest.mark.parametrize(
    "annotation", ["Net", "'Net'", "Optional[Net]", "Net | None", "None | Net", "Optional['Net']"]
)
def test_a_model(annotation: str) -> None:
    step = f"def step(model: {annotation}, x, y):\n    F.nll_loss(model(x), y)\n"
    assert domains(PROGRAM + step) == {Domain.PROBABILITIES, Domain.UNKNOWN}


@pytest.mark.parametrize("annotation", ["list[Net]", "Sequence[Net]"])
def test_models(annotation: str) -> None:
    step = f"def step(models: {annotation}, x, y):\n    for model in models:\n        F.nll_loss(model(x), y)\n"
    assert Domain.PROBABILITIES in domains(PROGRAM + step)


def test_a_configuration() -> None:
    step = """
def step(config: Config, x, y):
    out = nn.Linear(8, config.classes)(x)
    if config.activation == "softmax":
        out = out.softmax(1)
    F.nll_loss(out, y)
"""
    assert Domain.PROBABILITIES in domains(PROGRAM + step)


@pytest.mark.parametrize("annotation", ["nn.Module", "Plain", "dict[str, Net]", "'Net' | 3", "Missing"])
def test_what_stays_unknown(annotation: str) -> None:
    step = f"def step(model: {annotation}, x, y):\n    F.nll_loss(model(x), y)\n"
    assert domains(PROGRAM + step) == {Domain.UNKNOWN}


def test_a_visible_caller_tells_more() -> None:
    step = """
def step(model: Net, x, y):
    F.nll_loss(model(x), y)

step(nn.Linear(8, 4), x, y)
"""
    assert domains(PROGRAM + step) == {Domain.SCORES}


def test_a_class_that_holds_itself() -> None:
    step = """
class Node(nn.Module):
    def __init__(self, parent: Node):
        super().__init__()
        self.parent = parent

    def forward(self, x):
        return self.parent(x)

def step(model: Node, x, y):
    F.nll_loss(model(x), y)
"""
    assert domains(PROGRAM + step) == {Domain.UNKNOWN}
