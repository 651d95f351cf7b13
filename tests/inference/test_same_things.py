"""Classes and functions compared: which branch is taken where that is certain, both where it is not."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain, domains

_PROGRAM = """
def built(kind):
    if {test}:
        return nn.Softmax(dim=1)
    return nn.LogSoftmax(dim=1)

loss = F.cross_entropy(nn.Sequential(nn.Linear(4, 3), built({given}))(x), y)
"""


@pytest.mark.parametrize(
    ("test", "given", "taken"),
    [
        ("kind in [nn.ReLU, nn.Softmax]", "nn.Softmax", Domain.PROBABILITIES),
        ("kind in (nn.ReLU, nn.GELU)", "nn.Softmax", Domain.LOG_PROBABILITIES),
        ("kind is nn.Softmax", "nn.Softmax", Domain.PROBABILITIES),
        ("kind == nn.Tanh", "nn.Softmax", Domain.LOG_PROBABILITIES),
        ("kind is not built", "nn.Softmax", Domain.PROBABILITIES),
        ("kind is built", "built", Domain.PROBABILITIES),
        ("kind == 'softmax'", "built", Domain.LOG_PROBABILITIES),
        ("kind is str", "str", Domain.PROBABILITIES),
        ("kind is int", "str", Domain.LOG_PROBABILITIES),
    ],
)
def test_a_certain_comparison_takes_one_branch(test: str, given: str, taken: Domain) -> None:
    assert domain(_PROGRAM.format(test=test, given=given)) is taken


@pytest.mark.parametrize(
    ("test", "given"),
    [
        ("kind is torch.float32", "torch.float"),  # two names of one dtype
        ("kind in [torch.float32, torch.float16]", "torch.half"),
        ("kind is nn.Softmax", "nn.modules.activation.Softmax"),
    ],
)
def test_two_names_may_be_one_thing(test: str, given: str) -> None:
    found = domains(_PROGRAM.format(test=test, given=given))
    assert found == {Domain.PROBABILITIES, Domain.LOG_PROBABILITIES}
