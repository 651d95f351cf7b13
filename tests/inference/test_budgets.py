"""What is claimed of code that is too large to follow to its end."""

from __future__ import annotations

import pytest

from lossadvisor.interpreter import plan, roots
from lossadvisor.interpreter.plan import Budget, Kind
from lossadvisor.values import Domain
from tests.inference.reveal import domains, seen

# The last layer comes after more lines than a small budget allows.
PROGRAM = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(4, 8), nn.ReLU()]
        self.head = nn.Linear(8, 2)
        n = 0
        {detour}
        {last}

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return {returned}

net = Net()

def step(x, y):
    return F.cross_entropy(net(x), y)
"""


def program(last: str = "self.layers.append(nn.Linear(8, 2))", returned: str = "x", turns: int = 4) -> str:
    detour = "\n        ".join(f"n = [{', '.join('n' for _ in range(400))}]" for _ in range(turns))
    return PROGRAM.format(detour=detour, last=last, returned=returned)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "BUDGETS", dict.fromkeys(Kind, Budget(4_000, 1_500, 1_500)))


def test_with_enough_steps_the_last_layer_is_seen() -> None:
    assert domains(program()) == {Domain.SCORES}


@pytest.mark.usefixtures("small")
def test_a_list_that_may_still_grow_is_unknown() -> None:
    assert domains(program()) == {Domain.UNKNOWN}


@pytest.mark.usefixtures("small")
def test_an_attribute_that_is_set_once_stands() -> None:
    assert domains(program(last="pass", returned="self.head(x)")) == {Domain.SCORES}


@pytest.mark.usefixtures("small")
def test_an_attribute_that_may_be_set_again_is_unknown() -> None:
    assert domains(program(last="self.head = nn.Softmax(1)", returned="self.head(x)")) == {Domain.UNKNOWN}


def test_what_is_left_over_goes_to_those_that_need_it() -> None:
    budget = Budget(pool=1_000, least=10, most=800)
    assert budget.share(units=100, spent=0) == 40
    assert budget.share(units=10, spent=200) == 320
    assert budget.share(units=1, spent=0) == 800
    assert budget.share(units=5, spent=1_000) == 10


# A model whose parts are too large to build and to run, with a small head of its own behind them.
LARGE = """
class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        n = 0
        {detour}

    def forward(self, x):
        n = 0
        {detour}
        return x

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = Backbone()
        self.head = nn.Linear(8, 3)

    def forward(self, x, y):
        out = self.head(self.backbone(x))
        return F.cross_entropy({given}, y)
"""


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("given", "wanted"), [("out", Domain.SCORES), ("out.softmax(1)", Domain.PROBABILITIES)])
def test_what_stands_behind_a_large_part_is_read_in_outline(given: str, wanted: Domain) -> None:
    detour = "\n        ".join(f"n = [{', '.join('n' for _ in range(400))}]" for _ in range(4))
    assert wanted in domains(LARGE.format(detour=detour, given=given))


_SCRIPT = """
import torch.nn as nn
import torch.nn.functional as F

def main(args):
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    for x, y in args.loader:
        train_{number}(net, x, y)

def train_{number}(net, x, y):
    return F.cross_entropy(net(x), y)
"""


@pytest.mark.parametrize(("late", "found"), [(450_000, {Domain.RECTIFIED}), (0, {Domain.UNKNOWN})])
def test_callers_without_a_turn_get_what_others_leave_over(
    late: int, found: set[Domain], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "BUDGETS", {**plan.BUDGETS, Kind.CALLER: Budget(0, 1, 1)})
    monkeypatch.setattr(roots, "_LATE", Budget(late, 8_000, 60_000))
    files = {f"{name}.py": _SCRIPT.format(number=name) for name in "abc"}
    last = seen(files)[-1]
    assert last.domains == found
