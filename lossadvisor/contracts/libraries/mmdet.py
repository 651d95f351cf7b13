"""Losses of mmdetection (3.3) on class scores; the others are in `mmdet_boxes`."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="mmdet",
    exports=("mmdet.models.losses", "mmdet.models"),
    root="mmdet.models.losses",
    source="https://mmdetection.readthedocs.io/en/latest/api.html",
)

_SIGMOID = (
    Switch("use_sigmoid", True, "input", Want.BINARY_LOGITS),
    Switch("use_sigmoid", True, "target", Want.ANY),  # indices are spread to 0/1 rows, rows are taken as they are
)
_MASK = (  # a mask of floats for the class that `label` names
    Switch("use_mask", True, "input", Want.BINARY_LOGITS),
    Switch("use_mask", True, "target", Want.ANY),
)
_ACTIVATED = (Switch("activated", True, "input", Want.ELEMENT_PROBABILITIES),)

MMDET: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "CrossEntropyLoss",
        module="cross_entropy_loss",
        constructor=(
            "use_sigmoid=False, use_mask=False, reduction='mean', class_weight=None, ignore_index=None, "
            "loss_weight=1.0, avg_non_ignore=False"
        ),
        call=(
            "cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None, "
            "ignore_index=None"
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
            "pred: input, label: target, weight=None, reduction='mean', avg_factor=None, class_weight=None, "
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
        "CrossEntropyCustomLoss",
        module="cross_entropy_loss",
        constructor=(
            "use_sigmoid=False, use_mask=False, reduction='mean', num_classes=-1, class_weight=None, "
            "ignore_index=None, loss_weight=1.0, avg_non_ignore=False"
        ),
        call=(
            "cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None, "
            "ignore_index=None"
        ),
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES_OR_PROBABILITIES,
        axis=1,
        switches=(*_SIGMOID, *_MASK),
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "FocalLoss",
        module="focal_loss",
        constructor="use_sigmoid=True, gamma=2.0, alpha=0.25, reduction='mean', loss_weight=1.0, activated=False",
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=1,
        switches=_ACTIVATED,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "FocalCustomLoss",
        module="focal_loss",
        constructor=(
            "use_sigmoid=True, num_classes=-1, gamma=2.0, alpha=0.25, reduction='mean', loss_weight=1.0, "
            "activated=False"
        ),
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.FOCAL,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=1,
        switches=_ACTIVATED,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "",
        module="focal_loss",
        function="sigmoid_focal_loss",
        parameters="pred: input, target, weight=None, gamma=2.0, alpha=0.25, reduction='mean', avg_factor=None",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "QualityFocalLoss",
        module="gfocal_loss",
        constructor="use_sigmoid=True, beta=2.0, reduction='mean', loss_weight=1.0, activated=False",
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.FOCAL,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=1,
        switches=_ACTIVATED,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "DistributionFocalLoss",
        module="gfocal_loss",
        constructor="reduction='mean', loss_weight=1.0",
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.ANY,
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.ROWS,
    ),
    loss(
        _PACKAGE,
        "GaussianFocalLoss",
        module="gaussian_focal_loss",
        constructor="alpha=2.0, gamma=4.0, reduction='mean', loss_weight=1.0, pos_weight=1.0, neg_weight=1.0",
        call=(
            "pred: input, target, pos_inds=None, pos_labels=None, weight=None, avg_factor=None, "
            "reduction_override=None"
        ),
        family=Family.FOCAL,
        prediction=Want.ELEMENT_PROBABILITIES,
        target=Want.UNIT_TARGET,
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "VarifocalLoss",
        module="varifocal_loss",
        constructor="use_sigmoid=True, alpha=0.75, gamma=2.0, iou_weighted=True, reduction='mean', loss_weight=1.0",
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.FOCAL,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "GHMC",
        module="ghm_loss",
        constructor="bins=10, momentum=0, use_sigmoid=True, loss_weight=1.0, reduction='mean'",
        call="pred: input, target, label_weight, reduction_override=None",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "SeesawLoss",
        module="seesaw_loss",
        constructor=(
            "use_sigmoid=False, p=0.8, q=2.0, num_classes=1203, eps=0.01, reduction='mean', loss_weight=1.0, "
            "return_dict=True"
        ),
        call="cls_score: input, labels: target, label_weights=None, avg_factor=None, reduction_override=None",
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
        "EQLV2Loss",
        module="eqlv2_loss",
        constructor=(
            "use_sigmoid=True, reduction='mean', class_weight=None, loss_weight=1.0, num_classes=1203, "
            "use_distributed=False, mu=0.8, alpha=4.0, gamma=12, vis_grad=False, test_with_obj=True"
        ),
        call="cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "DiceLoss",
        module="dice_loss",
        constructor="use_sigmoid=True, activate=True, reduction='mean', naive_dice=False, loss_weight=1.0, eps=0.001",
        call="pred: input, target, weight=None, reduction_override=None, avg_factor=None",
        family=Family.OVERLAP,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        switches=(Switch("activate", False, "input", Want.PROBABILITIES),),
    ),
    loss(
        _PACKAGE,
        "KnowledgeDistillationKLDivLoss",
        module="kd_loss",
        constructor="reduction='mean', loss_weight=1.0, T=10",
        call="pred: input, soft_label: target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.DIVERGENCE,
        prediction=Want.LOGITS,
        target=Want.LOGITS,
        axis=1,
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "MultiPosCrossEntropyLoss",
        module="multipos_cross_entropy_loss",
        constructor="reduction='mean', loss_weight=1.0",
        call="cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.ANY,
        axis=1,
        value_range=(0.0, None),
    ),
)
