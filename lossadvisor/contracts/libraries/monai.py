"""Losses of monai.losses (1.6) of the Dice kind: they take probabilities unless a flag says that they activate.

The rest of the package is in `monai_scores` and `monai_images`.
"""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Mismatch, Shapes, Switch
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="monai",
    exports=("monai.losses",),
    root="monai.losses",
    source="https://docs.monai.io/en/stable/losses.html",
)

_ONE_HOT = Switch("to_onehot_y", True, "target", Want.CLASS_INDICES)
_FLAGS = (
    Switch("other_act", None, "input", Want.ANY, differs=True),
    Switch("softmax", True, "input", Want.LOGITS),
    Switch("sigmoid", True, "input", Want.BINARY_LOGITS),
    _ONE_HOT,
)

MONAI: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "DiceLoss",
        module="dice",
        aliases=("Dice",),
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "squared_pred=False, jaccard=False, reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05, batch=False, "
            "weight=None, soft_label=False, ignore_index=None"
        ),
        call="input, target",
        family=Family.OVERLAP,
        plain=True,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        value_range=(0.0, 1.0),
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "MaskedDiceLoss",
        module="dice",
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "squared_pred=False, jaccard=False, reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05, batch=False, "
            "weight=None, soft_label=False"
        ),
        call="input, target, mask=None",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        value_range=(0.0, 1.0),
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "GeneralizedDiceLoss",
        module="dice",
        aliases=("generalized_dice",),
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "w_type=..., reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05, batch=False, soft_label=False"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "TverskyLoss",
        module="tversky",
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, alpha=0.5, "
            "beta=0.5, reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05, batch=False, soft_label=False, "
            "ignore_index=None"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        value_range=(0.0, 1.0),
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "MCCLoss",
        module="mcc_loss",
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "reduction='mean', smooth_nr=0.0, smooth_dr=1e-05, batch=False"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "HausdorffDTLoss",
        module="hausdorff_loss",
        constructor=(
            "alpha=2.0, include_background=False, to_onehot_y=False, sigmoid=False, softmax=False, "
            "other_act=None, reduction='mean', batch=False"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "LogHausdorffDTLoss",
        module="hausdorff_loss",
        constructor=(
            "alpha=2.0, include_background=False, to_onehot_y=False, sigmoid=False, softmax=False, "
            "other_act=None, reduction='mean', batch=False"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "BoundaryLoss",
        module="boundary_loss",
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "reduction='mean', batch=False"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "SoftclDiceLoss",
        module="cldice",
        constructor=(
            "iter_=3, smooth_nr=1.0, smooth_dr=1.0, smooth=0.0001, include_background=True, to_onehot_y=False, "
            "sigmoid=False, softmax=False, other_act=None, reduction='mean'"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
    loss(
        _PACKAGE,
        "SoftDiceclDiceLoss",
        module="cldice",
        constructor=(
            "iter_=3, alpha=0.5, smooth_nr=1.0, smooth_dr=1.0, smooth=0.0001, include_background=True, "
            "to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, reduction='mean'"
        ),
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=_FLAGS,
        shapes=Shapes.OWN,
        mismatch=Mismatch.RAISES,
    ),
)
