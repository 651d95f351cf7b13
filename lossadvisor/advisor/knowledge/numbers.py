"""Rows of regression, counts and quantiles."""

from __future__ import annotations

from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge.links import DISTRIBUTIONS, MSE, NN, PINBALL, SOFTPLUS
from lossadvisor.advisor.model import Recipe
from lossadvisor.advisor.model import Statement as S
from lossadvisor.advisor.traits import Trait as T
from lossadvisor.values import Domain

_POISSON, _GAUSS, _HUBER, _SMOOTH, _L1 = (
    NN[name] for name in ("PoissonNLLLoss", "GaussianNLLLoss", "HuberLoss", "SmoothL1Loss", "L1Loss")
)
_REAL = Domain.REAL


def _number(page: str) -> S:
    return S("one number per target, a Linear layer without activation", page)


def _same_shape(page: str) -> S:
    return S("float of exactly the shape of the prediction (squeeze the (N, 1) output), standardised", page)


def _value(page: str) -> S:
    return S("the output is the prediction; undo the standardisation", page)


NUMBERS: tuple[Recipe, ...] = (
    Recipe(
        "regression-mse", Task.REGRESSION, "MSELoss", "mse",
        S("the default; its minimum is the mean of the target given the input", MSE),
        _number(MSE), _same_shape(MSE), _value(MSE), "the mean square of the targets", "0 (the noise of the target)",
        _REAL, _REAL,
    ),
    Recipe(
        "regression-huber", Task.REGRESSION, "HuberLoss with delta written out", "huber",
        S("squared near zero and linear beyond delta, so that outliers pull less; delta times SmoothL1 of the same "
          "size",
          _HUBER),
        _number(_HUBER), _same_shape(_HUBER), _value(_HUBER), "the Huber loss of predicting 0", "0", _REAL, _REAL,
        prefers=frozenset({T.OUTLIERS}),
    ),
    Recipe(
        "regression-smooth-l1", Task.REGRESSION, "SmoothL1Loss with beta written out", "smooth_l1",
        S("Huber divided by its threshold: the slope far away is 1 whatever beta is", _SMOOTH),
        _number(_SMOOTH), _same_shape(_SMOOTH), _value(_SMOOTH), "the SmoothL1 loss of predicting 0", "0", _REAL, _REAL,
        needs=frozenset({T.OUTLIERS}), prefers=frozenset({T.OUTLIERS}),
    ),
    Recipe(
        "regression-l1", Task.REGRESSION, "L1Loss", "l1",
        S("its minimum is the median, which outliers do not move; no smooth minimum, so decay the learning rate", _L1),
        _number(_L1), _same_shape(_L1), _value(_L1), "the mean absolute target", "0", _REAL, _REAL,
    ),
    Recipe(
        "regression-gaussian", Task.REGRESSION, "Mean and variance with GaussianNLLLoss", "gaussian_nll",
        S("learns how uncertain each prediction is; the third argument is a variance, neither its logarithm nor a "
          "standard deviation", _GAUSS),
        S("two numbers: a mean without activation and a variance made positive by softplus plus a small constant",
          SOFTPLUS),
        _same_shape(_GAUSS), S("the mean; the square root of the variance is the standard deviation", _GAUSS),
        "the negative log-likelihood of mean 0 and variance softplus(0)", "the noise itself; it may be negative",
        _REAL, _REAL, needs=frozenset({T.UNCERTAINTY}), prefers=frozenset({T.UNCERTAINTY}),
    ),
    Recipe(
        "count-poisson", Task.COUNT, "Log-rate with PoissonNLLLoss(log_input=True)", "poisson_nll",
        S("counts are not negative and spread with their mean; the logarithm of the rate needs no constraint",
        _POISSON),
        S("the logarithm of the rate: a Linear layer without activation", _POISSON),
        S("float counts 0, 1, 2, ... of the shape of the output", _POISSON),
        S("exp(output) is the expected count", _POISSON), "1 (without the constant of the factorial)",
        "rate - count * ln rate at the true rate; it may be negative", Domain.SCORES, _REAL,
    ),
    Recipe(
        "count-rate", Task.COUNT, "Positive rate with PoissonNLLLoss(log_input=False)", "poisson_nll",
        S("when the model outputs the rate itself; log_input must say so", _POISSON),
        S("a positive rate: Linear followed by Softplus", SOFTPLUS),
        S("float counts 0, 1, 2, ... of the shape of the output", _POISSON), S("the output is the expected count",
        _POISSON),
        "the loss of the rate ln 2", "rate - count * ln rate at the true rate; it may be negative",
        Domain.NON_NEGATIVE, _REAL,
    ),
    Recipe(
        "count-negative-binomial", Task.COUNT, "Negative binomial likelihood", None,
        S("for counts whose variance exceeds their mean; torch has the distribution, not a loss", DISTRIBUTIONS),
        S("the logarithm of the rate, and one learnt dispersion", DISTRIBUTIONS),
        S("float counts 0, 1, 2, ...", DISTRIBUTIONS), S("distribution.mean is the expected count", DISTRIBUTIONS),
        "(count + 1) ln 2 on average", "the negative log-likelihood at the true rate", Domain.SCORES, _REAL,
        needs=frozenset({T.OUTLIERS}), prefers=frozenset({T.OUTLIERS}),
    ),
    Recipe(
        "quantile-pinball", Task.QUANTILE, "Pinball loss for several quantiles", None,
        S("its minimum is the quantile: max(q * error, (q - 1) * error); torch has no such loss", PINBALL),
        S("one number per quantile, no activation", PINBALL),
        S("float (N,), unsqueezed to (N, 1) so that it meets all (N, Q) quantiles", PINBALL),
        S("sort the outputs so that quantiles do not cross", PINBALL), "the pinball loss of predicting 0",
        "the pinball loss of the true quantiles", _REAL, _REAL,
    ),
    Recipe(
        "quantile-median", Task.QUANTILE, "L1Loss, for the median alone", "l1",
        S("the pinball loss of q = 0.5 is half the absolute error", _L1),
        _number(_L1), _same_shape(_L1), _value(_L1), "the mean absolute target", "0", _REAL, _REAL,
    ),
)
