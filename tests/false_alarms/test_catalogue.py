"""What a naive linter gets wrong stays silent at default settings, and the guilty twin beside it is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.catalogue.examples import Example
from lossadvisor.config import Settings
from lossadvisor.engine.run import analyse
from lossadvisor.findings import Finding, Severity
from tests.false_alarms.programs import CATALOGUE, Pair, pairs

PAIRS = pairs()
NUMBERS = range(1, 46)


def _findings(example: Example, folder: Path) -> tuple[Finding, ...]:
    for source in example.sources:
        path = folder / source.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.text, encoding="utf-8")
    report = analyse(["."], Settings(root=folder, cache=False, jobs=1), folder)
    assert report.problems == ()
    return report.findings


def _spot(finding: Finding) -> tuple[str, int, str]:
    return finding.span.filename, finding.span.start.row, finding.code


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_an_innocent_program_is_silent(pair: Pair, tmp_path: Path) -> None:
    found = _findings(pair.innocent, tmp_path)
    assert [_spot(finding) for finding in found if finding.severity is not Severity.NOTE] == []
    assert {_spot(finding) for finding in found} <= set(pair.innocent.marks())


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_its_guilty_twin_is_found(pair: Pair, tmp_path: Path) -> None:
    wanted = set(pair.guilty.marks()) - set(pair.innocent.marks())
    assert wanted, "the twin announces no finding"
    assert wanted <= {_spot(finding) for finding in _findings(pair.guilty, tmp_path)}


def test_every_entry_is_there_in_two_styles() -> None:
    documents = sorted(CATALOGUE.glob("*.md"))
    assert [int(path.stem[:2]) for path in documents] == list(NUMBERS)
    for path in documents:
        assert sum(pair.name.startswith(path.stem + ":") for pair in PAIRS) >= 2, path.stem


def test_several_programs_have_several_files() -> None:
    assert sum(len(pair.innocent.sources) > 1 for pair in PAIRS) >= 10
