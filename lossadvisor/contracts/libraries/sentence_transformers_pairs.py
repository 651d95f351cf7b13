"""Losses of sentence_transformers (6.2) for cross encoders: they run the model themselves, on pairs of texts."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="sentence_transformers.cross_encoder",
    exports=("sentence_transformers.cross_encoder.losses",),
    root="sentence_transformers.cross_encoder.losses",
    source="https://sbert.net/docs/package_reference/cross_encoder/losses.html",
)

CROSS_ENCODER: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "BinaryCrossEntropyLoss",
        module="binary_cross_entropy",
        constructor="model, activation_fn=..., pos_weight=None",
        call="inputs: input, labels: target, prompt=None, task=None",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.ANY,
        target=Want.UNIT_TARGET,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "CrossEntropyLoss",
        module="cross_entropy",
        constructor="model, activation_fn=...",
        call="inputs: input, labels: target, prompt=None, task=None",
        family=Family.CROSS_ENTROPY,
        prediction=Want.ANY,
        target=Want.CLASS_INDICES,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "MSELoss",
        module="mse",
        constructor="model, activation_fn=...",
        call="inputs: input, labels: target, prompt=None, task=None",
        family=Family.REGRESSION,
        prediction=Want.ANY,
        target=Want.REAL,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "MarginMSELoss",
        module="margin_mse",
        constructor="model, activation_fn=...",
        call="inputs: input, labels: target, prompt=None, task=None",
        family=Family.REGRESSION,
        prediction=Want.ANY,
        target=Want.ANY,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "MultipleNegativesRankingLoss",
        module="multiple_negatives_ranking",
        constructor="model, num_negatives=4, scale=10.0, activation_fn=...",
        call="inputs: input, labels: target, prompt=None, task=None",
        family=Family.CROSS_ENTROPY,
        prediction=Want.ANY,
        target=Want.ANY,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
)
