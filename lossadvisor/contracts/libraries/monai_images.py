"""Losses of monai.losses (1.6) on images, fields, embeddings and boxes, and the wrappers."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="monai",
    exports=("monai.losses",),
    root="monai.losses",
    source="https://docs.monai.io/en/stable/losses.html",
)

MONAI_IMAGES: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "DeepSupervisionLoss",
        module="ds_loss",
        constructor="loss, weight_mode='exp', weights=None",
        call="input, target",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
        reduction="own",
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "MaskedLoss",
        module="spatial_mask",
        constructor="loss",
        call="input, target, mask=None",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
        reduction="own",
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "MultiScaleLoss",
        module="multi_scale",
        constructor="loss, scales=None, kernel='gaussian', reduction='mean'",
        call="y_true: target, y_pred: input",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
    ),
    loss(
        _PACKAGE,
        "PatchAdversarialLoss",
        module="adversarial_loss",
        constructor="reduction='mean', criterion=..., no_activation_leastsq=False",
        call="input, target_is_real, for_discriminator",
        family=Family.ADVERSARIAL,
        prediction=Want.ANY,
        target=None,
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "ContrastiveLoss",
        module="contrastive",
        constructor="temperature=0.5, batch_size=-1",
        call="input, target",
        family=Family.EMBEDDING,
        prediction=Want.EMBEDDING,
        target=Want.EMBEDDING,
        reduction="own",
    ),
    loss(
        _PACKAGE,
        "BarlowTwinsLoss",
        module="barlow_twins",
        constructor="lambd=0.005",
        call="input, target",
        family=Family.EMBEDDING,
        prediction=Want.EMBEDDING,
        target=Want.EMBEDDING,
        reduction="own",
    ),
    loss(
        _PACKAGE,
        "BoxGIoULoss",
        module="giou_loss",
        aliases=("giou",),
        constructor="reduction='mean'",
        call="input, target",
        family=Family.BOXES,
        prediction=Want.BOXES,
        target=Want.BOXES,
        value_range=(0.0, 2.0),
    ),
    loss(
        _PACKAGE,
        "SSIMLoss",
        module="ssim_loss",
        constructor=(
            "spatial_dims, data_range=1.0, kernel_type=..., win_size=11, kernel_sigma=1.5, k1=0.01, k2=0.03, "
            "reduction='mean'"
        ),
        call="input, target",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
    ),
    loss(
        _PACKAGE,
        "PerceptualLoss",
        module="perceptual",
        constructor=(
            "spatial_dims, network_type=..., is_fake_3d=True, fake_3d_ratio=0.5, cache_dir=None, pretrained=True, "
            "pretrained_path=None, pretrained_state_dict_key=None, channel_wise=False"
        ),
        call="input, target",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
        reduction="own",
    ),
    loss(
        _PACKAGE,
        "JukeboxLoss",
        module="spectral_loss",
        constructor="spatial_dims, fft_signal_size=None, fft_norm='ortho', reduction='mean'",
        call="input, target",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
    ),
    loss(
        _PACKAGE,
        "SURELoss",
        module="sure_loss",
        constructor="perturb_noise=None, eps=None",
        call="operator: input, x, y_pseudo_gt, y_ref=None, complex_input=False",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=None,
        reduction="own",
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "LocalNormalizedCrossCorrelationLoss",
        module="image_dissimilarity",
        constructor=(
            "spatial_dims=3, kernel_size=3, kernel_type='rectangular', reduction='mean', smooth_nr=0.0, "
            "smooth_dr=1e-05"
        ),
        call="pred: input, target",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
    ),
    loss(
        _PACKAGE,
        "GlobalMutualInformationLoss",
        module="image_dissimilarity",
        constructor=(
            "kernel_type='gaussian', num_bins=23, sigma_ratio=0.5, reduction='mean', smooth_nr=1e-07, smooth_dr=1e-07"
        ),
        call="pred: input, target",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=Want.ANY,
    ),
    loss(
        _PACKAGE,
        "BendingEnergyLoss",
        module="deform",
        constructor="normalize=False, reduction='mean'",
        call="pred: input",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=None,
    ),
    loss(
        _PACKAGE,
        "DiffusionLoss",
        module="deform",
        constructor="normalize=False, reduction='mean'",
        call="pred: input",
        family=Family.IMAGE,
        prediction=Want.ANY,
        target=None,
    ),
)
