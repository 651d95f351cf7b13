"""A tensor that is a standard deviation in one place and a variance in another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Judge = Callable[[str], None]

_HEAD = """\
from torch.distributions import Categorical, Laplace, Normal as Gaussian

mean, raw = nn.Linear(8, 1), nn.Linear(8, 2)
criterion = nn.GaussianNLLLoss()
"""


def _program(made: str, spread: str, variance: str, code: str = "LA114") -> str:
    return f"""{_HEAD}

def step(x, y):
    mu, sigma = mean(x), {made}
    beside = Gaussian(mu, {spread}).rsample()
    return criterion(mu, y, {variance}) + beside.mean()  # {code}
"""


@pytest.mark.parametrize("made", [
    "F.softplus(raw(x))", "raw(x).exp()", "torch.exp(raw(x)) + 1e-6", "nn.Softplus()(raw(x)).clamp(min=1e-4)",
])  # fmt: skip
@pytest.mark.parametrize("variance", ["sigma", "sigma.contiguous()", "sigma.view(-1, 2).float()", "sigma + 1e-6"])
def test_the_same_numbers(made: str, variance: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(_program(made, "scale=sigma", variance))


@pytest.mark.parametrize(("spread", "variance"), [
    ("sigma", "sigma ** 2"),
    ("sigma", "sigma.pow(2)"),
    ("sigma", "sigma * sigma"),
    ("sigma", "torch.square(sigma)"),
    ("sigma.sqrt()", "sigma"),
    ("torch.sqrt(sigma + 1e-6)", "sigma"),
    ("sigma ** 0.5", "sigma"),
    ("sigma + 1.0", "sigma"),
    ("sigma[:, 0]", "sigma[:, 1]"),
    ("sigma.chunk(2, 1)[0]", "sigma.chunk(2, 1)[1]"),
    ("F.softplus(raw(x))", "sigma"),  # another evaluation may be another head
])  # fmt: skip
def test_other_numbers(spread: str, variance: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(_program("F.softplus(raw(x))", spread, variance, ""))


def test_one_is_its_own_square(exactly_as_marked: Judge) -> None:
    exactly_as_marked(_program("torch.exp(torch.zeros_like(raw(x)))", "sigma", "sigma", ""))


def test_the_scale_of_another_distribution_is_no_standard_deviation(exactly_as_marked: Judge) -> None:
    exactly_as_marked(_program("F.softplus(raw(x))", "sigma", "sigma", "").replace("Gaussian(", "Laplace("))


@pytest.mark.parametrize(("condition", "code"), [("sampled", "LA114"), ("not likelihood", "")])
def test_uses_that_exclude_each_other(condition: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""{_HEAD}

def step(x, y, likelihood, sampled):
    mu, sigma = mean(x), F.softplus(raw(x))
    total = 0
    if likelihood:
        total = total + criterion(mu, y, sigma)  # {code}
    if {condition}:
        total = total - Gaussian(mu, sigma).log_prob(y).mean()
    return total
""")


def test_through_a_template_of_a_base_class(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
from torch.distributions import Normal


class Likelihood:
    def loss(self, output, target):
        made = self.parameters_of(output)
        return self.nll(made, target) + self.distribution(made).entropy().mean()


class Gaussian(Likelihood):
    def __init__(self):
        self.criterion = nn.GaussianNLLLoss()
        self.positive = nn.Softplus()

    def nll(self, made, target):
        mu, sigma = made
        return self.criterion(mu, target, sigma)  # LA114

    def distribution(self, made):
        return Normal(*made)

    def parameters_of(self, output):
        return output[..., 0], self.positive(output[..., 1])
""")
