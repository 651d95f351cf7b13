"""Losses of segmentation_models_pytorch (0.6): `mode` tells the target apart, `from_logits` the prediction."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import FLOAT, INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="segmentation_models_pytorch",
    exports=("segmentation_models_pytorch.losses",),
    root="segmentation_models_pytorch.losses",
    source="https://smp.readthedocs.io/en/latest/losses.html",
)

_MULTICLASS = (("mode", "multiclass"),)
_INDICES = Switch("mode", "multiclass", "target", Want.CLASS_INDICES)
_MODES = (
    Switch("from_logits", False, "input", Want.PROBABILITIES),
    Switch("from_logits", True, "input", Want.LOGITS, given=_MULTICLASS),
    _INDICES,
)
_FOCAL_MODES = (
    Switch("from_logits", False, "input", Want.PROBABILITIES),
    _INDICES,
)  # one against the rest throughout
_LOVASZ_MODES = (Switch("mode", "multiclass", "input", Want.LOGITS), _INDICES)  # from_logits has no effect

SEGMENTATION_MODELS_PYTORCH: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "DiceLoss",
        module="dice",
        constructor=(
            "mode, classes=None, log_loss=False, from_logits=True, smooth=0.0, ignore_index=None, eps=1e-07, "
            "class_weights=None"
        ),
        call="y_pred: input, y_true: target",
        family=Family.OVERLAP,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_MODES,
        reduction="own",
        value_range=(0.0, 1.0),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "JaccardLoss",
        module="jaccard",
        constructor=(
            "mode, classes=None, log_loss=False, from_logits=True, smooth=0.0, ignore_index=None, eps=1e-07, "
            "class_weights=None"
        ),
        call="y_pred: input, y_true: target",
        family=Family.OVERLAP,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_MODES,
        reduction="own",
        value_range=(0.0, 1.0),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "TverskyLoss",
        module="tversky",
        constructor=(
            "mode, classes=None, log_loss=False, from_logits=True, smooth=0.0, ignore_index=None, eps=1e-07, "
            "alpha=0.5, beta=0.5, gamma=1.0, class_weights=None"
        ),
        call="y_pred: input, y_true: target",
        family=Family.OVERLAP,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_MODES,
        reduction="own",
        value_range=(0.0, 1.0),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "FocalLoss",
        module="focal",
        constructor=(
            "mode, alpha=None, gamma=2.0, ignore_index=None, from_logits=True, eps=1e-07, reduction='mean', "
            "normalized=False, reduced_threshold=None, class_weights=None"
        ),
        call="y_pred: input, y_true: target",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FOCAL_MODES,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "LovaszLoss",
        module="lovasz",
        constructor="mode, per_image=False, ignore_index=None, from_logits=True",
        call="y_pred: input, y_true: target",
        family=Family.OVERLAP,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_LOVASZ_MODES,
        reduction="own",
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "SoftBCEWithLogitsLoss",
        module="soft_bce",
        constructor="weight=None, ignore_index=-100, reduction='mean', smooth_factor=None, pos_weight=None",
        call="y_pred: input, y_true: target",
        family=Family.BCE_WITH_LOGITS,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        target_dtypes=FLOAT,
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "SoftCrossEntropyLoss",
        module="soft_ce",
        constructor="reduction='mean', smooth_factor=None, ignore_index=-100, dim=1",
        call="y_pred: input, y_true: target",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "MCCLoss",
        module="mcc",
        constructor="eps=1e-05",
        call="y_pred: input, y_true: target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        reduction="own",
        value_range=(0.0, 2.0),
    ),
)

# Names of constants that are handed over as `mode`.
MODE_NAMES: dict[str, str] = {
    f"segmentation_models_pytorch.losses.{place}{name}_MODE": name.lower()
    for name in ("BINARY", "MULTICLASS", "MULTILABEL")
    for place in ("", "constants.")
}
