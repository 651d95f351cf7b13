"""Contracts of the losses of torch.nn that compare scores by a margin (measured on torch 2.13)."""

from __future__ import annotations

from lossadvisor.contracts.model import Autocast, Contract, Family, Mismatch, Operator, Parameter, Port, Shapes
from lossadvisor.contracts.naming import (
    DEPRECATED,
    FLOAT,
    INPUT,
    INTEGER,
    LEGACY,
    NUMBER,
    REDUCTION,
    TARGET,
    page,
    torch_class,
    torch_function,
)
from lossadvisor.contracts.wants import Want

P = Parameter
_MULTI = (P("p", 1), P("margin", 1.0), P("weight"), *LEGACY, REDUCTION)
_PAIR = (P("input1", required=True), P("input2", required=True), TARGET)

MARGIN: tuple[Contract, ...] = (
    Contract(
        id="soft_margin",
        classes=torch_class("SoftMarginLoss"),
        functionals=torch_function("soft_margin_loss"),
        constructor=(*LEGACY, REDUCTION),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, *LEGACY, REDUCTION),
        ports=(
            Port("input", Want.MARGIN_SCORES, "prediction", dtypes=FLOAT),
            Port("target", Want.SIGN_TARGET, "target", dtypes=NUMBER),
        ),
        source=page("SoftMarginLoss"),
        family=Family.SOFT_MARGIN,
        plain=True,
        stable_twin="bce_with_logits",
        deprecated=DEPRECATED,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="multilabel_soft_margin",
        classes=torch_class("MultiLabelSoftMarginLoss"),
        functionals=torch_function("multilabel_soft_margin_loss"),
        constructor=(P("weight"), *LEGACY, REDUCTION),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, P("weight"), *LEGACY, REDUCTION),
        ports=(
            Port("input", Want.BINARY_LOGITS, "prediction", class_axis=-1, dtypes=FLOAT),
            Port("target", Want.UNIT_TARGET, "target", dtypes=NUMBER),
        ),
        source=page("MultiLabelSoftMarginLoss"),
        family=Family.BCE_WITH_LOGITS,
        plain=True,
        stable_twin="bce_with_logits",
        deprecated=DEPRECATED,
        mismatch=Mismatch.SILENT,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="multi_margin",
        classes=torch_class("MultiMarginLoss"),
        functionals=torch_function("multi_margin_loss"),
        constructor=_MULTI,
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, *_MULTI),
        ports=(
            Port("input", Want.MARGIN_SCORES, "prediction", class_axis=1, dtypes=FLOAT),
            Port("target", Want.CLASS_INDICES, "target", dtypes=INTEGER),
        ),
        source=page("MultiMarginLoss"),
        family=Family.MARGIN,
        deprecated=DEPRECATED,
        shapes=Shapes.ROWS,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="multilabel_margin",
        classes=torch_class("MultiLabelMarginLoss"),
        functionals=torch_function("multilabel_margin_loss"),
        constructor=(*LEGACY, REDUCTION),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, *LEGACY, REDUCTION),
        ports=(
            Port("input", Want.MARGIN_SCORES, "prediction", class_axis=1, dtypes=FLOAT),
            Port("target", Want.INDEX_LIST, "target", dtypes=INTEGER),
        ),
        source=page("MultiLabelMarginLoss"),
        family=Family.MARGIN,
        deprecated=DEPRECATED,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="margin_ranking",
        classes=torch_class("MarginRankingLoss"),
        functionals=(*torch_function("margin_ranking_loss"), "torch.margin_ranking_loss"),
        constructor=(P("margin", 0.0), *LEGACY, REDUCTION),
        call=_PAIR,
        function=(*_PAIR, P("margin", 0.0), *LEGACY, REDUCTION),
        operators=(Operator("torch.margin_ranking_loss", (*_PAIR, P("margin", 0.0), P("reduction", 1))),),
        ports=(  # any monotone scores may be ranked, squashed ones as well
            Port("input1", Want.REAL, "prediction", dtypes=FLOAT),
            Port("input2", Want.REAL, "other", dtypes=FLOAT),
            Port("target", Want.SIGN_TARGET, "target", dtypes=NUMBER),
        ),
        source=page("MarginRankingLoss"),
        family=Family.MARGIN,
        deprecated=DEPRECATED,
        mismatch=Mismatch.RAISES,
    ),
)
