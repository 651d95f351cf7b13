"""Every bad program of the catalogue yields exactly the marked findings, every good one none of any rule.

Each program is written to a folder of its own and checked with all rules selected and at the default confidence.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lossadvisor.catalogue import Rule, rules
from lossadvisor.catalogue.examples import Example
from lossadvisor.config import Layer, Settings
from lossadvisor.engine.run import analyse

# program listed here must deviate, so that no entry can outlive its reason.
NOT_YET: dict[str, str] = {
    "LA605": "the check does not exist yet",
    "LA702": "the check does not exist yet",
}


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
    reason = NOT_YET.get(rule.code) or NOT_YET.get(f"{rule.code}#{index}")
    if reason is None:
        assert sorted(found.elements()) == list(example.marks())
    else:
        assert found != Counter(example.marks()), f"found by now: remove it from NOT_YET ({reason})"


@pytest.mark.parametrize(("rule", "index", "example"), _programs("good"))
def test_a_good_program_is_silent(rule: Rule, index: int, example: Example, tmp_path: Path) -> None:
    assert sorted(_found(example, tmp_path).elements()) == [], f"{rule.name}, good program {index}"


def test_not_yet_names_rules_that_exist() -> None:
    known = {rule.code for rule in rules()}
    known |= {f"{rule.code}#{index}" for rule in rules() for index in range(len(rule.bad()))}
    assert set(NOT_YET) <= known
    assert all(reason.strip() for reason in NOT_YET.values())
