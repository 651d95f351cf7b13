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


ONLY_SHOWN = {
    "LA101#3": "a class derived from the model may change what it returns",
    "LA104#2": "log-softmax takes the rectified scores within one call",
    "LA104#3": "the last of several layers of a loop is meant",
    "LA105#3": "the values travel inside a list",
}
NOT_FIXED = {
    "LA101#4": "the activation is chosen by a condition",
    "LA105#4": "the activation is built by a function that is handed its class",
    "LA111#3": "the features of a recurrent layer: whether a softmax makes of them what is meant, the author knows",
    "LA301#2": "the class is chosen by whoever calls the helper",
    "LA404#1": "the exponential is computed in another statement",
}
"""Bad programs whose fix is only shown, or that have none, with the reason."""


def test_what_is_not_fixed_has_its_reason(tmp_path: Path) -> None:
    shown, none = set(), set()
    for rule in rules():
        for index, example in enumerate(rule.bad() if rule.fix is not None else ()):
            folder = write(tmp_path / f"{rule.code}{index}", {one.filename: one.text for one in example.sources})
            fixes = [one.fix for one in analyse(folder).findings if one.code == rule.code]
            kinds = {fix.applicability for fix in fixes if fix is not None}
            if fixes and not kinds:
                none.add(f"{rule.code}#{index}")
            elif kinds == {FixApplicability.DISPLAY}:
                shown.add(f"{rule.code}#{index}")
    assert shown == ONLY_SHOWN.keys()
    assert none == NOT_FIXED.keys()


def test_every_rule_with_a_fix_has_a_fixer() -> None:
    assert {rule.code for rule in rules() if rule.fix is not None} == FIXERS.keys() | STATEMENT_FIXERS.keys()


def test_no_fix_is_stronger_than_its_document_says(tmp_path: Path) -> None:
    most = {rule.code: rule.fix for rule in rules()}
    assert all(most[code] is not None for code in (*FIXERS, *STATEMENT_FIXERS))
