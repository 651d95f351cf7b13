"""Losses of fastai (2.8): those of torch on flattened tensors, with the class axis as an option.

An element-wise loss flattens both sides, so a column against a row is right here; targets are turned into floats.
"""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="fastai",
    exports=(
        "fastai.losses",
        "fastai.vision.all",
        "fastai.text.all",
        "fastai.tabular.all",
        "fastai.basics",
        "fastai.layers",
    ),
    root="fastai",
    source="https://docs.fast.ai/losses.html",
)

FASTAI: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "CrossEntropyLossFlat",
        constructor=(
            "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean', "
            "label_smoothing=0.0, *, axis=-1, flatten=True, floatify=False, is_2d=True"
        ),
        call="inp: input, targ: target",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "FocalLoss",
        constructor="gamma=2.0, weight=None, reduction='mean'",
        call="inp: input, targ: target",
        family=Family.FOCAL,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES_OR_PROBABILITIES,
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "FocalLossFlat",
        constructor="*, gamma=2.0, axis=-1, weight=None, reduction='mean', flatten=True, floatify=False, is_2d=True",
        call="inp: input, targ: target",
        family=Family.FOCAL,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "LabelSmoothingCrossEntropy",
        constructor="eps=0.1, weight=None, reduction='mean'",
        call="output: input, target",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "LabelSmoothingCrossEntropyFlat",
        constructor="eps=0.1, weight=None, reduction='mean', *, axis=-1, flatten=True, floatify=False, is_2d=True",
        call="inp: input, targ: target",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
    loss(
        _PACKAGE,
        "BCEWithLogitsLossFlat",
        constructor=(
            "weight=None, size_average=None, reduce=None, reduction='mean', pos_weight=None, *, axis=-1, "
            "floatify=True, thresh=0.5, flatten=True"
        ),
        call="inp: input, targ: target",
        family=Family.BCE_WITH_LOGITS,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "BCELossFlat",
        constructor=(
            "weight=None, size_average=None, reduce=None, reduction='mean', *, axis=-1, floatify=True, flatten=True"
        ),
        call="inp: input, targ: target",
        family=Family.BCE,
        plain=True,
        prediction=Want.ELEMENT_PROBABILITIES,
        target=Want.UNIT_TARGET,
        stable_twin="fastai.BCEWithLogitsLossFlat",
        value_range=(0.0, 100.0),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "MSELossFlat",
        constructor="size_average=None, reduce=None, reduction='mean', *, axis=-1, floatify=True, flatten=True",
        call="inp: input, targ: target",
        family=Family.REGRESSION,
        prediction=Want.REAL,
        target=Want.REAL,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "L1LossFlat",
        constructor="size_average=None, reduce=None, reduction='mean', *, axis=-1, floatify=True, flatten=True",
        call="inp: input, targ: target",
        family=Family.REGRESSION,
        prediction=Want.REAL,
        target=Want.REAL,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "DiceLoss",
        constructor="axis=1, smooth=1e-06, reduction='sum', square_in_union=False",
        call="pred: input, targ: target",
        family=Family.OVERLAP,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        reduction="sum",
        value_range=(0.0, None),
        shapes=Shapes.CLASSES,
    ),
)
