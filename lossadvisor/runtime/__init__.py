"""The runtime module: what the linter infers, measured on real tensors.

`check(loss_fn, input, target)` judges one batch, `watch(...)` a training loop; both report findings with the codes of
the linter. Everything here needs torch, which only this package imports: `pip install 'lossadvisor[runtime]'`. The
names are loaded on first use, so that importing the package (or its pytest plugin) costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lossadvisor.runtime.requirements import MissingTorch

if TYPE_CHECKING:
    from lossadvisor.runtime.batch import check
    from lossadvisor.runtime.predicates import Measured, measure, satisfies
    from lossadvisor.runtime.watching.report import LossFinding, Observation, WatchReport
    from lossadvisor.runtime.watching.schedule import Schedule
    from lossadvisor.runtime.watching.watch import Watch, watch

__all__ = [
    "LossFinding",
    "Measured",
    "MissingTorch",
    "Observation",
    "Schedule",
    "Watch",
    "WatchReport",
    "check",
    "measure",
    "satisfies",
    "watch",
]

_HOMES = {
    "check": "lossadvisor.runtime.batch",
    "Measured": "lossadvisor.runtime.predicates",
    "measure": "lossadvisor.runtime.predicates",
    "satisfies": "lossadvisor.runtime.predicates",
    "LossFinding": "lossadvisor.runtime.watching.report",
    "Observation": "lossadvisor.runtime.watching.report",
    "WatchReport": "lossadvisor.runtime.watching.report",
    "Schedule": "lossadvisor.runtime.watching.schedule",
    "Watch": "lossadvisor.runtime.watching.watch",
    "watch": "lossadvisor.runtime.watching.watch",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lossadvisor.runtime.requirements import require_torch

    require_torch(f"lossadvisor.runtime.{name}")
    return getattr(import_module(_HOMES[name]), name)
