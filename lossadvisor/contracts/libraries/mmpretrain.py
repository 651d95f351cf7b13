"""Losses of mmpretrain (1.2) and of mmcls (0.25), its name before: the same classes."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="mmpretrain",
    exports=("mmpretrain.models.losses", "mmpretrain.models", "mmcls.models.losses", "mmcls.models"),
    root="mmpretrain.models.losses",
    source="https://mmpretrain.readthedocs.io/en/latest/api/models.html",
)

_SIGMOID = (
    Switch("use_sigmoid", True, "input", Want.BINARY_LOGITS),
    Switch("use_sigmoid", True, "target", Want.ANY),  # indices are spread to 0/1 rows, rows are taken as they are
)
_SMOOTHED = (
    Switch("use_sigmoid", True, "input", Want.BINARY_LOGITS),
    Switch("mode", "multi_label", "input", Want.BINARY_LOGITS, given=(("use_sigmoid", None),)),
)

MMPRETRAIN: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "CrossEntropyLoss",
        module="cross_entropy_loss",
        constructor=(
            "use_sigmoid=False, use_soft=False, reduction='mean', loss_weight=1.0, class_weight=None, pos_weight=None"
        ),
        call="cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES_OR_PROBABILITIES,
        axis=1,
        switches=_SIGMOID,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "",
        module="cross_entropy_loss",
        function="cross_entropy",
        parameters="pred: input, label: target, weight=None, reduction='mean', avg_factor=None, class_weight=None",
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
            "pos_weight=None"
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
        "LabelSmoothLoss",
        module="label_smooth_loss",
        constructor=(
            "label_smooth_val, num_classes=None, use_sigmoid=None, mode='original', reduction='mean', "
            "loss_weight=1.0, class_weight=None, pos_weight=None"
        ),
        call="cls_score: input, label: target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.ANY,
        axis=1,
        switches=_SMOOTHED,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "FocalLoss",
        module="focal_loss",
        constructor="gamma=2.0, alpha=0.25, reduction='mean', loss_weight=1.0",
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,  # indices are spread to 0/1 rows, rows are taken as they are
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "AsymmetricLoss",
        module="asymmetric_loss",
        constructor=(
            "gamma_pos=0.0, gamma_neg=4.0, clip=0.05, reduction='mean', loss_weight=1.0, use_sigmoid=True, eps=1e-08"
        ),
        call="pred: input, target, weight=None, avg_factor=None, reduction_override=None",
        family=Family.BCE_WITH_LOGITS,
        prediction=Want.BINARY_LOGITS,
        target=Want.ANY,
        axis=-1,
        switches=(Switch("use_sigmoid", False, "input", Want.LOGITS),),
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "SeesawLoss",
        module="seesaw_loss",
        constructor="use_sigmoid=False, p=0.8, q=2.0, num_classes=1000, eps=0.01, reduction='mean', loss_weight=1.0",
        call="cls_score: input, labels: target, weight=None, avg_factor=None, reduction_override=None",
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
        "PixelReconstructionLoss",
        module="reconstruction_loss",
        constructor="criterion, channel=None",
        call="pred: input, target, mask=None",
        family=Family.REGRESSION,
        prediction=Want.REAL,
        target=Want.REAL,
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "CosineSimilarityLoss",
        module="cosine_similarity_loss",
        constructor="shift_factor=0.0, scale_factor=1.0",
        call="pred: input, target, mask=None",
        family=Family.EMBEDDING,
        prediction=Want.EMBEDDING,
        target=Want.EMBEDDING,
    ),
)
