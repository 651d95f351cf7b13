"""What the pages and sources of the packages say of their losses, kept beside the rows and compared with them.

The signatures and measured behaviour of torch are tested on torch itself; here stands what a measurement does not tell:
what the numbers mean, which axis holds the classes, and for packages that need not be installed the defaults.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lossadvisor.contracts import LIBRARIES, TORCH, Contract, Want, by_name
from lossadvisor.contracts.model import Constant

# name | input | target | reduction | class axis | the options that are set, if any; "-" where there is no target.
STATED = """
torch.nn.L1Loss | real | real | mean | none
torch.nn.MSELoss | real | real | mean | none
torch.nn.SmoothL1Loss | real | real | mean | none
torch.nn.HuberLoss | real | real | mean | none
torch.nn.CrossEntropyLoss | logits | class-indices-or-probabilities | mean | 1
torch.nn.NLLLoss | log-probabilities | class-indices | mean | 1
torch.nn.NLLLoss2d | log-probabilities | class-indices | mean | 1
torch.nn.LinearCrossEntropyLoss | features | class-indices-or-probabilities | mean | none
torch.nn.AdaptiveLogSoftmaxWithLoss | features | class-indices | mean | none
torch.nn.BCELoss | element-probabilities | unit-target | mean | none
torch.nn.BCEWithLogitsLoss | binary-logits | unit-target | mean | none
torch.nn.KLDivLoss | log-probabilities | distribution | mean | none
torch.nn.KLDivLoss | log-probabilities | log-distribution | mean | none | log_target=True
torch.nn.PoissonNLLLoss | log-rate | count-target | mean | none
torch.nn.PoissonNLLLoss | rate | count-target | mean | none | log_input=False
torch.nn.GaussianNLLLoss | real | real | mean | none
torch.nn.CTCLoss | log-probabilities | label-sequence | mean | -1
torch.nn.HingeEmbeddingLoss | distance | sign-target | mean | none
torch.nn.SoftMarginLoss | margin-scores | sign-target | mean | none
torch.nn.MultiLabelSoftMarginLoss | binary-logits | unit-target | mean | -1
torch.nn.MultiMarginLoss | margin-scores | class-indices | mean | 1
torch.nn.MultiLabelMarginLoss | margin-scores | index-list | mean | 1
torch.nn.CosineEmbeddingLoss | embedding | sign-target | mean | none
torch.nn.MarginRankingLoss | real | sign-target | mean | none
torch.nn.TripletMarginLoss | embedding | - | mean | none
torch.nn.TripletMarginWithDistanceLoss | embedding | - | mean | none
torchvision.ops.sigmoid_focal_loss | binary-logits | unit-target | none | none
torchvision.ops.generalized_box_iou_loss | boxes | boxes | none | none
torchvision.ops.distance_box_iou_loss | boxes | boxes | none | none
torchvision.ops.complete_box_iou_loss | boxes | boxes | none | none
segmentation_models_pytorch.losses.DiceLoss | logits | class-indices | own | 1 | mode='multiclass'
segmentation_models_pytorch.losses.DiceLoss | binary-logits | unit-target | own | 1 | mode='binary'
segmentation_models_pytorch.losses.DiceLoss | probabilities | unit-target | own | 1 | mode='binary', from_logits=False
segmentation_models_pytorch.losses.JaccardLoss | logits | class-indices | own | 1 | mode='multiclass'
segmentation_models_pytorch.losses.TverskyLoss | binary-logits | unit-target | own | 1 | mode='multilabel'
segmentation_models_pytorch.losses.FocalLoss | binary-logits | class-indices | mean | 1 | mode='multiclass'
segmentation_models_pytorch.losses.LovaszLoss | logits | class-indices | own | 1 | mode='multiclass', from_logits=False
segmentation_models_pytorch.losses.SoftBCEWithLogitsLoss | binary-logits | unit-target | mean | none
segmentation_models_pytorch.losses.SoftCrossEntropyLoss | logits | class-indices | mean | 1
segmentation_models_pytorch.losses.MCCLoss | probabilities | unit-target | own | none
timm.loss.LabelSmoothingCrossEntropy | logits | class-indices | mean | -1
timm.loss.SoftTargetCrossEntropy | logits | distribution | mean | -1
timm.loss.BinaryCrossEntropy | binary-logits | any | mean | -1
timm.loss.AsymmetricLossMultiLabel | binary-logits | unit-target | batchmean | -1
timm.loss.AsymmetricLossSingleLabel | logits | class-indices | mean | -1
timm.loss.JsdCrossEntropy | logits | class-indices | mean | -1
kornia.losses.DiceLoss | logits | class-indices | own | 1
kornia.losses.TverskyLoss | logits | class-indices | own | 1
kornia.losses.FocalLoss | logits | class-indices | none | 1
kornia.losses.BinaryFocalLossWithLogits | binary-logits | unit-target | none | none
kornia.losses.LovaszSoftmaxLoss | logits | class-indices | own | 1
kornia.losses.LovaszHingeLoss | binary-logits | unit-target | own | none
monai.losses.DiceLoss | probabilities | unit-target | mean | 1
monai.losses.DiceLoss | binary-logits | unit-target | mean | 1 | sigmoid=True
monai.losses.DiceLoss | logits | class-indices | mean | 1 | softmax=True, to_onehot_y=True
monai.losses.GeneralizedDiceLoss | probabilities | unit-target | mean | 1
monai.losses.GeneralizedWassersteinDiceLoss | logits | class-indices | mean | 1
monai.losses.DiceCELoss | logits | unit-target | mean | 1
monai.losses.DiceFocalLoss | binary-logits | unit-target | mean | 1
monai.losses.FocalLoss | binary-logits | unit-target | mean | 1
monai.losses.FocalLoss | logits | unit-target | mean | 1 | use_softmax=True
monai.losses.TverskyLoss | probabilities | unit-target | mean | 1
monai.losses.AsymmetricUnifiedFocalLoss | probabilities | unit-target | mean | 1
monai.losses.NACLLoss | logits | class-indices | mean | 1
pytorch_metric_learning.losses.TripletMarginLoss | embedding | class-indices | own | none
pytorch_metric_learning.losses.ArcFaceLoss | embedding | class-indices | own | none
transformers.loss.loss_utils.ForCausalLMLoss | logits | class-indices | mean | -1
transformers.loss.loss_utils.ForMaskedLMLoss | logits | class-indices | mean | -1
transformers.loss.loss_utils.ForSemanticSegmentationLoss | logits | class-indices | mean | 1
transformers.loss.loss_utils.fixed_cross_entropy | logits | class-indices-or-probabilities | mean | 1
transformers.loss.loss_for_object_detection.sigmoid_focal_loss | binary-logits | unit-target | own | none
torchaudio.transforms.RNNTLoss | logits | label-sequence | mean | -1
torchaudio.transforms.RNNTLoss | log-probabilities | label-sequence | mean | -1 | fused_log_softmax=False
fastai.losses.BCEWithLogitsLossFlat | binary-logits | unit-target | mean | none
fastai.losses.BCELossFlat | element-probabilities | unit-target | mean | none
fastai.losses.DiceLoss | logits | class-indices | sum | 1
"""

# Defaults that decide what is wanted or weigh a result, where the package is not there to be asked.
DEFAULTS = """
torchvision.ops.sigmoid_focal_loss: alpha=0.25, gamma=2, reduction='none'
torchvision.ops.generalized_box_iou_loss: reduction='none', eps=1e-7
segmentation_models_pytorch.losses.DiceLoss: from_logits=True, smooth=0.0, log_loss=False
segmentation_models_pytorch.losses.TverskyLoss: from_logits=True, alpha=0.5, beta=0.5
segmentation_models_pytorch.losses.FocalLoss: alpha=None, gamma=2.0
segmentation_models_pytorch.losses.SoftBCEWithLogitsLoss: ignore_index=-100, smooth_factor=None
segmentation_models_pytorch.losses.SoftCrossEntropyLoss: smooth_factor=None, ignore_index=-100, dim=1
timm.loss.LabelSmoothingCrossEntropy: smoothing=0.1
timm.loss.BinaryCrossEntropy: smoothing=0.1, target_threshold=None, sum_classes=False, smooth_dense=False
timm.loss.AsymmetricLossMultiLabel: gamma_neg=4, gamma_pos=1, clip=0.05
timm.loss.JsdCrossEntropy: num_splits=3, alpha=12, smoothing=0.1
timm.loss.PolyCrossEntropy: epsilon=2.0, smoothing=0.0
timm.loss.TwoWayLoss: tp=4.0, tn=1.0
kornia.losses.DiceLoss: average='micro', eps=1e-8
kornia.losses.FocalLoss: gamma=2.0, reduction='none'
kornia.losses.BinaryFocalLossWithLogits: alpha=0.25, gamma=2.0
monai.losses.DiceLoss: sigmoid=False, softmax=False, other_act=None, to_onehot_y=False, include_background=True
monai.losses.HausdorffDTLoss: sigmoid=False, softmax=False, other_act=None, include_background=False
monai.losses.FocalLoss: use_softmax=False, to_onehot_y=False, gamma=2.0, alpha=None
monai.losses.AsymmetricUnifiedFocalLoss: to_onehot_y=False, num_classes=2
torchaudio.transforms.RNNTLoss: fused_log_softmax=True, blank=-1, clamp=-1
"""


@dataclass(frozen=True, slots=True)
class Stated:
    name: str
    input: Want
    target: Want | None
    reduction: str
    axis: int | None
    options: dict[str, Constant]


def _options(text: str) -> dict[str, Constant]:
    call = ast.parse(f"f({text})", mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}


def _stated() -> Iterator[Stated]:
    for line in STATED.strip().splitlines():
        name, wanted, target, reduction, axis, *rest = line.split(" | ")
        yield Stated(name, Want(wanted), None if target == "-" else Want(target), reduction,
                     None if axis == "none" else int(axis), _options(", ".join(rest)))  # fmt: skip


def _of(contract: Contract, role: str) -> str | None:
    return next((port.name for port in contract.ports if port.role == role), None)


ALL = list(_stated())


@pytest.mark.parametrize("stated", ALL, ids=[f"{one.name}-{one.options}" for one in ALL])
def test_what_is_stated_of_a_loss(stated: Stated) -> None:
    contract = by_name[stated.name]
    prediction = contract.port(_of(contract, "prediction") or "")
    target = contract.port(_of(contract, "target") or "")
    assert prediction is not None
    assert contract.want(prediction, stated.options) is stated.input
    assert prediction.class_axis == stated.axis
    assert contract.reduction == stated.reduction
    assert (None if target is None else contract.want(target, stated.options)) is stated.target


@pytest.mark.parametrize("line", DEFAULTS.strip().splitlines())
def test_defaults(line: str) -> None:
    name, _, written = line.partition(": ")
    contract = by_name[name]
    parameters = {p.name: p for p in (*contract.constructor, *contract.function)}
    for option, default in _options(written).items():
        assert not parameters[option].required and not parameters[option].opaque
        assert parameters[option].default == default
        assert isinstance(parameters[option].default, bool) == isinstance(default, bool)


def test_every_loss_class_of_torch_is_stated() -> None:
    """And some loss of most packages."""
    told = {one.name for one in ALL}
    assert {name for contract in TORCH for name in contract.classes if name.count(".") == 2} <= told
    assert len({contract.library for contract in LIBRARIES} & {by_name[name].library for name in told}) >= 8
