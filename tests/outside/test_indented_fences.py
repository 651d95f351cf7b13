"""Programs in fences that are indented: below a point of a list, say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from scratch import notebook

Run = Callable[..., "subprocess.CompletedProcess[str]"]
PROGRAM = """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


def train(x, y):
    return nn.CrossEntropyLoss()(Net()(x), y)
"""


def indented(width: int) -> str:
    return "".join(" " * width + row if row.strip() else row for row in PROGRAM.splitlines(keepends=True))


@pytest.mark.parametrize("width", [0, 2, 3, 4, 8])
def test_functions_and_classes_are_judged(lossadvisor: Run, tmp_path: Path, width: int) -> None:
    space = " " * width
    (tmp_path / "a.md").write_text(f"1. So:\n\n{space}```python\n{indented(width)}{space}```\n")
    (row,) = json.loads(lossadvisor("check", "--output-format", "json").stdout)
    assert (row["code"], row["cell"], row["location"]) == ("LA101", 1, {"row": 15, "column": 34 + width})
    assert row["trace"][-1]["location"] == {"row": 11, "column": 16 + width}


def test_one_fence_goes_on_where_another_ended(lossadvisor: Run, tmp_path: Path) -> None:
    head, tail = indented(4).split("\n\n\n    def train")
    model = f"- model\n\n    ```python\n{head}\n    ```\n"
    training = f"- training\n\n  ```python\n  def train{tail.replace('    ', '  ')}  ```\n"
    (tmp_path / "a.md").write_text(f"{model}\n{training}")
    (row,) = json.loads(lossadvisor("check", "--output-format", "json").stdout)
    assert (row["code"], row["cell"], row["location"]["row"]) == ("LA101", 2, 2)
    assert row["trace"][-1]["cell"] == 1


def test_a_fence_in_a_quotation(lossadvisor: Run, tmp_path: Path) -> None:
    text = f"```python\n{PROGRAM}```\n"
    (tmp_path / "a.md").write_text("".join(f"> {row}" if row.strip() else f">{row}" for row in text.splitlines(True)))
    (row,) = json.loads(lossadvisor("check", "--output-format", "json").stdout)
    assert (row["code"], row["cell"], row["location"]) == ("LA101", 1, {"row": 15, "column": 36})


def test_a_cell_that_ipython_would_dedent(lossadvisor: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(notebook(indented(4)))
    (row,) = json.loads(lossadvisor("check", "--output-format", "json").stdout)
    assert (row["code"], row["cell"], row["location"]) == ("LA101", 1, {"row": 15, "column": 38})
