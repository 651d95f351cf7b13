"""Whether a project can have to do with tensors at all; one that cannot is spared the import of the analyzer."""

from __future__ import annotations

from collections.abc import Iterable

from lossadvisor.patterns import pattern
from lossadvisor.source import Document

FAMILIES = frozenset({
    "F", "fastai", "kornia", "mmcls", "mmdet", "mmpretrain", "mmseg", "monai", "nn", "pytorch_metric_learning",
    "segmentation_models_pytorch", "sentence_transformers", "timm", "torch", "torch_geometric", "torchaudio",
    "torchvision", "transformers",
})  # fmt: skip
"""The packages whose losses have contracts, and the names that stand for torch where nothing is imported."""

_SIGN = pattern(r"torch|\b(?:" + "|".join(sorted(name for name in FAMILIES if "torch" not in name)) + r")\b")


def concerned(documents: Iterable[Document]) -> bool:
    """True when one text names a package of `FAMILIES`: without one, no name can come to mean a loss."""
    return any(_SIGN.search(document.raw) for document in documents)
