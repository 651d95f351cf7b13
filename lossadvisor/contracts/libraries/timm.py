"""Losses of timm (1.0): all take logits, with the class axis last."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Mismatch, Shapes
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="timm",
    exports=("timm.loss",),
    root="timm.loss",
    source="https://github.com/huggingface/pytorch-image-models/tree/main/timm/loss",
)

TIMM: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "LabelSmoothingCrossEntropy",
        module="cross_entropy",
        constructor="smoothing=0.1",
        call="x: input, target",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "SoftTargetCrossEntropy",
        module="cross_entropy",
        call="x: input, target",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.DISTRIBUTION,
        axis=-1,
        value_range=(0.0, None),
        mismatch=Mismatch.SILENT,
    ),
    loss(
        _PACKAGE,
        "BinaryCrossEntropy",
        module="binary_cross_entropy",
        constructor=(
            "smoothing=0.1, target_threshold=None, weight=None, reduction='mean', sum_classes=False, "
            "pos_weight=None, smooth_dense=False"
        ),
        call="x: input, target",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=-1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "AsymmetricLossMultiLabel",
        module="asymmetric_loss",
        constructor=(
            "gamma_neg=4, gamma_pos=1, clip=0.05, eps=1e-08, disable_torch_grad_focal_loss=False, smoothing=0.0, "
            "reduction='batchmean', weight=None, pos_weight=None"
        ),
        call="x: input, y: target",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=-1,
        reduction="batchmean",
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "AsymmetricLossSingleLabel",
        module="asymmetric_loss",
        constructor="gamma_pos=1, gamma_neg=4, eps=0.1, reduction='mean'",
        call="inputs: input, target, reduction=None",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "JsdCrossEntropy",
        module="jsd",
        constructor="num_splits=3, alpha=12, smoothing=0.1",
        call="output: input, target",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "PolyCrossEntropy",
        module="poly_loss",
        constructor="epsilon=2.0, smoothing=0.0, reduction='mean'",
        call="x: input, target",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES_OR_PROBABILITIES,
        axis=-1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "PolyBinaryCrossEntropy",
        module="poly_loss",
        constructor="epsilon=2.0, gamma=0.0, alpha=None, smoothing=0.0, reduction='mean'",
        call="x: input, target",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=-1,
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "TwoWayLoss",
        module="two_way_loss",
        constructor="tp=4.0, tn=1.0",
        call="x: input, target",
        family=Family.MARGIN,
        prediction=Want.MARGIN_SCORES,
        target=Want.UNIT_TARGET,
        axis=-1,
        reduction="own",
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "ZlprLoss",
        module="zlpr_loss",
        call="x: input, target",
        family=Family.MARGIN,
        prediction=Want.MARGIN_SCORES,
        target=Want.UNIT_TARGET,
        axis=-1,
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "DistributionBalancedLoss",
        module="distribution_balanced_loss",
        constructor=(
            "class_counts, num_samples, map_alpha=0.1, map_beta=10.0, map_mu=0.2, neg_scale=2.0, init_bias=0.05, "
            "focal_gamma=2.0, focal_balance=2.0, smoothing=0.0, reduction='mean'"
        ),
        call="x: input, target",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=-1,
    ),
)
