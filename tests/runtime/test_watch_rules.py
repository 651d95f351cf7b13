"""Each rule that a running program can show: the guilty loop is found, the corrected loop is silent."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from lossadvisor.runtime.codes import CODES
from tests.runtime.loops import CASES, Case, run

_IDS = [f"{case.code} {case.name}".strip() for case in CASES]
# A loop that breaks one rule may break a second by nature; everything else found is a fault.
_BESIDE = {
    "LA108": {"LA602"}, "LA107": {"LA602"}, "LA401": set(), "LA402": {"LA110"}, "LA408": {"LA109"},
    "LA303": {"LA403"}, "LA404": {"LA109"}, "LA406": {"LA403"}, "LA502": {"LA602", "LA107", "LA202"}, "LA301": set(),
    "LA501": set(), "LA505": set(), "LA512": {"LA503"}, "LA106": set(), "LA603": set(),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=_IDS)
def test_guilty_loop_is_found(case: Case) -> None:
    report = run(case.guilty)
    assert case.code in report.codes, report.text()
    assert set(report.codes) - {case.code} <= _BESIDE.get(case.code, set()), report.text()
    assert not report.errors


@pytest.mark.parametrize("case", CASES, ids=_IDS)
def test_corrected_loop_is_silent(case: Case) -> None:
    report = run(case.right)
    assert report.findings == (), report.text()
    assert not report.errors


@pytest.mark.parametrize("case", CASES, ids=_IDS)
def test_finding_stands_at_a_place_in_the_loop(case: Case) -> None:
    finding = next(one for one in run(case.guilty, steps=4).findings if one.code == case.code)
    assert finding.span.filename.endswith("loops.py")
    assert finding.span.start.row > 1
    assert finding.help and finding.name == CODES[case.code].name


def test_every_code_has_a_loop() -> None:
    assert set(CODES) == {case.code for case in CASES}
