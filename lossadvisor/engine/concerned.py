"""What cannot have to do with a loss, as its text shows: there the import of the analyzer is spared."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from lossadvisor.patterns import pattern
from lossadvisor.source import Document

FAMILIES = frozenset({
    "F", "fastai", "kornia", "mmcls", "mmdet", "mmpretrain", "mmseg", "monai", "nn", "pytorch_metric_learning",
    "segmentation_models_pytorch", "sentence_transformers", "timm", "torch", "torch_geometric", "torchaudio",
    "torchvision", "transformers",
})  # fmt: skip
"""The packages whose losses have contracts, and the names that stand for torch where nothing is imported."""

_SIGN = pattern(r"torch|\b(?:" + "|".join(sorted(name for name in FAMILIES if "torch" not in name)) + r")\b")
_INDIRECT = pattern(
    r"__import__|importlib|runpy|exec\(|eval\(|\btype['\"]?\s*[=:]|_target_|_base_|regist|loss|softmax|sigmoid|\\\n",
    re.IGNORECASE,
)
"""By what a file can reach others, or say what they are built from, without importing them; and what a loss or the
values for one are called."""
_IMPORT = pattern(r"\b(?:from|import)\b[ \t]*([\w., \t]*)")
_WORD = pattern(r"\w+")


def concerned(documents: Iterable[Document], given: Collection[str] | None = None) -> bool:
    """Whether the analyzer can have something to say: True when a text names a package of `FAMILIES`.

    Without one, no name can come to mean a loss. With `given`, the names of the documents that are reported on, these
    must have to do with the others, too.
    """
    everything = list(documents)
    if not any(_SIGN.search(document.raw) for document in everything):
        return False
    if given is None:
        return True
    asked = [document for document in everything if document.filename in given]
    return not _apart(asked, [document for document in everything if document.filename not in given])


def _apart(given: Sequence[Document], others: Sequence[Document]) -> bool:
    """Whether none of the given files names a package, imports from the project, or is named in the rest of it: then
    no loss is called in them, and no value comes from them to a loss."""
    modules = {part for document in (*given, *others) for part in _parts(document)}
    for document in given:
        if document.kind not in ("python", "stub") or _SIGN.search(document.raw) or _INDIRECT.search(document.raw):
            return False
        for named in _IMPORT.findall(document.raw):
            if named.startswith(".") or not modules.isdisjoint(_WORD.findall(named)):
                return False
    stems = {_parts(document)[-1] for document in given}
    mention = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(stems))) + r")\b")
    return not any(mention.search(document.raw) for document in others)


def _parts(document: Document) -> list[str]:
    """What a file can be called in an import: its name, that of a package by its folder, and the folders above."""
    parts = [*document.path.parts[:-1], document.path.stem]
    return parts[:-1] if document.path.stem == "__init__" else parts
