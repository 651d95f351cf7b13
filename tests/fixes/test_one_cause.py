"""An operation that causes many findings is looked at once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.config import Settings
from lossadvisor.engine import analysis
from lossadvisor.findings import FixApplicability
from lossadvisor.fixes import flows, relocate

HEAD = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.softmax(x, 1)


net = Net()
"""
NUMBER = 40


def test_where_a_value_goes_is_found_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = "".join(f"\n\ndef loss{n}(x, y):\n    return F.cross_entropy(net(x), y)\n" for n in range(NUMBER))
    (tmp_path / "net.py").write_text(HEAD + losses)
    made: list[object] = []

    def flow(*args: object) -> flows.Flow:
        made.append(args)
        return flows.Flow(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(relocate, "Flow", flow)
    findings = analysis(["."], Settings(root=tmp_path, cache=False, jobs=1), tmp_path).report.findings
    assert [finding.code for finding in findings] == ["LA101"] * NUMBER
    fixes = {finding.fix for finding in findings}
    assert len(fixes) == 1 and len(made) == 1
    fix = fixes.pop()
    assert fix is not None and fix.applicability is FixApplicability.UNSAFE and len(fix.edits) == 2
