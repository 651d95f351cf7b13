"""LA118 speaks of what only evaluation adds; what training has as well is named for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.config import Settings
from lossadvisor.engine.run import analyse

_PROGRAM = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(8, 3)

    def forward(self, x):
        if self.training:
            return {training}
        return {evaluation}


def loss(x, y):
    return F.cross_entropy(Net()(x), y)
"""


@pytest.mark.parametrize(
    ("training", "evaluation", "codes"),
    [
        ("self.body(x)", "self.body(x).relu()", ["LA118"]),
        ("self.body(x).relu()", "self.body(x.flatten(1)).relu()", ["LA104"]),
        ("self.body(x).relu()", "self.body(x).softmax(1)", ["LA104", "LA118"]),
    ],
)
def test_what_training_has_as_well(training: str, evaluation: str, codes: list[str], tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(_PROGRAM.format(training=training, evaluation=evaluation))
    found = analyse(["."], Settings(root=tmp_path, cache=False, jobs=1), tmp_path)
    assert [finding.code for finding in found.findings] == codes
