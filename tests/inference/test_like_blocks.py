"""Networks of many like blocks: the first two and the last are followed, unless something tells them apart."""

from __future__ import annotations

from collections import Counter

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domains, reveal

BLOCK = """
class Block(nn.Module):
    def __init__(self, width, drop=0.0, number=None):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.drop = nn.Dropout(drop) if drop > 0.0 else nn.Identity()
        {more}

    def forward(self, x):
        return {result}

class Net(nn.Module):
    def __init__(self, depth=12):
        super().__init__()
        rates = [rate.item() for rate in torch.linspace(0, 0.1, depth)]
        self.blocks = {container}([Block(8, drop=rates[i]{given}) for i in range(depth)])
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        {body}
        return self.head(x)

net = Net()

def step(x, y):
    return F.cross_entropy(net(x), y)
"""

LOOP = "for block in self.blocks:\n            x = block(x)"
COUNTED = "for i, block in enumerate(self.blocks):\n            x = block(x)"


def program(
    body: str = LOOP,
    more: str = "pass",
    result: str = "x + self.drop(self.fc(x))",
    given: str = "",
    container: str = "nn.ModuleList",
) -> str:
    return BLOCK.format(body=body, more=more, result=result, given=given, container=container)


@pytest.mark.parametrize("body", [LOOP, COUNTED])
def test_three_of_twelve_are_built_and_followed(body: str, entered: Counter[str]) -> None:
    assert domains(program(body)) == {Domain.SCORES}
    assert entered["Block.__init__"] == 3
    assert entered["Block.forward"] == 3


def test_a_sequential_of_blocks(entered: Counter[str]) -> None:
    text = program("x = self.blocks(x)", container="nn.Sequential").replace("Sequential([", "Sequential(*[")
    assert domains(text) == {Domain.SCORES}
    assert entered["Block.forward"] == 3


def test_a_number_that_nobody_looks_at(entered: Counter[str]) -> None:
    domains(program(given=", number=i"))
    assert entered["Block.__init__"] == 3


def test_a_number_that_is_looked_at(entered: Counter[str]) -> None:
    more = "self.last = nn.Softmax(dim=-1) if number == 7 else nn.Identity()"
    domains(program(more=more, given=", number=i"))
    assert entered["Block.__init__"] == 12


def test_the_one_block_that_differs_is_followed() -> None:
    text = program(more="self.last = nn.Softmax(dim=-1) if number == 7 else nn.Identity()", given=", number=i",
                   result="self.last(x)").replace("return self.head(x)", "return x")
    text = text.replace("self.blocks:", "self.blocks:  # the head comes first")
    text = text.replace("        for block", "        x = self.head(x)\n        for block")
    assert domains(text) == {Domain.PROBABILITIES}


def test_a_loop_that_collects_is_followed_to_its_end() -> None:
    body = """outs = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            outs.append(x)
        x = torch.stack(outs).mean(0) if len(outs) == 12 else x.softmax(-1)"""
    assert domains(program(body).replace("return self.head(x)", "return self.head(x) if len(outs) == 12 else x")) == {
        Domain.SCORES
    }


def test_freezing_some_of_the_blocks_leaves_the_others() -> None:
    text = program().replace(
        "net = Net()",
        "net = Net()\nfor block in net.blocks[:3]:\n    block.fc = nn.Sequential(block.fc, nn.Sigmoid())",
    )
    assert domains(text) == {Domain.SCORES}


def test_blocks_that_grow_are_all_built() -> None:
    text = """
net = nn.Sequential(*[nn.Linear(2 ** i, 2 ** (i + 1)) for i in range(6)])

def step(x, y):
    return F.cross_entropy(net(x), y)
"""
    assert reveal(text).classes == 64
