"""Every finding of the fixtures, the rule documents and their bad programs says where, why and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("torch")

from lossadvisor.catalogue import rules
from lossadvisor.config import Layer, Settings
from lossadvisor.engine import analysis
from lossadvisor.findings import Finding, LossVerdict
from lossadvisor.source import Document
from lossadvisor.values import Span

from .measured import Misuse, has_no_floor, measured

ROOT = Path(__file__).resolve().parents[2]
ALL = (Layer(select=("ALL",)),)
_ABOUT_TEXT = ("LA9",)  # what is written at their place is the whole story

WRITTEN = "tensors that are written down where they are used have no history"
# Findings that may have no trail, and why. The mistake stands where the finding stands, nothing was brought there.
ITS_OWN_CAUSE = {
    "LA201": "labels written as floats where the loss is called through its function: no step lies between",
    "LA202": WRITTEN,
    "LA203": "a comparison of something unknown is the target: it has no history that is known",
    "LA208": WRITTEN,
    "LA210": "the line that masks the padding is the mistake",
    "LA211": "the call with shifted labels is the mistake",
    "LA212": WRITTEN,
    "LA301": "the softmax without dim is the mistake, whatever reaches it",
    "LA304": WRITTEN,
    "LA404": "the formula is the mistake",
    "LA405": "the formula is the mistake; where a softmax made the logarithms, the trail leads to it",
    "LA408": "of a mixture both parts may be zero: neither of their histories alone is the cause",
    "LA501": "the constructor that is given tensors is the mistake; no loss is ever computed",
    "LA503": "the deprecated option is the mistake",
    "LA504": "the reduction, or its absence, is the mistake",
    "LA506": "a reduction that does not exist, where the loss is made; an unreduced loss has its trail",
    "LA507": "the weight written in the constructor is the mistake",
    "LA508": "the weight written in the constructor is the mistake; a wrong length leads to the layer of the classes",
    "LA509": "the whole output stands in the call itself, and its elements are no tensors with a history",
    "LA511": "the mean over all positions is the mistake",
    "LA512": "the argument stands in the wrong place of the constructor",
    "LA514": "the call of backward on what still has an axis is all that is known",
    "LA702": "the division by the number of batches is the mistake",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding with the documents of its run and the verdicts on the losses."""

    finding: Finding
    documents: Mapping[str, Document]
    losses: tuple[LossVerdict, ...]


def _run(paths: list[str], folder: Path, layers: tuple[Layer, ...]) -> Iterator[Seen]:
    found = analysis(paths, Settings(root=folder, layers=layers, cache=False), folder)
    for finding in found.report.findings:
        yield Seen(finding, dict(found.documents), tuple(found.report.losses))


def _everything(folder: Path, layers: tuple[Layer, ...]) -> Iterator[Seen]:
    """Fixtures and documents as they stand, and each bad program as a project of its own."""
    for name in ("fixtures", "rules"):
        yield from _run([name], ROOT, layers)
    for rule in rules():
        for number, example in enumerate(rule.bad()):
            project = folder / f"{rule.code}-{number}"
            for source in example.sources:
                path = project / source.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(source.text, encoding="utf-8")
            yield from _run(["."], project, layers)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """All rules selected."""
    return list(_everything(tmp_path_factory.mktemp("all"), ALL))


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """At default settings."""
    return list(_everything(tmp_path_factory.mktemp("default"), ()))


def _exists(span: Span, documents: Mapping[str, Document]) -> bool:
    document = documents.get(span.filename)
    if document is None or span.start.row < 1 or span.start.column < 1:
        return False
    row = document.row_of(span.cell, span.start.row)
    last = document.row_of(span.cell, span.end.row)
    mended = document.lines()  # what cannot be parsed is blank there
    lines = mended if document.cells else document.path.read_text(encoding="utf-8").splitlines()
    if not 1 <= row <= last <= len(lines) or document.locate(row) != (span.cell, span.start.row):
        return False
    return span.start.column <= len(lines[row - 1]) and span.end.column <= len(lines[last - 1]) + 1


def test_enough_is_looked_at(found: list[Seen], reported: list[Seen]) -> None:
    assert {one.finding.code for one in found} >= {rule.code for rule in rules()}
    assert len(reported) > 150
    folders = {one.finding.span.filename.split("/")[1] for one in found if one.finding.span.filename[:4] == "fixt"}
    assert folders >= {path.name for path in (ROOT / "fixtures").iterdir()} - {"sound", "README.md"}


def test_places_exist(found: list[Seen], reported: list[Seen]) -> None:
    for one in (*found, *reported):
        assert _exists(one.finding.span, one.documents), one.finding
        for entry in one.finding.trace:
            assert _exists(entry.span, one.documents), (one.finding, entry)
            assert entry.message.strip() and "\n" not in entry.message


def test_every_mismatch_has_a_trail(found: list[Seen]) -> None:
    """The rules about what reaches a loss say how it came there."""
    for one in found:
        if one.finding.code.startswith("LA1") and one.finding.loss is not None:
            assert one.finding.trace, one.finding


def test_what_has_no_trail_is_its_own_cause(found: list[Seen], reported: list[Seen]) -> None:
    without = {one.finding.code for one in (*found, *reported) if not one.finding.trace}
    assert {code for code in without if not code.startswith(_ABOUT_TEXT)} == set(ITS_OWN_CAUSE)


def test_every_finding_says_what_to_change(found: list[Seen], reported: list[Seen]) -> None:
    for finding in (one.finding for one in (*found, *reported)):
        assert finding.message.strip() and "\n" not in finding.message and "{" not in finding.message, finding
        if not finding.code.startswith(_ABOUT_TEXT):
            assert finding.help and finding.help.strip() and "{" not in finding.help, finding
            assert finding.help != finding.message
        assert finding.url and finding.name


def _verdicts(one: Seen) -> list[LossVerdict]:
    return [loss for loss in one.losses if one.finding.code in loss.codes and loss.loss == one.finding.loss]


def test_numbers_of_an_evidence_are_those_of_a_run(found: list[Seen], reported: list[Seen]) -> None:
    """Whatever number a report gives as evidence is measured again on torch, with the options of that loss."""
    confirmed: set[tuple[str, str]] = set()
    for one in (*found, *reported):
        numbers = {key: value for key, value in (one.finding.evidence or {}).items() if key not in ("text", "classes")}
        if one.finding.code == "LA301":
            continue  # a number of dimensions, which is no value of a loss
        for loss in _verdicts(one) if numbers else ():
            classes = (one.finding.evidence or {}).get("classes", 2)
            assert isinstance(classes, int)
            case = Misuse(loss.contract, loss.options, loss.input.domain, classes)
            for key, told in numbers.items():
                if told is None:
                    assert key == "floor" and has_no_floor(loss.contract, loss.input.domain, loss.target.domain)
                else:
                    assert measured(case)[key] == pytest.approx(told, abs=2e-4), (one.finding, key)
                confirmed.add((one.finding.code, key))
    assert len(confirmed) > 35, confirmed
    assert {code for code, _ in confirmed} >= {"LA101", "LA103", "LA104", "LA105", "LA106", "LA108", "LA109", "LA110",
                                               "LA111", "LA113", "LA114", "LA116", "LA118", "LA204", "LA205"}


def test_every_number_has_its_loss(found: list[Seen]) -> None:
    """No evidence is skipped above because its loss was not found again."""
    for one in found:
        if one.finding.evidence and one.finding.loss is not None:
            assert _verdicts(one), one.finding


def test_rules_that_fire_are_documented(found: list[Seen]) -> None:
    assert {one.finding.code for one in found} <= {rule.code for rule in rules()}
