"""Look-up of contracts by identifier or qualified name. The tables of other packages load when one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, overload

from lossadvisor.contracts.model import Contract

_T = TypeVar("_T")

PACKAGES = frozenset(
    {
        "fastai",
        "kornia",
        "mmcls",
        "mmdet",
        "mmpretrain",
        "mmseg",
        "monai",
        "pytorch_metric_learning",
        "segmentation_models_pytorch",
        "sentence_transformers",
        "timm",
        "torchaudio",
        "torchvision",
        "transformers",
    }
)
"""The packages beside torch whose losses have contracts."""


class Lookup(Mapping[str, Contract]):
    """A mapping whose second half is loaded the first time that a name of another package is looked up."""

    def __init__(self, torch: dict[str, Contract], others: Callable[[], dict[str, Contract]]) -> None:
        self._torch = torch
        self._load = others
        self._others: dict[str, Contract] | None = None

    def _rest(self) -> dict[str, Contract]:
        if self._others is None:
            self._others = self._load()
        return self._others

    def _find(self, key: object) -> Contract | None:
        if not isinstance(key, str):
            return None
        found = self._torch.get(key)
        if found is None and key.partition(".")[0] in PACKAGES:
            return self._rest().get(key)
        return found

    @overload
    def get(self, key: str, /) -> Contract | None: ...
    @overload
    def get(self, key: str, /, default: Contract | _T) -> Contract | _T: ...
    def get(self, key: str, /, default: object = None) -> object:
        """The contract of that name, or `default`."""
        found = self._find(key)
        return default if found is None else found

    def __getitem__(self, key: str) -> Contract:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return self._find(key) is not None

    def __iter__(self) -> Iterator[str]:
        yield from self._torch
        yield from self._rest()

    def __len__(self) -> int:
        return len(self._torch) + len(self._rest())
