"""The projects in `fixtures/`: what is wrong in them is found across their files, what is right is proved right."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    ("project", "code", "loss", "cause"),
    [
        ("two_files", "LA101", ("src/garden/train.py", None, 20), ("src/garden/net.py", None, 21)),
        ("relative_package", "LA105", ("tagger/training.py", None, 26), ("tagger/models/heads.py", None, 13)),
        ("notebook", "LA108", ("digits.ipynb", 8, 4), ("digits.ipynb", 4, 9)),
    ],
)
def test_found(lossadvisor: Run, project: str, code: str, loss: object, cause: object) -> None:
    done = lossadvisor("check", "--output-format", "json", cwd=FIXTURES / project)
    assert done.returncode == 1
    (row,) = json.loads(done.stdout)
    assert (row["code"], row["confidence"]) == (code, "certain")
    assert (row["filename"], row["cell"], row["location"]["row"]) == loss
    last = row["trace"][-1]
    assert (last["filename"], last["cell"], last["location"]["row"]) == cause


def test_sound(lossadvisor: Run) -> None:
    done = lossadvisor("check", cwd=FIXTURES / "sound")
    assert done.returncode == 0
    assert done.stdout == "No findings in 1 file; 4 loss calls: 4 consistent, 0 findings, 0 unknown.\n"
