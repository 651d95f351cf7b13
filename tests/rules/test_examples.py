"""Every bad program of the catalogue yields exactly the marked findings, every good one none of any rule.

Each program is written to a folder of its own and checked with all rules selected and at the default confidence.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lossadvisor.catalogue import Rule, rules
from lossadvisor.catalogue.examples import Example
from lossadvisor.checking.checks import implemented
from lossadvisor.config import Layer, Settings
from lossadvisor.engine.run import analyse


def _found(example: Example, folder: Path) -> Counter[tuple[str, int, str]]:
    for source in example.sources:
        path = folder / source.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.text, encoding="utf-8")
    settings = Settings(root=folder, layers=(Layer(select=("ALL",)),), cache=False, jobs=1)
    report = analyse(["."], settings, folder)
    assert report.problems == ()
    return Counter((finding.span.filename, finding.span.start.row, finding.code) for finding in report.findings)


def _programs(kind: str) -> list[object]:
    return [
        pytest.param(rule, index, example, id=f"{rule.code}#{index}")
        for rule in rules()
        for index, example in enumerate(rule.bad() if kind == "bad" else rule.good())
    ]


@pytest.mark.parametrize(("rule", "index", "example"), _programs("bad"))
def test_a_bad_program_yields_exactly_its_marks(rule: Rule, index: int, example: Example, tmp_path: Path) -> None:
    found = _found(example, tmp_path)
    assert sorted(found.elements()) == list(example.marks()), f"{rule.name}, bad program {index}"


@pytest.mark.parametrize(("rule", "index", "example"), _programs("good"))
def test_a_good_program_is_silent(rule: Rule, index: int, example: Example, tmp_path: Path) -> None:
    assert sorted(_found(example, tmp_path).elements()) == [], f"{rule.name}, good program {index}"


def test_every_check_that_a_document_names_exists() -> None:
    elsewhere = {"evaluation-only-activation", "syntax-error", "unused-suppression", "unreadable-file"}
    assert {rule.check for rule in rules() if rule.check is not None} == implemented() | elsewhere
