"""Contract of the Kullback-Leibler divergence of torch.nn (measured on torch 2.13)."""

from __future__ import annotations

from lossadvisor.contracts.model import Autocast, Contract, Family, Mismatch, Operator, Parameter, Port, Switch
from lossadvisor.contracts.naming import (
    DEPRECATED,
    FLOAT,
    INPUT,
    LEGACY,
    REDUCTION,
    TARGET,
    page,
    torch_class,
    torch_function,
)
from lossadvisor.contracts.wants import Want

P = Parameter

DIVERGENCE: tuple[Contract, ...] = (
    Contract(
        id="kl_div",
        classes=torch_class("KLDivLoss"),
        functionals=(*torch_function("kl_div"), "torch.kl_div"),
        constructor=(*LEGACY, REDUCTION, P("log_target", False)),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, *LEGACY, REDUCTION, P("log_target", False)),
        operators=(
            Operator(
                "torch.kl_div",
                (INPUT, TARGET, P("reduction", 1), P("log_target", False, keyword_only=True)),
            ),
        ),
        ports=(
            Port("input", Want.LOG_PROBABILITIES, "prediction", dtypes=FLOAT),
            Port("target", Want.DISTRIBUTION, "target", dtypes=FLOAT),
        ),
        switches=(Switch("log_target", True, "target", Want.LOG_DISTRIBUTION),),
        source=page("KLDivLoss"),
        family=Family.DIVERGENCE,
        deprecated=DEPRECATED,
        reductions=("none", "mean", "sum", "batchmean"),
        mismatch=Mismatch.SILENT,
        autocast=Autocast.FLOAT32,
    ),
)
