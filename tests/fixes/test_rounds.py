"""Rounds with a stand-in for the analysis: what is kept, what is taken back, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lossadvisor.findings import Confidence, Edit, Finding, Fix, FixApplicability, Severity
from lossadvisor.fixes.rounds import ROUNDS, Repaired, repair
from lossadvisor.source import Document
from lossadvisor.source.reading import load_text
from lossadvisor.values import Location, Span

CHANGES = {"log": "fine", "loop": "loop", "harm": "worse", "break": "((", "stay": "stay2", "wide": "fine\nlog"}
"""What the fix of each word writes. `worse` is a finding without a fix, `stay2` a finding of the same rule."""


@dataclass(frozen=True)
class Seen:
    findings: tuple[Finding, ...]
    documents: dict[str, Document]


class Project:
    """Files of one word per row; a finding for every word of CHANGES."""

    def __init__(self, **files: str) -> None:
        self.files = {f"{name}.py": text for name, text in files.items()}
        self.analyses = 0

    def analyse(self, changed: Sequence[Document]) -> Seen:
        self.analyses += 1
        documents = {name: load_text(text, name, Path("/nowhere") / name) for name, text in self.files.items()}
        documents |= {document.filename: document for document in changed}
        return Seen(tuple(one for document in documents.values() for one in self._findings(document)), documents)

    def _findings(self, document: Document) -> list[Finding]:
        found = []
        for row, word in enumerate(document.raw.split("\n"), start=1):
            span = Span(document.filename, None, Location(row, 1), Location(row, len(word) + 1))
            change = CHANGES.get(word)
            if change is not None or word in ("worse", "stay2"):
                code = "LA-worse" if word == "worse" else f"LA-{word.rstrip('2')}"
                if word == "wide":  # overlaps the edit of the row below, which it leaves as it is
                    change_span = Span(document.filename, None, Location(row, 1), Location(row + 1, 4))
                else:
                    change_span = span
                fix = Fix(FixApplicability.SAFE, "m", (Edit(change_span, change),)) if change is not None else None
                found.append(Finding(code, "n", "m", Severity.ERROR, Confidence.CERTAIN, span, fix=fix))
        return found

    def mend(self) -> Repaired:
        return repair(self.analyse, lambda name: self.files[name].encode(), unsafe=False)


def test_until_nothing_is_left() -> None:
    project = Project(a="wide\nlog\n")
    done = project.mend()
    assert done.contents == {"a.py": b"fine\nfine\n"}
    assert done.fixed == {"LA-wide": 1, "LA-log": 1}
    assert project.analyses == 3


def test_harm_is_taken_back_and_the_rest_is_kept() -> None:
    done = Project(a="harm\nlog\n", b="log\n").mend()
    assert done.contents == {"a.py": b"harm\nfine\n", "b.py": b"fine\n"}
    assert done.left == ["a.py:1: LA-harm is not fixed: the change brings LA-worse to a.py"]


def test_a_finding_that_stays_is_taken_back() -> None:
    done = Project(a="stay\nlog\n").mend()
    assert done.contents == {"a.py": b"stay\nfine\n"}
    assert done.left == ["a.py:1: LA-stay is not fixed: the change does not mend it"]


def test_what_would_not_parse_is_taken_back() -> None:
    done = Project(a="log\nbreak\n").mend()
    assert done.contents == {"a.py": b"fine\nbreak\n"}
    assert done.left == ["a.py:2: LA-break is not fixed: a.py would not parse"]


def test_it_ends() -> None:
    project = Project(a="loop\n")
    project.mend()
    assert project.analyses <= ROUNDS + 2
