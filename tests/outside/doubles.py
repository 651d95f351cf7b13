"""A stand-in for the analyzer: it reports a finding wherever a line says so.

`loss(x)  # report LA101 likely` becomes a finding of that rule on `loss(x)`. The engine, the reporters and the
suppressions can so be tested on findings of every kind, whatever the analyzer can prove today.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lossadvisor.config import Settings
from lossadvisor.engine import Analysis, analysis
from lossadvisor.findings import (
    Confidence,
    Finding,
    LossVerdict,
    PortReport,
    Severity,
    TraceEntry,
    Verdict,
)
from lossadvisor.source import Document
from lossadvisor.values import Domain, Location, Span

_MARK = re.compile(r"(?P<code>\S.*?)\s*# report (?P<rule>LA\d+)(?: (?P<confidence>\w+))?(?: from (?P<cause>\S+))?")


@dataclass(frozen=True)
class Examination:
    findings: tuple[Finding, ...]
    losses: tuple[LossVerdict, ...]


def examine(documents: Sequence[Document], settings: Settings) -> Examination:
    """One finding and one loss verdict for every marked line."""
    findings = []
    losses = []
    for document in documents:
        for number, line in enumerate(document.raw.split("\n"), start=1):
            match = _MARK.search(line)
            if match is None:
                continue
            cell, row = document.locate(number)
            start, end = match.start("code") + 1, match.end("code") + 1
            span = Span(document.filename, cell, Location(row, start), Location(row, end))
            cause = Span(match["cause"] or document.filename, cell, Location(1, 1), Location(1, 7))
            findings.append(
                Finding(
                    code=match["rule"],
                    name=NAMES[match["rule"]],
                    message="probabilities reach CrossEntropyLoss, which expects logits",
                    severity=Severity.NOTE if match["rule"] == "LA102" else Severity.ERROR,
                    confidence=Confidence(match["confidence"] or "certain"),
                    span=span,
                    loss="torch.nn.CrossEntropyLoss",
                    trace=(TraceEntry(span, "called here"), TraceEntry(cause, "softmax over axis 1")),
                    evidence={"classes": 10, "lowest_loss": 1.4611501717565118},
                    help="return the logits",
                    url="https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html",
                )
            )
            port = PortReport(Domain.PROBABILITIES, axis=1)
            losses.append(
                LossVerdict(
                    span, "torch.nn.CrossEntropyLoss", "cross_entropy", Verdict.FINDING, (match["rule"],), port,
                    PortReport(Domain.INDICES),
                )
            )
    return Examination(tuple(findings), tuple(losses))


NAMES = {
    "LA101": "softmax-before-cross-entropy",
    "LA102": "log-softmax-before-cross-entropy",
    "LA105": "sigmoid-before-bce-with-logits",
    "LA210": "pad-equals-eos",
}


def run(folder: Path, *paths: str, settings: Settings | None = None) -> Analysis:
    """Analyse with the stand-in."""
    return analysis(paths or (".",), settings or Settings(root=folder), folder, examine=examine)
