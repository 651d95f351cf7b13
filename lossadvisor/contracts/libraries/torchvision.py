"""Losses of torchvision.ops (torchvision 0.29)."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Mismatch
from lossadvisor.contracts.naming import FLOAT
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="torchvision",
    exports=("torchvision.ops",),
    root="torchvision.ops",
    source="https://pytorch.org/vision/stable/ops.html",
)

TORCHVISION: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "",
        module="focal_loss",
        function="sigmoid_focal_loss",
        parameters="inputs: input, targets: target, alpha=0.25, gamma=2, reduction='none'",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        target_dtypes=FLOAT,
        reduction="none",
        value_range=(0.0, None),
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "",
        module="giou_loss",
        function="generalized_box_iou_loss",
        parameters="boxes1: input, boxes2: target, reduction='none', eps=1e-07",
        family=Family.BOXES,
        prediction=Want.BOXES,
        target=Want.BOXES,
        reduction="none",
        value_range=(0.0, 2.0),
    ),
    loss(
        _PACKAGE,
        "",
        module="diou_loss",
        function="distance_box_iou_loss",
        parameters="boxes1: input, boxes2: target, reduction='none', eps=1e-07",
        family=Family.BOXES,
        prediction=Want.BOXES,
        target=Want.BOXES,
        reduction="none",
        value_range=(0.0, 2.0),
    ),
    loss(
        _PACKAGE,
        "",
        module="ciou_loss",
        function="complete_box_iou_loss",
        parameters="boxes1: input, boxes2: target, reduction='none', eps=1e-07",
        family=Family.BOXES,
        prediction=Want.BOXES,
        target=Want.BOXES,
        reduction="none",
        value_range=(0.0, None),
    ),
)
