"""Functions, methods, closures, callers' arguments, defaults, generators."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain, domains, losses


@pytest.mark.parametrize(
    ("definitions", "expression", "expected"),
    [
        ("def net(x):\n    return lin(x).softmax(1)", "net(x)", Domain.PROBABILITIES),
        ("def net(x, act=torch.sigmoid):\n    return act(lin(x))", "net(x)", Domain.UNIT_INTERVAL),
        ("def net(x, act=torch.sigmoid):\n    return act(lin(x))", "net(x, act=torch.tanh)", Domain.SIGNED_UNIT),
        ("def net(x, act=torch.sigmoid):\n    return act(lin(x))", "net(x, nn.Softmax(1))", Domain.PROBABILITIES),
        ("def net(*args, **kw):\n    return inner(*args, **kw)\ndef inner(x, act):\n    return act(lin(x))",
         "net(x, act=torch.tanh)", Domain.SIGNED_UNIT),
        ("def make(act):\n    def run(x):\n        return act(lin(x))\n    return run", "make(torch.sigmoid)(x)",
         Domain.UNIT_INTERVAL),
        ("net = lambda x: lin(x).softmax(-1)", "net(x)", Domain.PROBABILITIES),
        ("from functools import partial\nsm = partial(F.softmax, dim=1)", "sm(lin(x))", Domain.PROBABILITIES),
        ("def both(x):\n    z = lin(x)\n    return z, z.softmax(1)", "both(x)[0]", Domain.SCORES),
        ("def both(x):\n    z = lin(x)\n    return {'z': z, 'p': z.softmax(1)}", "both(x)['p']", Domain.PROBABILITIES),
        ("def pick(x, p=False):\n    z = lin(x)\n    if p:\n        return z.softmax(1)\n    return z", "pick(x)",
         Domain.SCORES),
        ("def pick(x, p=False):\n    z = lin(x)\n    if p:\n        return z.softmax(1)\n    return z",
         "pick(x, p=True)", Domain.PROBABILITIES),
        ("def pick(x, kind=None):\n    z = lin(x)\n    return z if kind is None else z.softmax(1)", "pick(x)",
         Domain.SCORES),
        ("def pick(x, kind):\n    return ACTS[kind](lin(x))\nACTS = {'a': torch.sigmoid, 'b': torch.tanh}",
         "pick(x, 'b')", Domain.SIGNED_UNIT),
        ("def pick(name):\n    return getattr(torch, name)", "pick('sigmoid')(lin(x))", Domain.UNIT_INTERVAL),
        ("@torch.no_grad()\ndef net(x):\n    return lin(x).softmax(1)", "net(x)", Domain.PROBABILITIES),
        ("async def net(x):\n    return lin(x).softmax(1)", "net(x)", Domain.PROBABILITIES),
        ("def outs(x):\n    yield lin(x).softmax(1)", "next(iter(outs(x)))", Domain.PROBABILITIES),
        ("def rec(x, n):\n    return lin(x) if n == 0 else rec(x, n - 1)", "rec(x, 1)", Domain.SCORES),
        ("from dataclasses import dataclass\n@dataclass\nclass Out:\n    p: torch.Tensor\n    z: torch.Tensor\n"
         "def net(x):\n    z = lin(x)\n    return Out(p=z.softmax(1), z=z)", "net(x).z", Domain.SCORES),
        ("from collections import namedtuple\nOut = namedtuple('Out', 'p z')\n"
         "def net(x):\n    z = lin(x)\n    return Out(z.softmax(1), z)", "net(x).p", Domain.PROBABILITIES),
        ("def net(x):\n    z = lin(x)\n    if z.max() > 3:\n        raise ValueError\n    return z", "net(x)",
         Domain.SCORES),
    ],
)  # fmt: skip
def test_calls(definitions: str, expression: str, expected: Domain) -> None:
    program = f"lin = nn.Linear(8, 3)\n{definitions}\ndef step(x, y):\n    return F.cross_entropy({expression}, y)\n"
    assert domain(program) is expected


def test_a_callers_arguments_reach_the_loss() -> None:
    program = """
    def train(model, criterion, loader):
        for x, y in loader:
            criterion(model(x), y).backward()

    def main(loader):
        model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
        train(model, nn.CrossEntropyLoss(), loader)
    """
    assert domain(program) is Domain.PROBABILITIES
    assert losses(program) == {"torch.nn.CrossEntropyLoss"}


def test_two_callers_are_two_evaluations() -> None:
    program = """
    def train(model, criterion, x, y):
        return criterion(model(x), y)

    def main(x, y):
        train(nn.Linear(4, 3), nn.CrossEntropyLoss(), x, y)
        train(nn.Sequential(nn.Linear(4, 1), nn.Sigmoid()), nn.BCELoss(), x, y)
    """
    assert domains(program) == {Domain.SCORES, Domain.UNIT_INTERVAL}
    assert losses(program) == {"torch.nn.CrossEntropyLoss", "torch.nn.BCELoss"}


def test_a_function_that_nobody_calls_is_evaluated_with_unknown_arguments() -> None:
    program = """
    def train(model, x, y, criterion=nn.CrossEntropyLoss()):
        return criterion(F.softmax(model(x), dim=1), y)
    """
    assert domain(program) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    "criterion",
    [
        "nn.CrossEntropyLoss()",
        "torch.nn.CrossEntropyLoss(weight=None).to('cuda')",
        "nn.CrossEntropyLoss().cuda()",
        "F.cross_entropy",
        "nn.functional.cross_entropy",
        "LOSSES['ce']",
        "LOSSES['ce'] if True else None",
        "make('ce')",
        "getattr(nn, 'CrossEntropyLoss')()",
        "(lambda: nn.CrossEntropyLoss())()",
        "Criterion()",
        "Wrapped()",
    ],
)
def test_criteria(criterion: str) -> None:
    program = f"""
    class Criterion(nn.CrossEntropyLoss):
        pass

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.loss = nn.CrossEntropyLoss()
        def forward(self, a, b):
            return self.loss(a, b)

    LOSSES = dict(ce=nn.CrossEntropyLoss(), bce=nn.BCEWithLogitsLoss())
    def make(name):
        if name == "bce":
            return nn.BCEWithLogitsLoss()
        elif name == "ce":
            return nn.CrossEntropyLoss()
        raise ValueError(name)

    lin = nn.Linear(4, 3)
    criterion = {criterion}
    def step(x, y):
        return criterion(lin(x).softmax(1), y)
    """
    found = losses(program)
    assert {name.rsplit(".", 1)[-1] for name in found} <= {"CrossEntropyLoss", "cross_entropy"}
    assert domains(program) - {Domain.UNKNOWN} == {Domain.PROBABILITIES}  # Wrapped is looked at alone, too


@pytest.mark.parametrize(
    "use",
    [
        "optimizer.step(closure)",
        "engine.run(closure)",
        "return closure",
        "closure()",
    ],
)
def test_inner_functions_are_evaluated(use: str) -> None:
    program = f"""
    lin = nn.Linear(4, 1)
    def step(x, y, optimizer, engine):
        def closure():
            loss = F.binary_cross_entropy_with_logits(lin(x).sigmoid(), y)
            loss.backward()
            return loss
        {use}
    """
    assert domain(program) is Domain.UNIT_INTERVAL
