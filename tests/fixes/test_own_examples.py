"""The fixes of the rule documents applied to their own bad programs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from programs import analyse, codes, mended, write

from lossadvisor.catalogue import Rule, rules
from lossadvisor.catalogue.examples import Example
from lossadvisor.findings import FixApplicability, Severity
from lossadvisor.fixes.propose import FIXERS, STATEMENT_FIXERS


def _programs() -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.code}#{index}")
        for rule in rules()
        if rule.code in FIXERS.keys() | STATEMENT_FIXERS.keys()
        for index, example in enumerate(rule.bad())
    ]


@pytest.mark.parametrize(("rule", "example"), _programs())
def test_a_fix_mends_and_breaks_nothing(rule: Rule, example: Example, tmp_path: Path) -> None:
    write(tmp_path, {source.filename: source.text for source in example.sources})
    before = analyse(tmp_path)
    done = mended(tmp_path, rule.code)
    for name, content in done.contents.items():
        ast.parse(content)
        (tmp_path / name).write_bytes(content)
    after = analyse(tmp_path)
    assert codes(after)[rule.code] == codes(before)[rule.code] - done.fixed[rule.code]
    notes = {one.code for one in after.findings if one.severity is Severity.NOTE}
    assert (codes(after) - codes(before)).keys() <= (notes if rule.severity is not Severity.NOTE else set())
    offered = [one for one in before.findings if one.code == rule.code and one.fix is not None]
    applied = [one for one in offered if one.fix and one.fix.applicability is not FixApplicability.DISPLAY]
    assert done.fixed[rule.code] == len(applied)
    assert done.left == []


def test_no_fix_is_stronger_than_its_document_says(tmp_path: Path) -> None:
    most = {rule.code: rule.fix for rule in rules()}
    assert all(most[code] is not None for code in (*FIXERS, *STATEMENT_FIXERS))
