"""Losses and metrics of other packages, one file per package (two where one would be too long)."""

from __future__ import annotations

from lossadvisor.contracts.libraries.fastai import FASTAI
from lossadvisor.contracts.libraries.kornia import KORNIA
from lossadvisor.contracts.libraries.kornia_images import KORNIA_IMAGES
from lossadvisor.contracts.libraries.mmdet import MMDET
from lossadvisor.contracts.libraries.mmdet_boxes import MMDET_BOXES
from lossadvisor.contracts.libraries.mmpretrain import MMPRETRAIN
from lossadvisor.contracts.libraries.mmseg import MMSEG
from lossadvisor.contracts.libraries.monai import MONAI
from lossadvisor.contracts.libraries.monai_images import MONAI_IMAGES
from lossadvisor.contracts.libraries.monai_scores import MONAI_SCORES
from lossadvisor.contracts.libraries.pytorch_metric_learning import PYTORCH_METRIC_LEARNING
from lossadvisor.contracts.libraries.segmentation_models_pytorch import MODE_NAMES, SEGMENTATION_MODELS_PYTORCH
from lossadvisor.contracts.libraries.sentence_transformers import SENTENCE_TRANSFORMERS
from lossadvisor.contracts.libraries.sentence_transformers_pairs import CROSS_ENCODER
from lossadvisor.contracts.libraries.timm import TIMM
from lossadvisor.contracts.libraries.torchaudio import TORCHAUDIO
from lossadvisor.contracts.libraries.torchmetrics import TORCHMETRICS
from lossadvisor.contracts.libraries.torchvision import TORCHVISION
from lossadvisor.contracts.libraries.transformers import TRANSFORMERS
from lossadvisor.contracts.model import Constant, Contract

LIBRARIES: tuple[Contract, ...] = (
    *TORCHVISION,
    *SEGMENTATION_MODELS_PYTORCH,
    *TIMM,
    *KORNIA,
    *KORNIA_IMAGES,
    *MONAI,
    *MONAI_SCORES,
    *MONAI_IMAGES,
    *PYTORCH_METRIC_LEARNING,
    *TRANSFORMERS,
    *TORCHAUDIO,
    *FASTAI,
    *SENTENCE_TRANSFORMERS,
    *CROSS_ENCODER,
    *MMSEG,
    *MMDET,
    *MMDET_BOXES,
    *MMPRETRAIN,
)

METRICS: tuple[Contract, ...] = TORCHMETRICS

CONSTANTS: dict[str, Constant] = {**MODE_NAMES}
"""Values of the packages' own constants that are handed over as options, by qualified name."""
