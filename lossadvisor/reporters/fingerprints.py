"""A name for each finding that stays the same while code around it changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from lossadvisor.engine import Analysis
from lossadvisor.engine.baseline import keys
from lossadvisor.findings import Finding
from lossadvisor.reporters.model import Medium


def fingerprinted(analysis: Analysis, medium: Medium) -> Iterator[tuple[Finding, str]]:
    """Each finding with a fingerprint of its file, code, line text and occurrence: unique and stable."""
    for finding, key in keys(analysis.report.findings, analysis.documents, medium.folder):
        yield finding, hashlib.sha256(json.dumps(key).encode()).hexdigest()
