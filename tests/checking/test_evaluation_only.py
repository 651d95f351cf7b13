"""LA118 speaks of what only evaluation adds; what training has as well is named for itself."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from lossadvisor.config import Settings
from lossadvisor.engine.run import analyse

_NET = """\
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(8, 3)

    def forward(self, x):
        if self.training:
            return TRAINING
        return EVALUATION
"""


_JUDGED = """

@torch.no_grad()
def loss(x, y):
    return F.cross_entropy(Net()(x), y)
"""


def codes_of(program: str, folder: Path) -> list[str]:
    (folder / "program.py").write_text(program)
    return [found.code for found in analyse(["."], Settings(root=folder, cache=False, jobs=1), folder).findings]


def net(training: str, evaluation: str) -> str:
    return _NET.replace("TRAINING", training).replace("EVALUATION", evaluation)


@pytest.mark.parametrize(
    ("training", "evaluation", "codes"),
    [
        ("self.body(x)", "self.body(x).relu()", ["LA118"]),
        ("self.body(x).relu()", "self.body(x.flatten(1)).relu()", ["LA104"]),
        ("self.body(x).relu()", "self.body(x).softmax(1)", ["LA104", "LA118"]),
    ],
)
def test_what_training_has_as_well(training: str, evaluation: str, codes: list[str], tmp_path: Path) -> None:
    assert codes_of(net(training, evaluation) + _JUDGED, tmp_path) == codes


@pytest.mark.parametrize(
    ("judged", "codes"),
    [
        # Nothing says that a head is asked for its loss in evaluation, too.
        ("""
         class Head(Net):
             def loss(self, x, y):
                 return F.cross_entropy(self(x), y)
         """, []),
        ("""
         def step(x, y):
             head = Net()
             with torch.enable_grad():
                 return F.cross_entropy(head(x), y)
         """, []),
        ("""
         def step(x, y):
             head = Net()
             head.eval()
             return F.cross_entropy(head(x), y)
         """, ["LA118"]),
        ("""
         def step(x, y):
             with torch.inference_mode():
                 return F.cross_entropy(Net()(x), y)
         """, ["LA118"]),
        # Lightning switches to evaluation before it validates.
        ("""
         import lightning

         class Lit(lightning.LightningModule):
             def __init__(self):
                 super().__init__()
                 self.net = Net()

             def shared(self, batch):
                 x, y = batch
                 return F.cross_entropy(self.net(x), y)

             def training_step(self, batch, index):
                 return self.shared(batch)
         """, []),
        ("""
         import lightning

         class Lit(lightning.LightningModule):
             def __init__(self):
                 super().__init__()
                 self.net = Net()

             def shared(self, batch):
                 x, y = batch
                 return F.cross_entropy(self.net(x), y)

             def training_step(self, batch, index):
                 return self.shared(batch)

             def validation_step(self, batch, index):
                 self.log("loss", self.shared(batch))
         """, ["LA118"]),
    ],
)
def test_the_loss_is_seen_in_evaluation(judged: str, codes: list[str], tmp_path: Path) -> None:
    assert codes_of(net("self.body(x)", "self.body(x).softmax(1)") + dedent(judged), tmp_path) == codes
