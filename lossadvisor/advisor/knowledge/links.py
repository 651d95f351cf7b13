"""The pages that document the statements of the table."""

from __future__ import annotations

_NN = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
_LOSSES = (
    "CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "KLDivLoss", "MSELoss", "L1Loss", "HuberLoss",
    "SmoothL1Loss", "GaussianNLLLoss", "PoissonNLLLoss", "CTCLoss", "MultiMarginLoss", "MultiLabelSoftMarginLoss",
    "SoftMarginLoss", "MarginRankingLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss",
    "CosineEmbeddingLoss", "HingeEmbeddingLoss", "AdaptiveLogSoftmaxWithLoss",
)
NN = {name: f"{_NN}{name}.html" for name in _LOSSES}
LOSSES = "https://docs.pytorch.org/docs/stable/nn.html#loss-functions"
CE, NLL, BCE, BCEL, KL, MSE = (
    NN[name] for name in ("CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "KLDivLoss", "MSELoss")
)
SIGMOID = _NN + "Sigmoid.html"
SOFTMAX = _NN + "Softmax.html"
LOG_SOFTMAX = _NN + "LogSoftmax.html"
SOFTPLUS = _NN + "Softplus.html"
NORMALIZE = _NN + "functional.normalize.html"
LINEAR_CE = _NN + "functional.linear_cross_entropy.html"
ARGMAX = "https://docs.pytorch.org/docs/stable/generated/torch.argmax.html"
ONE_HOT = _NN + "functional.one_hot.html"
DETACH = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html"
NO_GRAD = "https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html"
AMP = "https://docs.pytorch.org/docs/stable/amp.html"
AMP_EXAMPLES = "https://docs.pytorch.org/docs/stable/notes/amp_examples.html"
DATA = "https://docs.pytorch.org/docs/stable/data.html"
DISTRIBUTIONS = "https://docs.pytorch.org/docs/stable/distributions.html"
BROADCASTING = "https://docs.pytorch.org/docs/stable/notes/broadcasting.html"
EVAL = _NN + "Module.html"
FOCAL = "https://docs.pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html"
GIOU = "https://docs.pytorch.org/vision/stable/generated/torchvision.ops.generalized_box_iou_loss.html"
NMS = "https://docs.pytorch.org/vision/stable/generated/torchvision.ops.batched_nms.html"
DETECTION = "https://docs.pytorch.org/vision/stable/models.html"
DCGAN = "https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html"
DISTILL = "https://docs.pytorch.org/tutorials/beginner/knowledge_distillation_tutorial.html"
CORAL = "https://raschka-research-group.github.io/coral-pytorch/"
SMP = "https://smp.readthedocs.io/en/latest/losses.html"
MONAI = "https://docs.monai.io/en/stable/losses.html"
METRIC = "https://kevinmusgrave.github.io/pytorch-metric-learning/losses/"
HF_ACCUMULATION = "https://huggingface.co/blog/gradient_accumulation"
HF_LABELS = "https://github.com/huggingface/transformers/pull/44642"
HF_CONFIGURATION = "https://huggingface.co/docs/transformers/main_classes/configuration"
SKORCH = "https://github.com/skorch-dev/skorch/issues/481"
LIGHTNING = "https://lightning.ai/docs/pytorch/stable/common/lightning_module.html"
LIGHTNING_ACCUMULATION = "https://lightning.ai/docs/pytorch/stable/common/trainer.html"
FASTAI = "https://docs.fast.ai/losses.html"
OPENMMLAB = "https://github.com/open-mmlab/mmsegmentation/blob/main/mmseg/models/losses/cross_entropy_loss.py"
VAE_PAPER = "https://arxiv.org/abs/1312.6114"
WGAN_GP_PAPER = "https://arxiv.org/abs/1704.00028"
HINGE_GAN_PAPER = "https://arxiv.org/abs/1802.05957"
LSGAN_PAPER = "https://arxiv.org/abs/1611.04076"
INFONCE_PAPER = "https://arxiv.org/abs/1807.03748"
RANKNET_PAPER = "https://www.microsoft.com/en-us/research/publication/learning-to-rank-using-gradient-descent/"
LISTNET_PAPER = "https://www.microsoft.com/en-us/research/publication/learning-to-rank-from-pairwise-approach-to-listwise-approach/"
PINBALL = "https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_pinball_loss.html"
