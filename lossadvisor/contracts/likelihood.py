"""Contracts of the Gaussian and Poisson likelihoods of torch.nn (measured on torch 2.13)."""

from __future__ import annotations

from lossadvisor.contracts.model import Autocast, Contract, Family, Mismatch, Operator, Parameter, Port, Switch
from lossadvisor.contracts.naming import (
    DEPRECATED,
    FLOAT,
    INPUT,
    NUMBER,
    REDUCTION,
    TARGET,
    page,
    torch_class,
    torch_function,
)
from lossadvisor.contracts.wants import Want

P = Parameter
_POISSON = (
    P("log_input", True), P("full", False), P("size_average"), P("eps", 1e-8), P("reduce"), REDUCTION,
)  # fmt: skip

LIKELIHOOD: tuple[Contract, ...] = (
    Contract(
        id="gaussian_nll",
        classes=torch_class("GaussianNLLLoss"),
        functionals=torch_function("gaussian_nll_loss"),
        constructor=(
            P("full", False, keyword_only=True),
            P("eps", 1e-6, keyword_only=True),
            P("reduction", "mean", keyword_only=True),
        ),
        call=(INPUT, TARGET, P("var", required=True)),
        function=(INPUT, TARGET, P("var", required=True), P("full", False), P("eps", 1e-6), REDUCTION),
        ports=(
            Port("input", Want.REAL, "prediction", dtypes=FLOAT),
            Port("target", Want.REAL, "target", dtypes=NUMBER),
            Port("var", Want.VARIANCE, "other", dtypes=FLOAT),
        ),
        source=page("GaussianNLLLoss"),
        family=Family.LIKELIHOOD,
        value_range=(-6.907755278982137, None),  # half the logarithm of the default eps
        mismatch=Mismatch.SILENT,
    ),
    Contract(
        id="poisson_nll",
        classes=torch_class("PoissonNLLLoss"),
        functionals=(*torch_function("poisson_nll_loss"), "torch.poisson_nll_loss"),
        constructor=_POISSON,
        call=(P("log_input", required=True, port="input"), TARGET),  # forward calls its rate log_input, too
        function=(INPUT, TARGET, *_POISSON),
        operators=(
            Operator(
                "torch.poisson_nll_loss",
                (
                    INPUT, TARGET, P("log_input", required=True), P("full", required=True),
                    P("eps", required=True), P("reduction", required=True),
                ),
            ),
        ),
        ports=(
            Port("input", Want.LOG_RATE, "prediction", dtypes=FLOAT),
            Port("target", Want.COUNT_TARGET, "target"),
        ),
        switches=(Switch("log_input", False, "input", Want.RATE),),
        source=page("PoissonNLLLoss"),
        family=Family.LIKELIHOOD,
        deprecated=DEPRECATED,
        value_range=(None, None),  # the mean of t - t log t bounds it from below
        mismatch=Mismatch.SILENT,
        autocast=Autocast.FLOAT32,
    ),
)
