"""What a call of a class gives where a metaclass or a registry has a say in it."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import HEADER, domain, domains

_WRAPPED = """
class Meta(type):
    def __call__(cls, *args, **kwargs):
        model = super().__call__(*args, **kwargs)
        return model if cls.wrapper is None else cls.wrapper(model)

class WithHead:
    def __init__(self, trunk):
        self.trunk, self.head = trunk, nn.Linear(4, 3)

    def __call__(self, x):
        return self.head(self.trunk(x))

class Base(nn.Module, metaclass=Meta):
    wrapper = {wrapper}

class Trunk(Base):
    def __init__(self, act):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 4), act)

    def forward(self, x):
        return self.net(x)

loss = F.cross_entropy(Trunk(act=nn.ReLU())(x), y)
"""


def test_a_metaclass_may_return_a_wrapper() -> None:
    assert domain(_WRAPPED.format(wrapper="WithHead")) is Domain.SCORES


def test_a_metaclass_may_return_the_instance() -> None:
    assert domain(_WRAPPED.format(wrapper="None")) is Domain.RECTIFIED


def test_a_metaclass_from_elsewhere_makes_instances() -> None:
    program = _WRAPPED.replace("metaclass=Meta", "metaclass=abc.ABCMeta").format(wrapper="WithHead")
    assert domain("import abc\n" + program) is Domain.RECTIFIED


_REGISTRY = """
HEADS = {}

def register(name):
    def add(cls):
        HEADS[name] = cls
        return cls
    return add
"""
_HEAD = """
from torch import nn
from registry import register

@register("{name}")
def make():
    return nn.Sequential(nn.Linear(4, 3), {last})
"""
_MAIN = HEADER + """
from registry import HEADS

loss = F.cross_entropy(HEADS["plain"]()(x), y)
"""


def test_an_entry_of_a_registry() -> None:
    files = {
        "registry.py": _REGISTRY,
        "one.py": _HEAD.format(name="plain", last="nn.Identity()"),
        "two.py": _HEAD.format(name="active", last="nn.Softmax(1)"),
        "main.py": _MAIN,
    }
    assert domains(files) == {Domain.SCORES}


def test_two_entries_of_one_name_are_not_told_apart() -> None:
    files = {
        "registry.py": _REGISTRY,
        "one.py": _HEAD.format(name="plain", last="nn.Identity()"),
        "two.py": _HEAD.format(name="plain", last="nn.Softmax(1)"),
        "main.py": _MAIN,
    }
    assert domains(files) == {Domain.UNKNOWN}


_LAYERS = """
class Layer(nn.Module):
    def __init__(self, size, out, act):
        super().__init__()
        self.linear, self.act = nn.Linear(size, out), act

    def forward(self, x):
        x = self.linear(x)
        return x if self.act is None else self.act(x)

def copied(blocks):
    found = []
    for block in blocks:
        found.append(block.to("cpu"))
    return found

class Net(nn.Module):
    def __init__(self, hidden, last, act):
        super().__init__()
        self.layers = nn.ModuleList([Layer(8, hidden, act), Layer(hidden, 3, last)])

    def forward(self, blocks, x):
        for layer, block in zip(self.layers, blocks):
            x = layer(x)
        return x

loss = F.cross_entropy(Net(16, {last}, F.relu)({blocks}, x), y)
"""


@pytest.mark.parametrize("blocks", ["blocks", "[block.to('cpu') for block in blocks]", "copied(blocks)"])
def test_layers_walked_through_beside_something_unknown(blocks: str) -> None:
    assert domains(_LAYERS.format(last="None", blocks=blocks)) == {Domain.SCORES}
    assert domains(_LAYERS.format(last="F.relu", blocks=blocks)) == {Domain.RECTIFIED}


def test_two_lists_of_unknown_length_are_not_cut_to_what_was_seen_of_them() -> None:
    program = _LAYERS.format(last="None", blocks="copied(blocks)").replace(
        "        self.layers = nn.ModuleList([Layer(8, hidden, act), Layer(hidden, 3, last)])",
        "        self.layers = nn.ModuleList([Layer(8, hidden, act)])\n"
        "        for _ in range(number):\n"
        "            self.layers.append(Layer(hidden, hidden, act))\n"
        "        self.layers.append(Layer(hidden, 3, last))",
    )
    assert Domain.RECTIFIED not in domains(program)
