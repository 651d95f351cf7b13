"""The dataclasses of a report; `reporters` turns them into text, JSON and the other formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from lossadvisor.late import dataclass
from lossadvisor.values import Domain, Dtype, Shape, Span


class Severity(Enum):
    """How much harm the mistake does; findings below the `--fail-on` severity do not fail the run."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Confidence(Enum):
    """How strong the proof is; computed from the proof, never chosen."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class FixApplicability(Enum):
    """`safe` fixes cannot change training; `unsafe` ones may; `display` ones are only shown."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `content`."""

    span: Span
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a finding; all of its edits are applied or none."""

    applicability: FixApplicability
    message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One place on the way from the loss call back to the cause (the cause is the last entry)."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One reported mistake. `span` is the offending argument, or the call that brought the wrong value in."""

    code: str
    name: str
    message: str
    severity: Severity
    confidence: Confidence
    span: Span
    loss: str | None = None
    trace: tuple[TraceEntry, ...] = ()
    evidence: Mapping[str, object] | None = None
    help: str | None = None
    fix: Fix | None = None
    url: str | None = None


class Verdict(Enum):
    """What is known of one loss call."""

    CONSISTENT = "consistent"
    FINDING = "finding"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PortReport:
    """What is known of one argument of a loss call. `chain` holds the qualified names of the operations behind it."""

    domain: Domain
    axis: int | None = None
    dtype: Dtype = Dtype.UNKNOWN
    shape: Shape = None
    classes: int | None = None
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LossVerdict:
    """One loss call of the project with its verdict, so that silence is never mistaken for safety.

    `loss` is the qualified name (`torch.nn.CrossEntropyLoss`), `contract` the identifier of its contract, `options`
    the constant options written in the code (`{"reduction": "sum"}`).
    """

    span: Span
    loss: str
    contract: str
    verdict: Verdict
    codes: tuple[str, ...]
    input: PortReport
    target: PortReport
    options: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None
    trace: tuple[TraceEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run found. `problems` are one-line errors about files that could not be analysed (exit 2)."""

    findings: tuple[Finding, ...]
    losses: tuple[LossVerdict, ...]
    problems: tuple[str, ...]
    files: int
