"""Rows of segmentation and detection."""

from __future__ import annotations

from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge.links import ARGMAX, BCEL, CE, FOCAL, NMS, NN, SMP
from lossadvisor.advisor.model import Recipe
from lossadvisor.advisor.model import Statement as S
from lossadvisor.advisor.traits import Trait as T
from lossadvisor.values import Domain

_ONE = frozenset({T.ONE_CHANNEL})
_PIXEL_LOGIT = S("one logit per pixel, (N, 1, H, W), no activation", BCEL)
_PIXEL_LOGITS = S("one logit per class and pixel, (N, C, H, W), no activation; classes on axis 1", CE)
_FLOAT_MASK = S("float 0. or 1. of shape (N, 1, H, W); divide 0/255 masks by 255", BCEL)
_LONG_MASK = S("int64 (N, H, W) with 0 ... C-1 and the void value of ignore_index", CE)
_ABOVE_ZERO = S("pixels whose logit > 0, which is sigmoid > 0.5", BCEL)
_LARGEST = S("argmax over axis 1 of the logits", ARGMAX)
_HEADS = S("class logits per anchor without a background class (no sigmoid) and four offsets (no activation)", FOCAL)
_ANCHORS = S("0/1 floats per anchor and class; offsets for matched anchors only", FOCAL)
_BOXES_OUT = S("sigmoid(logits).max per anchor against a threshold, then non-maximum suppression", NMS)

DENSE: tuple[Recipe, ...] = (
    Recipe(
        "segmentation-binary", Task.SEGMENTATION, "BCEWithLogitsLoss plus Dice on the same logits", "bce_with_logits",
        S("cross-entropy gives steady gradients, Dice looks at the overlap and so does not mind a small foreground; "
          "Dice applies the sigmoid itself (from_logits=True in segmentation_models_pytorch)", SMP),
        _PIXEL_LOGIT, _FLOAT_MASK, _ABOVE_ZERO, "ln 2 plus the Dice loss of one half everywhere", "0",
        Domain.SCORES, Domain.MULTI_HOT, needs=_ONE, lacks=frozenset({T.SOFT_LABELS}),
            prefers=frozenset({T.IMBALANCED}),
    ),
    Recipe(
        "segmentation-binary-plain", Task.SEGMENTATION, "BCEWithLogitsLoss", "bce_with_logits",
        S("one decision per pixel; pos_weight when the foreground is rare and Dice is not wanted", BCEL),
        _PIXEL_LOGIT, _FLOAT_MASK, _ABOVE_ZERO, "ln 2 = 0.6931 (times the mean weight under pos_weight)", "0",
        Domain.SCORES, Domain.MULTI_HOT, needs=_ONE, prefers=frozenset({T.SOFT_LABELS}),
    ),
    Recipe(
        "segmentation-classes", Task.SEGMENTATION, "CrossEntropyLoss plus Dice on the same logits", "cross_entropy",
        S("cross-entropy with ignore_index for void pixels; Dice per class applies the softmax itself", SMP),
        _PIXEL_LOGITS, _LONG_MASK, _LARGEST, "ln C plus the Dice loss of 1/C everywhere", "0",
        Domain.SCORES, Domain.INDICES, lacks=frozenset({T.ONE_CHANNEL, T.SOFT_LABELS}),
        prefers=frozenset({T.IMBALANCED}),
    ),
    Recipe(
        "segmentation-classes-plain", Task.SEGMENTATION, "CrossEntropyLoss", "cross_entropy",
        S("one choice per pixel; classes of similar size need no more", CE),
        _PIXEL_LOGITS, _LONG_MASK, _LARGEST, "ln C", "0", Domain.SCORES, Domain.INDICES, lacks=_ONE,
        prefers=frozenset({T.SOFT_LABELS}),
    ),
    Recipe(
        "detection-smooth-l1", Task.DETECTION, "Focal loss on class logits plus SmoothL1Loss on box offsets",
        "smooth_l1",
        S("almost all anchors are easy background: focal loss keeps them from drowning the objects; SmoothL1 forgives "
          "bad boxes; write beta, it differs from Huber by a factor", FOCAL),
        _HEADS, _ANCHORS, _BOXES_OUT, "no claim", "0", Domain.REAL, Domain.REAL, prefers=frozenset({T.OUTLIERS}),
    ),
    Recipe(
        "detection-l1", Task.DETECTION, "Focal loss on class logits plus L1Loss on box offsets", "l1",
        S("what RetinaNet of torchvision uses for offsets; generalized_box_iou_loss on decoded boxes is the "
          "alternative that optimises the overlap itself", NN["L1Loss"]),
        _HEADS, _ANCHORS, _BOXES_OUT, "no claim", "0", Domain.REAL, Domain.REAL,
    ),
)
