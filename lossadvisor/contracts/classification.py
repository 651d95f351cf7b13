"""Contracts of the classification losses of torch.nn (measured on torch 2.13)."""

from __future__ import annotations

from lossadvisor.contracts.model import Contract, Parameter, Port, Switch
from lossadvisor.contracts.wants import Want

P = Parameter
_DOCS = "https://docs.pytorch.org/docs/stable/generated/"
_INPUT, _TARGET = P("input", required=True), P("target", required=True)
_LEGACY = (P("size_average"), P("reduce"))


def _loss(name: str, functional: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (f"torch.nn.{name}", f"torch.nn.modules.loss.{name}"), (f"torch.nn.functional.{functional}",)


_CE, _CE_F = _loss("CrossEntropyLoss", "cross_entropy")
_NLL, _NLL_F = _loss("NLLLoss", "nll_loss")
_BCE, _BCE_F = _loss("BCELoss", "binary_cross_entropy")
_BCEL, _BCEL_F = _loss("BCEWithLogitsLoss", "binary_cross_entropy_with_logits")
_KL, _KL_F = _loss("KLDivLoss", "kl_div")

CLASSIFICATION: tuple[Contract, ...] = (
    Contract(
        id="cross_entropy",
        classes=_CE,
        functionals=_CE_F,
        constructor=(
            P("weight"), P("size_average"), P("ignore_index", -100), P("reduce"), P("reduction", "mean"),
            P("label_smoothing", 0.0),
        ),
        call=(_INPUT, _TARGET),
        function=(
            _INPUT, _TARGET, P("weight"), P("size_average"), P("ignore_index", -100), P("reduce"),
            P("reduction", "mean"), P("label_smoothing", 0.0),
        ),
        ports=(
            Port("input", Want.LOGITS, "prediction", class_axis=1),
            Port("target", Want.CLASS_INDICES_OR_PROBABILITIES, "target", class_axis=1),
        ),
        source=_DOCS + "torch.nn.CrossEntropyLoss.html",
        deprecated=("size_average", "reduce"),
    ),
    Contract(
        id="nll",
        classes=(*_NLL, "torch.nn.NLLLoss2d", "torch.nn.modules.loss.NLLLoss2d"),
        functionals=(*_NLL_F, "torch.nn.functional.nll_loss2d"),
        constructor=(P("weight"), P("size_average"), P("ignore_index", -100), P("reduce"), P("reduction", "mean")),
        call=(_INPUT, _TARGET),
        function=(
            _INPUT, _TARGET, P("weight"), P("size_average"), P("ignore_index", -100), P("reduce"),
            P("reduction", "mean"),
        ),
        ports=(
            Port("input", Want.LOG_PROBABILITIES, "prediction", class_axis=1),
            Port("target", Want.CLASS_INDICES, "target"),
        ),
        source=_DOCS + "torch.nn.NLLLoss.html",
        stable_twin="cross_entropy",
        deprecated=("size_average", "reduce"),
    ),
    Contract(
        id="bce",
        classes=_BCE,
        functionals=_BCE_F,
        constructor=(P("weight"), *_LEGACY, P("reduction", "mean")),
        call=(_INPUT, _TARGET),
        function=(_INPUT, _TARGET, P("weight"), *_LEGACY, P("reduction", "mean")),
        ports=(
            Port("input", Want.ELEMENT_PROBABILITIES, "prediction"),
            Port("target", Want.UNIT_TARGET, "target"),
        ),
        source=_DOCS + "torch.nn.BCELoss.html",
        stable_twin="bce_with_logits",
        deprecated=("size_average", "reduce"),
    ),
    Contract(
        id="bce_with_logits",
        classes=_BCEL,
        functionals=_BCEL_F,
        constructor=(P("weight"), *_LEGACY, P("reduction", "mean"), P("pos_weight")),
        call=(_INPUT, _TARGET),
        function=(_INPUT, _TARGET, P("weight"), *_LEGACY, P("reduction", "mean"), P("pos_weight")),
        ports=(
            Port("input", Want.BINARY_LOGITS, "prediction"),
            Port("target", Want.UNIT_TARGET, "target"),
        ),
        source=_DOCS + "torch.nn.BCEWithLogitsLoss.html",
        deprecated=("size_average", "reduce"),
    ),
    Contract(
        id="kl_div",
        classes=_KL,
        functionals=(*_KL_F, "torch.kl_div"),
        constructor=(*_LEGACY, P("reduction", "mean"), P("log_target", False)),
        call=(_INPUT, _TARGET),
        function=(_INPUT, _TARGET, *_LEGACY, P("reduction", "mean"), P("log_target", False)),
        ports=(
            Port("input", Want.LOG_PROBABILITIES, "prediction"),
            Port("target", Want.DISTRIBUTION, "target"),
        ),
        switches=(Switch("log_target", True, "target", Want.LOG_DISTRIBUTION),),
        source=_DOCS + "torch.nn.KLDivLoss.html",
        deprecated=("size_average", "reduce"),
    ),
)
