"""`LossWatch`, a callback for transformers: `Trainer(..., callbacks=[LossWatch()])`."""

from __future__ import annotations

import sys
from typing import Any

from lossadvisor.runtime.requirements import MissingTorch
from lossadvisor.runtime.watching.report import WatchReport
from lossadvisor.runtime.watching.watch import OnFinding, watch

try:
    from transformers import TrainerCallback
except ImportError:
    raise MissingTorch("LossWatch needs transformers: pip install transformers") from None


class LossWatch(TrainerCallback):  # type: ignore[misc]
    """Watches from the beginning of training to its end. The options are those of `lossadvisor.runtime.watch`."""

    def __init__(self, *, on_finding: OnFinding = "report", quiet: bool = False, **schedule: Any) -> None:
        super().__init__()
        self._watch = watch(on_finding=on_finding, **schedule)
        self._quiet = quiet or on_finding == "raise"

    @property
    def report(self) -> WatchReport:
        """What has been found so far."""
        return self._watch.report

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start."""
        self._watch.start()

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stop and print what was found."""
        report = self._watch.stop()
        if report.findings and not self._quiet:
            print(report.text(), file=sys.stderr)
