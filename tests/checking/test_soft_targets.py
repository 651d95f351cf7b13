"""LA207 at a cross-entropy against a distribution that is written out, and silence at what is written alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Judge = Callable[[str], None]

_NETS = """
other = nn.Linear(4, 3)

"""


@pytest.mark.parametrize(
    "program",
    [
        # The teacher learns as well.
        """
def step(x, y):
    target = F.softmax(other(y), dim=1)
    return -(target * F.log_softmax(model(x), dim=1)).sum(1).mean()  # LA207 likely
""",
        """
def step(x, y):
    loss = torch.sum(-F.softmax(other(y), 1) * F.log_softmax(model(x), 1), dim=1).mean()  # LA207 likely
    loss.backward()
""",
        # One network on two views: each trains the other.
        """
def consistency(x, y):
    return -(F.softmax(model(x), 1) * F.log_softmax(model(y), 1)).sum(1).mean()  # LA207 likely
""",
        # By way of a helper, one of two terms, with similarities as scores.
        """
def soft(scores, target):
    return (-target * nn.LogSoftmax(-1)(scores)).sum(1)  # LA207 likely


def step(x, y):
    a, b = model(x), other(y)
    first = soft(a @ b.T, F.softmax(a @ a.T, dim=-1))
    return ((first + F.cross_entropy(b @ a.T, torch.arange(8))) / 2).mean()
""",
    ],
)
def test_the_target_learns(program: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(_NETS + program)


@pytest.mark.parametrize(
    "program",
    [
        # Entropies: of the same scores, at another temperature, of scores without a layer of their own.
        """
def entropy(x):
    scores = model(x)
    return -(F.softmax(scores, 1) * F.log_softmax(scores, 1)).sum(1).mean()
""",
        """
def entropy(x):
    scores = model(x)
    return -(F.softmax(scores / 2, 1) * F.log_softmax(scores, 1)).sum(1).mean()
""",
        """
def entropy(x, y):
    scores = model(x) @ other(y).T
    return -(F.softmax(scores, 1) * F.log_softmax(scores, 1)).sum(1).mean()
""",
        # Nothing learns in the target.
        """
def step(x, y):
    with torch.no_grad():
        target = F.softmax(other(y), dim=1)
    return -(target * F.log_softmax(model(x), dim=1)).sum(1).mean()
""",
        """
def step(x, y):
    return -(F.softmax(other(y), dim=1).detach() * F.log_softmax(model(x), dim=1)).sum(1).mean()
""",
        """
def step(x, y):
    return -(F.softmax(y, dim=1) * F.log_softmax(model(x), dim=1)).sum(1).mean()
""",
        # No loss: an expectation, weights over another axis.
        """
def expected(x, y):
    return (F.softmax(other(y), dim=1) * F.log_softmax(model(x), dim=1)).sum(1).mean()
""",
        """
def mixed(x, y):
    return -(F.softmax(other(y), dim=0) * F.log_softmax(model(x), dim=1)).sum(1).mean()
""",
    ],
)
def test_what_is_written_alike(program: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(_NETS + program)
