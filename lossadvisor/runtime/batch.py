"""`check`: one batch through one loss, judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lossadvisor.findings import Severity
from lossadvisor.runtime.watching.observer import Observer
from lossadvisor.runtime.watching.report import WatchReport
from lossadvisor.runtime.watching.schedule import ALWAYS


def check(loss_fn: Callable[..., Any], input: Any, target: Any, *more: Any, **options: Any) -> WatchReport:
    """Judge one batch: call `loss_fn(input, target, *more, **options)` once and report what its arguments break.

    `loss_fn` is a loss of torch.nn or torch.nn.functional or anything that calls one inside. An exception of the loss
    is caught; it stands among the notes, and what led to it among the findings. `fails()` of the report tells whether
    a finding is severe.
    """
    observer = Observer(ALWAYS, lambda finding: None)
    notes: list[str] = []
    observer.start()
    try:
        loss_fn(input, target, *more, **options)
    except Exception as error:
        notes.append(f"the loss raised {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
    finally:
        observer.stop()
    report = observer.report()
    if not report.sites and not report.findings:
        notes.append("no loss of torch was called; nothing could be judged")
    return replace(report, notes=(*notes, *report.notes))


__all__ = ["Severity", "check"]
