"""Losses of mmsegmentation (1.2): `use_sigmoid` and `activate` tell what they do to the prediction."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="mmseg",
    exports=("mmseg.models.losses", "mmseg.models"),
    root="mmseg.models.losses",
    source="https://mmsegmentation.readthedocs.io/en/latest/api.html",
)

_SIGMOID = (
    Switch("use_sigmoid", True, "input", Want.BINARY_LOGITS),
    Switch("use_sigmoid", True, "target", Want.ANY),  # indices are spread to 0/1 rows, rows are taken as they are
)
_MASK = (  # a mask of floats for the class that `label` names
    Switch("use_mask", True, "input", Want.BINARY_LOGITS),
    Switch("use_mask", True, "target", Want.ANY),
)
_ACTIVATE = (
    Switch("activate", False, "input", Want.PROBABILITIES),
    Switch("use_sigmoid", False, "input", Want.LOGITS),
)

MMSEG: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "CrossEntropyLoss",
        module="cross_entropy_loss",
        constructor=(
            "use_sigmoid=False, use_mask=False, reduction='mean', class_weight=None, loss_weight=1.0, "
            "loss_name='loss_ce', avg_non_ignore=False"
        ),
        call=(
            "cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None, "
            "ignore_index=-100"
        ),
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES_OR_PROBABILITIES,
        axis=1,
        switches=(*_SIGMOID, *_MASK),
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "",
        module="cross_entropy_loss",
        function="cross_entropy",
        parameters=(
            "pred: input, label: target, weight=None, class_weight=None, reduction='mean', avg_factor=None, "
            "ignore_index=-100, avg_non_ignore=False"
        ),
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES_OR_PROBABILITIES,
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "",
        module="cross_entropy_loss",
        function="binary_cross_entropy",
        parameters=(
            "pred: input, label: target, weight=None, reduction='mean', avg_factor=None, class_weight=None, "
            "ignore_index=-100, avg_non_ignore=False"
        ),
        family=Family.BCE_WITH_LOGITS,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="cross_entropy_loss",
        function="mask_cross_entropy",
        parameters=(
            "pred: input, target, label, reduction='mean', avg_factor=None, class_weight=None, ignore_index=None"
        ),
        family=Family.BCE_WITH_LOGITS,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "DiceLoss",
        module="dice_loss",
        constructor=(
            "use_sigmoid=True, activate=True, reduction='mean', naive_dice=False, loss_weight=1.0, "
            "ignore_index=255, eps=0.001, loss_name='loss_dice'"
        ),
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None, ignore_index=255",
        family=Family.OVERLAP,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=1,
        switches=_ACTIVATE,
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "FocalLoss",
        module="focal_loss",
        constructor=(
            "use_sigmoid=True, gamma=2.0, alpha=0.5, reduction='mean', class_weight=None, loss_weight=1.0, "
            "loss_name='loss_focal'"
        ),
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None, ignore_index=255",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "TverskyLoss",
        module="tversky_loss",
        constructor=(
            "smooth=1, class_weight=None, loss_weight=1.0, ignore_index=255, alpha=0.3, beta=0.7, "
            "loss_name='loss_tversky'"
        ),
        call="pred: input, target",
        family=Family.OVERLAP,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "LovaszLoss",
        module="lovasz_loss",
        constructor=(
            "loss_type='multi_class', classes='present', per_image=False, reduction='mean', class_weight=None, "
            "loss_weight=1.0, loss_name='loss_lovasz'"
        ),
        call="cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.OVERLAP,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        switches=(Switch("loss_type", "binary", "input", Want.BINARY_LOGITS),),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "OhemCrossEntropy",
        module="ohem_cross_entropy_loss",
        constructor=(
            "ignore_label=255, thres=0.7, min_kept=100000, loss_weight=1.0, class_weight=None, loss_name='loss_ohem'"
        ),
        call="score: input, target",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "HuasdorffDisstanceLoss",
        module="huasdorff_distance_loss",
        constructor=(
            "reduction='mean', class_weight=None, loss_weight=1.0, ignore_index=255, "
            "loss_name='loss_huasdorff_disstance'"
        ),
        call="pred: input, target, avg_factor=None, reduction_override=None",
        family=Family.OVERLAP,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        target_dtypes=INTEGER,
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "BoundaryLoss",
        module="boundary_loss",
        constructor="loss_weight=1.0, loss_name='loss_boundary'",
        call="bd_pre: input, bd_gt: target",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "SiLogLoss",
        module="silog_loss",
        constructor="reduction='mean', loss_weight=1.0, eps=1e-06, loss_name='loss_silog'",
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.REGRESSION,
        prediction=Want.RATE,
        target=Want.RATE,
        value_range=(0.0, None),
    ),
)
