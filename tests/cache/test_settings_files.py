"""What was found rests on the configuration files that the code reads, too: when one changes, it is found anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lossadvisor.config import Settings
from lossadvisor.engine import analysis

MAIN = """\
import torch.nn as nn
import torch.nn.functional as F
import yaml


class Net(nn.Module):
    def __init__(self, act):
        super().__init__()
        self.fc = nn.Linear(8, 3)
        self.act = act

    def forward(self, x):
        y = self.fc(x)
        return y.softmax(1) if self.act == "softmax" else y


with open("config.yaml") as f:
    config = yaml.safe_load(f)
loss = F.cross_entropy(Net(config["act"])(x), y)
"""


def _codes(folder: Path) -> list[str]:
    settings = replace(Settings(root=folder), cache=True)
    return [finding.code for finding in analysis(["."], settings, folder).report.findings]


def test_a_changed_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(MAIN)
    assert _codes(tmp_path) == []
    (tmp_path / "config.yaml").write_text("act: softmax\n")
    assert _codes(tmp_path) == ["LA101"]
    assert _codes(tmp_path) == ["LA101"]
    (tmp_path / "config.yaml").write_text("act: nothing\n")
    assert _codes(tmp_path) == []
    (tmp_path / "config.yaml").unlink()
    assert _codes(tmp_path) == []
