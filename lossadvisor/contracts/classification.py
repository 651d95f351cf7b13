"""Contracts of the classification losses of torch.nn (measured on torch 2.13)."""

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
_WEIGHTED = (P("weight"), P("size_average"), P("ignore_index", -100), P("reduce"), REDUCTION)
_HEAD_TARGET = Port("target", Want.CLASS_INDICES_OR_PROBABILITIES, "target", dtypes=NUMBER)

CLASSIFICATION: tuple[Contract, ...] = (
    Contract(
        id="cross_entropy",
        classes=torch_class("CrossEntropyLoss"),
        functionals=torch_function("cross_entropy"),
        constructor=(*_WEIGHTED, P("label_smoothing", 0.0)),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, *_WEIGHTED, P("label_smoothing", 0.0)),
        ports=(
            Port("input", Want.LOGITS, "prediction", class_axis=1, dtypes=FLOAT),
            Port("target", Want.CLASS_INDICES_OR_PROBABILITIES, "target", class_axis=1, dtypes=NUMBER),
        ),
        source=page("CrossEntropyLoss"),
        family=Family.CROSS_ENTROPY,
        plain=True,
        deprecated=DEPRECATED,
        shapes=Shapes.CLASSES_OR_EQUAL,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="nll",
        classes=(*torch_class("NLLLoss"), *torch_class("NLLLoss2d")),
        functionals=(*torch_function("nll_loss"), *torch_function("nll_loss2d")),  # the latter gone since torch 1.0
        constructor=_WEIGHTED,
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, *_WEIGHTED),
        ports=(
            Port("input", Want.LOG_PROBABILITIES, "prediction", class_axis=1, dtypes=FLOAT),
            Port("target", Want.CLASS_INDICES, "target", dtypes=INTEGER),
        ),
        source=page("NLLLoss"),
        family=Family.NLL,
        plain=True,
        stable_twin="cross_entropy",
        deprecated=DEPRECATED,
        shapes=Shapes.CLASSES,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="bce",
        classes=torch_class("BCELoss"),
        functionals=torch_function("binary_cross_entropy"),
        constructor=(P("weight"), *LEGACY, REDUCTION),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, P("weight"), *LEGACY, REDUCTION),
        ports=(
            Port("input", Want.ELEMENT_PROBABILITIES, "prediction", dtypes=FLOAT),
            Port("target", Want.UNIT_TARGET, "target", dtypes=FLOAT),
        ),
        source=page("BCELoss"),
        family=Family.BCE,
        plain=True,
        stable_twin="bce_with_logits",
        deprecated=DEPRECATED,
        value_range=(0.0, 100.0),  # the logarithm is cut at -100
        mismatch=Mismatch.RAISES,
        autocast=Autocast.RAISES,
    ),
    Contract(
        id="bce_with_logits",
        classes=torch_class("BCEWithLogitsLoss"),
        functionals=(
            *torch_function("binary_cross_entropy_with_logits"),
            "torch.binary_cross_entropy_with_logits",
        ),
        constructor=(P("weight"), *LEGACY, REDUCTION, P("pos_weight")),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, P("weight"), *LEGACY, REDUCTION, P("pos_weight")),
        operators=(
            Operator(
                "torch.binary_cross_entropy_with_logits",
                (INPUT, TARGET, P("weight"), P("pos_weight"), P("reduction", 1)),
            ),
        ),
        ports=(
            Port("input", Want.BINARY_LOGITS, "prediction", dtypes=FLOAT),
            Port("target", Want.UNIT_TARGET, "target", dtypes=FLOAT),
        ),
        source=page("BCEWithLogitsLoss"),
        family=Family.BCE_WITH_LOGITS,
        plain=True,
        deprecated=DEPRECATED,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="linear_cross_entropy",
        classes=torch_class("LinearCrossEntropyLoss"),
        functionals=torch_function("linear_cross_entropy"),
        constructor=(
            P("in_features", required=True),
            P("num_classes", required=True),
            P("out_features", keyword_only=True, opaque=True),  # the empty tuple
            P("bias", False, keyword_only=True),
            P("device", keyword_only=True),
            P("dtype", keyword_only=True),
            P("reduction", "mean", keyword_only=True),
            P("weight", keyword_only=True),
            P("ignore_index", keyword_only=True),
            P("label_smoothing", 0.0, keyword_only=True),
            P("options", keyword_only=True),
        ),
        call=(INPUT, TARGET),
        function=(
            INPUT,
            P("linear_weight", required=True),
            TARGET,
            P("linear_bias", keyword_only=True),
            P("weight", keyword_only=True),
            P("reduction", "mean", keyword_only=True),
            P("ignore_index", keyword_only=True),
            P("label_smoothing", 0.0, keyword_only=True),
            P("options", keyword_only=True),
        ),
        ports=(
            Port("input", Want.FEATURES, "prediction", dtypes=FLOAT),
            _HEAD_TARGET,
            Port("linear_weight", Want.ANY, "other", dtypes=FLOAT),
        ),
        source=page("LinearCrossEntropyLoss"),
        family=Family.CROSS_ENTROPY,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="adaptive_log_softmax",
        classes=("torch.nn.AdaptiveLogSoftmaxWithLoss", "torch.nn.modules.adaptive.AdaptiveLogSoftmaxWithLoss"),
        functionals=(),
        constructor=(
            P("in_features", required=True), P("n_classes", required=True), P("cutoffs", required=True),
            P("div_value", 4.0), P("head_bias", False), P("device"), P("dtype"),
        ),
        call=(P("input_", required=True, port="input"), P("target_", required=True, port="target")),
        function=(),
        ports=(
            Port("input", Want.FEATURES, "prediction", dtypes=FLOAT),
            Port("target", Want.CLASS_INDICES, "target", dtypes=INTEGER),
        ),
        source=page("AdaptiveLogSoftmaxWithLoss"),
        family=Family.CROSS_ENTROPY,
        reductions=("mean",),
        shapes=Shapes.ROWS,
        mismatch=Mismatch.RAISES,
    ),
)
