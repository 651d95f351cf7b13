"""`LossWatch`, a callback for Lightning: `Trainer(callbacks=[LossWatch()])`."""

from __future__ import annotations

import sys
from typing import Any

from lossadvisor.runtime.requirements import MissingTorch
from lossadvisor.runtime.watching.report import WatchReport
from lossadvisor.runtime.watching.watch import OnFinding, watch

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    try:
        from pytorch_lightning.callbacks import Callback
    except ImportError:
        raise MissingTorch("LossWatch needs Lightning: pip install lightning") from None


class LossWatch(Callback):  # type: ignore[misc]
    """Watches from the start of fit, validate or test to its end, an exception included.

    `report` holds what was found; it is printed at the end unless `on_finding` is "raise" or `quiet` is set. The
    options are those of `lossadvisor.runtime.watch`.
    """

    def __init__(self, *, on_finding: OnFinding = "report", quiet: bool = False, **schedule: Any) -> None:
        super().__init__()
        self._watch = watch(on_finding=on_finding, **schedule)
        self._quiet = quiet or on_finding == "raise"

    @property
    def report(self) -> WatchReport:
        """What has been found so far."""
        return self._watch.report

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Start with the stage."""
        self._watch.start()

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Stop with the stage and print what was found."""
        was_on = self._watch.active
        report = self._watch.stop()
        if was_on and report.findings and not self._quiet:
            print(report.text(), file=sys.stderr)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Stop when the trainer gives up."""
        self._watch.stop()
