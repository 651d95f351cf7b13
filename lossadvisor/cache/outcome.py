"""What one run found, as far as it does not depend on how it is shown."""

from __future__ import annotations

from lossadvisor.findings import Finding, Report
from lossadvisor.late import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report of a run, its notices, and the findings that comments silence."""

    report: Report
    notices: tuple[str, ...]
    suppressed: tuple[Finding, ...]
