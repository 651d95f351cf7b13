"""Losses of monai.losses (1.6) that activate by themselves whatever their flags say, and focal losses.

The flags of the combined losses reach their Dice part only; the other part always wants logits.
"""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="monai",
    exports=("monai.losses",),
    root="monai.losses",
    source="https://docs.monai.io/en/stable/losses.html",
)

_ONE_HOT = Switch("to_onehot_y", True, "target", Want.CLASS_INDICES)

MONAI_SCORES: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "GeneralizedWassersteinDiceLoss",
        module="dice",
        aliases=("generalized_wasserstein_dice",),
        constructor="dist_matrix, weighting_mode='default', reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05",
        call="input, target",
        family=Family.OVERLAP,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "DiceCELoss",
        module="dice",
        aliases=("dice_ce",),
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "squared_pred=False, jaccard=False, reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05, batch=False, "
            "weight=None, lambda_dice=1.0, lambda_ce=1.0, label_smoothing=0.0"
        ),
        call="input, target",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=(_ONE_HOT,),
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "DiceFocalLoss",
        module="dice",
        aliases=("dice_focal",),
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "squared_pred=False, jaccard=False, reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05, batch=False, "
            "gamma=2.0, weight=None, lambda_dice=1.0, lambda_focal=1.0, alpha=None"
        ),
        call="input, target",
        family=Family.FOCAL,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=(_ONE_HOT,),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "GeneralizedDiceFocalLoss",
        module="dice",
        aliases=("generalized_dice_focal",),
        constructor=(
            "include_background=True, to_onehot_y=False, sigmoid=False, softmax=False, other_act=None, "
            "w_type=..., reduction='mean', smooth_nr=1e-05, smooth_dr=1e-05, batch=False, gamma=2.0, weight=None, "
            "lambda_gdl=1.0, lambda_focal=1.0"
        ),
        call="input, target",
        family=Family.FOCAL,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=(_ONE_HOT,),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "FocalLoss",
        module="focal_loss",
        constructor=(
            "include_background=True, to_onehot_y=False, gamma=2.0, alpha=None, weight=None, reduction='mean', "
            "use_softmax=False, ignore_index=None"
        ),
        call="input, target",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=(Switch("use_softmax", True, "input", Want.LOGITS), _ONE_HOT),
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "AsymmetricUnifiedFocalLoss",
        module="unified_focal_loss",
        constructor=(
            "to_onehot_y=False, num_classes=2, weight=0.5, gamma=0.5, delta=0.7, reduction='mean', ignore_index=None"
        ),
        call="y_pred: input, y_true: target",
        family=Family.FOCAL,
        prediction=Want.PROBABILITIES,
        target=Want.UNIT_TARGET,
        axis=1,
        switches=(_ONE_HOT,),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "NACLLoss",
        module="nacl_loss",
        constructor="classes, dim, kernel_size=3, kernel_ops='mean', distance_type='l1', alpha=0.1, sigma=1.0",
        call="inputs: input, targets: target",
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
        "AUCMLoss",
        module="aucm_loss",
        constructor="margin=1.0, imratio=None, version='v1', reduction='mean'",
        call="input, target",
        family=Family.MARGIN,
        prediction=Want.ANY,
        target=Want.UNIT_TARGET,
        shapes=Shapes.EQUAL,
    ),
)
