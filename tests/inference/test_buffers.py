"""Lists that are filled over time: memories of experience, and what is drawn from them."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain, reveal, seen

AGENT = """
import random
from collections import deque
import torch
import torch.nn as nn
import torch.nn.functional as F


class Agent:
    def __init__(self):
        self.memory = {made}
        self.net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))

    def push(self, x, y):
        self.memory.append((x, y))

    def learn(self):
        {waits}
        x, y = zip(*random.sample(self.memory, 32))
        return F.cross_entropy(self.net(torch.stack(x)), torch.stack(y))
{uses}
"""
USES = """

def main(batches):
    agent = Agent()
    for x, y in batches:
        agent.push(x, y)
        agent.learn()
"""


@pytest.mark.parametrize("made", ["[]", "deque(maxlen=1000)"])
@pytest.mark.parametrize("uses", ["", USES])
@pytest.mark.parametrize("waits", [
    "if len(self.memory) < 32: return None", "if not self.memory: return None", "assert len(self.memory) > 31",
])  # fmt: skip
def test_a_memory_that_is_filled_elsewhere_may_hold_enough(made: str, uses: str, waits: str) -> None:
    assert domain({"main.py": AGENT.format(made=made, uses=uses, waits=waits)}) is Domain.PROBABILITIES


@pytest.mark.parametrize("asks", [
    "memory.append(x)\n        if len(memory) > 32:",
    "if len(memory) > 32:\n            pass\n        memory.append(x)\n        if i > 9 and len(memory) > 32:",
])  # fmt: skip
def test_a_list_grows_from_turn_to_turn(asks: str) -> None:
    program = f"""
def main(batches, y):
    memory = []
    for i, x in enumerate(batches):
        {asks}
            F.cross_entropy(torch.stack(memory).softmax(1), y)
"""
    assert domain(program) is Domain.PROBABILITIES


def test_a_list_of_the_running_function_is_as_long_as_it_looks() -> None:
    program = """
def main(x, y):
    layers = []
    if len(layers) > 2:
        x = x.softmax(1)
    F.cross_entropy(nn.Linear(4, 3)(x), y)
"""
    assert domain(program) is Domain.SCORES
    assert len(seen(program)[0].facts) == 1


COLUMNS = """
def main(batches, env, buffer, x):
    memory = []
    for batch in batches:
        memory.append((torch.rand(4), 0.5))
    {drawn}
    F.mse_loss(x, torch.tensor(second))
"""


@pytest.mark.parametrize("drawn", [
    "first, second = zip(*memory)", "first, second = map(list, zip(*memory))", "second = [two for one, two in memory]",
    "import random\n    first, second = zip(*random.sample(memory, 8))", "first, second = zip(*memory[:8])",
    "second = []\n    for one, two in memory:\n        second.append(two)",
])  # fmt: skip
def test_the_columns_of_what_is_drawn_are_as_long_as_it(drawn: str) -> None:
    assert reveal(COLUMNS.format(drawn=drawn), "target").shape == (None,)


def test_of_columns_of_something_unknown_nothing_is_known() -> None:
    assert reveal(COLUMNS.format(drawn="first, second = zip(*buffer.sample(8))"), "target").shape is None
