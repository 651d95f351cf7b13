"""A project without tensors is not analysed, and every package with contracts counts as one with tensors."""

from __future__ import annotations

from pathlib import Path

from lossadvisor.config import Settings
from lossadvisor.contracts import CONTRACTS
from lossadvisor.engine import analysis
from lossadvisor.engine.concerned import FAMILIES, concerned
from lossadvisor.source import load_text
from lossadvisor.transfers import FUNCTIONS, LAYERS


def test_every_package_of_the_tables_is_a_family() -> None:
    names = {name for contract in CONTRACTS for name in contract.names()} | {*FUNCTIONS} | {*LAYERS}
    assert {name.split(".")[0] for name in names} <= FAMILIES
    for family in FAMILIES:
        assert concerned([load_text(f"x = {family}.y\n", "a.py")])


def test_a_project_without_tensors(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(x:\n")
    (tmp_path / "b.py").write_text("def of(nnn, Fx): return nnn  # noqa: LA101\n")
    found = analysis(["."], Settings(root=tmp_path, cache=False), tmp_path)
    assert [finding.code for finding in found.report.findings] == ["LA900", "LA901"]
