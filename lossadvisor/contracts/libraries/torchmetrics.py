"""Metrics of torchmetrics (1.9) that read probabilities or logits one way only. They are no training losses."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_LOGARITHMS = (
    Switch("log_prob", True, "input", Want.LOG_PROBABILITIES),
    Switch("log_prob", True, "target", Want.LOG_DISTRIBUTION),
)
_TEXT = Package(
    name="torchmetrics",
    exports=("torchmetrics.text",),
    root="torchmetrics.text",
    source="https://lightning.ai/docs/torchmetrics/stable/text/perplexity.html",
)
_REGRESSION = Package(
    name="torchmetrics",
    exports=("torchmetrics", "torchmetrics.regression"),
    root="torchmetrics.regression",
    source="https://lightning.ai/docs/torchmetrics/stable/regression/kl_divergence.html",
)

TORCHMETRICS: tuple[Contract, ...] = (
    loss(
        _TEXT,
        "Perplexity",
        module="perplexity",
        constructor="ignore_index=None",
        call="preds: input, target",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        target_dtypes=INTEGER,
        reduction="own",
        value_range=(1.0, None),
        shapes=Shapes.OWN,
    ),
    loss(  # the data come first here, unlike in torch's kl_div
        _REGRESSION,
        "KLDivergence",
        module="kl_divergence",
        constructor="log_prob=False, reduction='mean'",
        call="p: target, q: input",
        family=Family.DIVERGENCE,
        prediction=Want.CLASS_PROBABILITIES,
        target=Want.DISTRIBUTION,
        axis=-1,
        switches=_LOGARITHMS,
        value_range=(0.0, None),
    ),
    loss(
        _REGRESSION,
        "JensenShannonDivergence",
        module="js_divergence",
        constructor="log_prob=False, reduction='mean'",
        call="p: target, q: input",
        family=Family.DIVERGENCE,
        prediction=Want.CLASS_PROBABILITIES,
        target=Want.DISTRIBUTION,
        axis=-1,
        switches=_LOGARITHMS,
        value_range=(0.0, 0.6931471805599453),
    ),
)
