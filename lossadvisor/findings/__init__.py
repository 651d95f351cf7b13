"""What the program says: findings about code, and a verdict for every loss call."""

from lossadvisor.findings.model import (
    Confidence,
    Edit,
    Finding,
    Fix,
    FixApplicability,
    LossVerdict,
    PortReport,
    Report,
    Severity,
    TraceEntry,
    Verdict,
)

__all__ = [
    "Confidence",
    "Edit",
    "Finding",
    "Fix",
    "FixApplicability",
    "LossVerdict",
    "PortReport",
    "Report",
    "Severity",
    "TraceEntry",
    "Verdict",
]
