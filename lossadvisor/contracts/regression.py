"""Contracts of the regression losses of torch.nn (measured on torch 2.13)."""

from __future__ import annotations

from lossadvisor.contracts.model import Autocast, Contract, Family, Mismatch, Parameter, Port
from lossadvisor.contracts.naming import (
    DEPRECATED,
    FLOAT,
    INPUT,
    LEGACY,
    NUMBER,
    REDUCTION,
    TARGET,
    page,
    torch_class,
    torch_function,
)
from lossadvisor.contracts.wants import Want
from lossadvisor.values import Dtype

P = Parameter


def _regression(
    name: str,
    *,
    cls: str,
    function: str,
    constructor: tuple[Parameter, ...],
    parameters: tuple[Parameter, ...],
    target: tuple[Dtype, ...],
) -> Contract:
    """One element-wise distance between real numbers; all of them warn when a shape is broadcast."""
    return Contract(
        id=name,
        classes=torch_class(cls),
        functionals=torch_function(function),
        constructor=constructor,
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, *parameters),
        ports=(
            Port("input", Want.REAL, "prediction", dtypes=FLOAT),
            Port("target", Want.REAL, "target", dtypes=target),
        ),
        source=page(cls),
        family=Family.REGRESSION,
        deprecated=tuple(p.name for p in constructor if p.name in DEPRECATED),
        mismatch=Mismatch.WARNS,
        autocast=Autocast.FLOAT32,
    )


REGRESSION: tuple[Contract, ...] = (
    _regression(
        "l1",
        cls="L1Loss",
        function="l1_loss",
        constructor=(*LEGACY, REDUCTION),
        parameters=(*LEGACY, REDUCTION, P("weight")),
        target=NUMBER,
    ),
    _regression(
        "mse",
        cls="MSELoss",
        function="mse_loss",
        constructor=(*LEGACY, REDUCTION),
        parameters=(*LEGACY, REDUCTION, P("weight")),
        target=(),
    ),
    _regression(
        "smooth_l1",
        cls="SmoothL1Loss",
        function="smooth_l1_loss",
        constructor=(*LEGACY, REDUCTION, P("beta", 1.0)),
        parameters=(*LEGACY, REDUCTION, P("beta", 1.0)),
        target=(),
    ),
    _regression(
        "huber",
        cls="HuberLoss",
        function="huber_loss",
        constructor=(REDUCTION, P("delta", 1.0)),
        parameters=(REDUCTION, P("delta", 1.0), P("weight")),
        target=FLOAT,  # other kinds pass forward and fail in backward
    ),
)
