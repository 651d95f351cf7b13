"""What the battery says: single checks, and the validation of one loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Any

from lossadvisor.findings import Severity
from lossadvisor.late import dataclass
from lossadvisor.runtime.codes import CODES
from lossadvisor.values import Span

Number = float | int | str | None


class Outcome(Enum):
    """OK and WRONG judge; NOTE is worth knowing and breaks nothing; SKIPPED says why in its sentence."""

    OK = "ok"
    WRONG = "wrong"
    NOTE = "note"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was measured on the loss as written, what a right construction gives, and what follows."""

    name: str
    measured: Number
    expected: Number
    outcome: Outcome
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """Plain data; nan and infinities become strings, which JSON lacks."""
        return {
            "name": self.name,
            "measured": plain(self.measured),
            "expected": plain(self.expected),
            "verdict": self.outcome.value,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class Validation:
    """One loss put through the battery. `chain` is what feeds it as written, `recommended` the right chain."""

    contract: str
    loss: str
    chain: tuple[str, ...]
    recommended: tuple[str, ...]
    options: Mapping[str, object]
    classes: int
    checks: tuple[Check, ...]
    codes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """WRONG as soon as one check says so, or one rule whose severity is error; SKIPPED when nothing was tried."""
        if not self.checks:
            return Outcome.SKIPPED
        wrong = any(check.outcome is Outcome.WRONG for check in self.checks)
        wrong = wrong or any(CODES[code].severity is Severity.ERROR for code in self.codes)
        return Outcome.WRONG if wrong else Outcome.OK

    def as_json(self) -> dict[str, Any]:
        """One object of `validate --output-format json`."""
        start = None if self.span is None else {"row": self.span.start.row, "column": self.span.start.column}
        return {
            "filename": None if self.span is None else self.span.filename,
            "location": start,
            "cell": None if self.span is None else self.span.cell,
            "loss": self.loss,
            "contract": self.contract,
            "options": {name: plain(value) for name, value in self.options.items()},
            "chain": list(self.chain),
            "recommended": list(self.recommended),
            "classes": self.classes,
            "verdict": self.outcome.value,
            "codes": list(self.codes),
            "checks": [check.as_json() for check in self.checks],
            "help": list(self.help),
            "notes": list(self.notes),
        }


def plain(value: object) -> object:
    """`value` in a form that JSON holds."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
