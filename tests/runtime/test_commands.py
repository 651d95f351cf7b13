"""`lossadvisor validate` and `lossadvisor run` as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

WRONG = """
import torch
from torch import nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(4, 10)

    def forward(self, x):
        return F.softmax(self.last(x), dim=1)

net = Net()
criterion = nn.CrossEntropyLoss()
rate = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(30):
    rate.zero_grad()
    loss = criterion(net(torch.randn(16, 4)), torch.randint(0, 10, (16,)))
    loss.backward()
    rate.step()
    print("step", step)
"""
RIGHT = WRONG.replace("F.softmax(self.last(x), dim=1)", "self.last(x)")


def lossadvisor(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-m", "lossadvisor.cli.main", *arguments]
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "wrong.py").write_text(WRONG, encoding="utf-8")
    (folder / "right.py").write_text(RIGHT, encoding="utf-8")
    (folder / "failing.py").write_text("import sys\nprint(sys.argv[1:])\nraise KeyError('lost')\n", encoding="utf-8")
    own = "from torch import nn\n\ndef make():\n    return nn.CrossEntropyLoss()\n"
    (folder / "own.py").write_text(own, encoding="utf-8")
    return folder


def test_validate_proves_what_check_says(scripts: Path) -> None:
    pytest.importorskip("matplotlib")
    done = lossadvisor(scripts, "validate", "wrong.py", "--output-format", "json", "--plot", "curves")
    assert done.returncode == 1, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["loss"], row["verdict"], row["codes"]) == ("torch.nn.CrossEntropyLoss", "wrong", ["LA101"])
    assert row["classes"] == 10 and row["location"]["row"] == 19
    lowest = next(check for check in row["checks"] if check["name"] == "lowest reachable value")
    assert lowest["measured"] == pytest.approx(1.4612, abs=1e-4)
    assert [path.name for path in (scripts / "curves").iterdir()] == ["01-cross_entropy.png"]


def test_validate_text_and_right_code(scripts: Path) -> None:
    done = lossadvisor(scripts, "validate", "right.py")
    assert done.returncode == 0, done.stderr
    assert "right.py:19:" in done.stdout
    assert done.stdout.rstrip().endswith("1 loss validated: 1 right, 0 wrong")


def test_validate_import(scripts: Path) -> None:
    done = lossadvisor(scripts, "validate", "--import", "own:make")
    assert done.returncode == 0, done.stderr
    assert "wants scores with indices as target, as cross_entropy of torch does" in done.stdout
    missing = lossadvisor(scripts, "validate", "--import", "own:missing")
    assert missing.returncode == 2 and missing.stderr == "error: --import own:missing: own has no missing\n"
    both = lossadvisor(scripts, "validate", "right.py", "--import", "own:make")
    assert both.returncode == 2 and "either PATHS or --import" in both.stderr


def test_run_finds_and_keeps_the_output_of_the_script(scripts: Path) -> None:
    done = lossadvisor(scripts, "run", "--output-file", "report.json", "--output-format", "json", "wrong.py")
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines() == [f"step {n}" for n in range(30)]
    (finding,) = json.loads((scripts / "report.json").read_text(encoding="utf-8"))
    assert (finding["code"], finding["filename"], finding["location"]["row"]) == ("LA101", "wrong.py", 19)
    assert finding["evidence"]["batches"] == finding["evidence"]["batches_looked_at"] == 5
    others = {"name", "message", "severity", "confidence", "end_location", "cell", "loss", "trace", "help", "fix"}
    assert others <= set(finding)


def test_run_stops_after_steps_and_is_silent_on_right_code(scripts: Path) -> None:
    done = lossadvisor(scripts, "run", "--steps", "7", "right.py")
    assert done.returncode == 0, done.stderr
    assert sum(line.startswith("step") for line in done.stdout.splitlines()) == 6
    assert done.stdout.rstrip().endswith("1 loss place, 7 calls, 5 looked at: 0 findings")


def test_run_passes_arguments_and_reports_failure(scripts: Path) -> None:
    done = lossadvisor(scripts, "run", "failing.py", "--epochs", "3")
    assert done.returncode == 2
    assert "['--epochs', '3']" in done.stdout
    assert "KeyError: 'lost'" in done.stderr and "runpy" not in done.stderr
    assert "error: failing.py ended with status 1" in done.stderr
    absent = lossadvisor(scripts, "run", "absent.py")
    assert absent.returncode == 2 and absent.stderr == "error: no such script: absent.py\n"
