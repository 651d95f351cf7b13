"""A name or an attribute that is filled in one branch of several holds that value in that branch only."""

from __future__ import annotations

import pytest

from lossadvisor.interpreter.guards import Condition
from lossadvisor.interpreter.values import External, Known, Opaque, union
from tests.inference.reveal import Domain, seen

NETS = """
class Soft(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        return self.fc(x).softmax(1)

NETS = {"soft": Soft, "plain": nn.Linear}
"""


@pytest.mark.parametrize(
    "choice",
    [
        "if name == 'a':\n        net = Soft()\n    elif name == 'b':\n        net = nn.Linear(8, 4)\n"
        "    else:\n        raise ValueError(name)",
        "if name == 'a':\n        net = Soft()\n    elif name == 'b':\n        net = nn.Linear(8, 4)",
        "if isinstance(name, str):\n        net = NETS.get(name)\n        if net is None:\n"
        "            raise KeyError(name)\n        net = net()\n    else:\n        raise TypeError(name)",
    ],
)
def test_names(choice: str) -> None:
    (one,) = seen(f"{NETS}\ndef step(name, x, y):\n    {choice}\n    F.cross_entropy(net(x), y)\n")
    assert sorted(fact.domain.value for fact in one.facts) == ["probabilities", "scores"]


def test_attributes() -> None:
    program = NETS + """
class Model(nn.Module):
    def __init__(self, head):
        super().__init__()
        if head == "soft":
            self.head = nn.Softmax(1)
        elif head == "sigmoid":
            self.head = nn.Sigmoid()
        elif head == "none":
            self.head = nn.Identity()

    def forward(self, x):
        return self.head(x)

def step(head, x, y):
    F.cross_entropy(Model(head)(x), y)
"""
    (one,) = [one for one in seen(program) if len(one.facts) > 1]
    assert sorted(fact.domain.value for fact in one.facts) == ["probabilities", "unit-interval", "unknown"]


def test_branches_that_may_both_be_taken() -> None:
    program = """
def step(first, second, x, y):
    if first:
        out = nn.Linear(8, 4)(x)
    if second:
        out = x.softmax(1)
    F.cross_entropy(out, y)
"""
    (one,) = seen(program)
    assert one.domains == {Domain.SCORES, Domain.PROBABILITIES}


def test_a_name_that_is_bound_before_keeps_what_it_was() -> None:
    program = """
def step(first, x, y):
    out = nn.Linear(8, 4)(x)
    if first:
        out = out.softmax(1)
    elif first is None:
        out = out.sigmoid()
    F.cross_entropy(out, y)
"""
    (one,) = seen(program)
    assert one.domains == {Domain.SCORES, Domain.PROBABILITIES, Domain.UNIT_INTERVAL}


def test_the_first_of_many_nets_are_kept() -> None:
    others = "\n".join(f"    if name == 'net{number}':\n        return nn.Linear(8, {number})" for number in range(30))
    branches = f"    if name == 'soft':\n        return Soft()\n{others}"
    program = f"{NETS}\ndef make(name):\n{branches}\n\ndef step(name, x, y):\n    F.cross_entropy(make(name)(x), y)\n"
    (one,) = seen(program)
    assert one.domains == {Domain.PROBABILITIES, Domain.SCORES, Domain.UNKNOWN}
    assert len(one.facts) <= 16


def test_of_many_numbers_nothing_is_kept() -> None:
    numbers = [(frozenset({(Condition((f"case {number}",)), True)}), Known(number)) for number in range(30)]
    assert isinstance(union(list(numbers)), Opaque)
    classes = [(guard, External(f"torch.nn.Net{known.value}")) for guard, known in numbers]
    assert isinstance(union([*classes]), Opaque)
