"""A loss of another package as the battery calls losses: function(prediction, target, **options)."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lossadvisor.contracts import Contract, Parameter

# Parameters without a default whose value the code may not tell -> what is tried then ("classes" and "features": the
# size of the class axis and of the rows).
STAND_INS: Mapping[str, object] = {
    "alpha": 0.5, "beta": 0.5, "num_classes": "classes", "embedding_size": "features", "vocab_size": "classes",
    "margin": 0.5, "window_size": 5, "max_val": 1.0,
}  # fmt: skip


class NotCallable(Exception):
    """The loss cannot be built from what the code tells; the message says what is missing."""


class Called:
    """One loss of a package under written options.

    A class is built once per set of options, with the same random parameters every time, and moved to the type of
    the prediction. Options that are given in a call go to the constructor of a class and to the call of a function.
    `narrow` hands float32 to a loss that takes no float64.
    """

    def __init__(
        self, contract: Contract, name: str, target: Any, options: Mapping[str, Any], classes: int, narrow: bool = False
    ) -> None:
        self.narrow = narrow
        self._contract, self._target, self._written, self._classes = contract, target, dict(options), classes
        self._is_class = name in contract.classes
        own = contract.constructor if self._is_class else contract.function
        self._call = contract.call if self._is_class else contract.function
        self._options = {p.name: p for p in own if contract.feeds(p) is None or self._is_class}
        self._built: dict[tuple[tuple[str, object], ...], Any] = {}
        names = ("input", "target", *(name for name in self._options if name not in ("input", "target")))
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])
        self.stood_in = tuple(self._missing())

    def _missing(self) -> list[str]:
        """The required options that the code does not tell, each with a stand-in. Raises NotCallable without one."""
        missing = [name for name, p in self._options.items() if p.required and name not in self._written]
        unknown = [name for name in missing if name not in STAND_INS]
        if unknown:
            raise NotCallable(f"the code does not tell its {', '.join(unknown)}")
        return missing

    def stand_in(self, name: str, features: int) -> object:
        """The value tried for a required option."""
        return {"classes": self._classes, "features": features}.get(str(STAND_INS[name]), STAND_INS[name])

    def __call__(self, prediction: Tensor, target: Tensor, **options: Any) -> Any:
        """The loss, as the package returns it."""
        if self.narrow and prediction.dtype is torch.float64:
            target = target.float() if target.dtype is torch.float64 else target
            return self(prediction.float(), target, **options).double()
        features = prediction.shape[1] if prediction.dim() > 1 else self._classes
        known = {name: self.stand_in(name, features) for name in self.stood_in}
        known.update({name: value for name, value in options.items() if name in self._options})
        arguments = dict(zip(self._ports(), (prediction, target), strict=False))
        if self._is_class:
            return self._module(known, prediction)(**arguments)
        return self._target(**arguments, **known)

    def _ports(self) -> list[str]:
        """The names of the parameters of the call that feed prediction and target, in this order."""
        found = {port.role: p.name for p in self._call if (port := self._contract.feeds(p)) is not None}
        return [found[role] for role in ("prediction", "target") if role in found]

    def _module(self, options: Mapping[str, Any], like: Tensor) -> Any:
        key = (("dtype", like.dtype), *sorted(options.items(), key=lambda item: item[0]))
        if key not in self._built:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                built = self._target(**options)
            self._built[key] = built.to(like.dtype) if isinstance(built, torch.nn.Module) else built
        return copy.deepcopy(self._built[key])  # some keep a state from call to call


def needs_more(contract: Contract, parameters: tuple[Parameter, ...]) -> list[str]:
    """Required parameters of a call beside prediction and target, which the battery has no numbers for."""
    fed = [(p, contract.feeds(p)) for p in parameters if p.required]
    return [p.name for p, port in fed if port is not None and port.role == "other"]
