"""`check --fix`, `--unsafe-fixes` and `--diff` as their users call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from programs import write

ROOT = Path(__file__).resolve().parents[2]
LOG = """import torch.nn.functional as F
import torch
from torch import nn

net = nn.Linear(2, 2)


def f(x, y):
    return F.nll_loss(torch.log(F.softmax(net(x), dim=1)), y)
"""
MENDED = LOG.replace("torch.log(F.softmax(net(x), dim=1))", "F.log_softmax(net(x), dim=1)")
SOFTMAX = """import torch.nn.functional as F
from torch import nn

net = nn.Linear(2, 2)


def f(x, y):
    return F.cross_entropy(F.softmax(net(x), dim=1), y)
"""


def run(folder: Path, *args: str, stdin: bytes = b"") -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", "check", *args],
        cwd=folder, input=stdin, capture_output=True, env=environment, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_fix_changes_the_file_and_reports_the_rest(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": LOG, "b.py": SOFTMAX})
    status, out, err = run(tmp_path, "--fix", "-f", "concise")
    assert (tmp_path / "a.py").read_text() == MENDED
    assert (tmp_path / "b.py").read_text() == SOFTMAX
    assert status == 1
    assert [line.partition(":")[0] for line in out.splitlines() if ": LA" in line] == ["b.py"]
    assert err == "Fixed 1 finding in 1 file.\n"


def test_nothing_left_is_a_success(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": LOG, "b.py": SOFTMAX})
    status, _, err = run(tmp_path, "--fix", "--unsafe-fixes")
    assert (status, err) == (0, "Fixed 2 findings in 2 files.\n")
    assert "F.cross_entropy(net(x), y)" in (tmp_path / "b.py").read_text()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".tmp") == []


def test_diff_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": LOG})
    status, out, err = run(tmp_path, "--diff")
    assert (tmp_path / "a.py").read_text() == LOG
    assert status == 1
    assert out.splitlines()[:3] == ["--- a.py", "+++ a.py", "@@ -6,4 +6,4 @@"]
    assert "+    return F.nll_loss(F.log_softmax(net(x), dim=1), y)\n" in out
    assert err == "Would fix 1 finding in 1 file.\n"
    assert run(tmp_path, "--diff", "--exit-zero")[0] == 0


def test_an_empty_diff_is_a_success(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": SOFTMAX})
    assert run(tmp_path, "--diff") == (0, "", "")
    assert run(tmp_path, "--diff", "--unsafe-fixes")[0] == 1


def test_a_diff_can_be_applied(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": LOG.replace("\n", "\r\n").removesuffix("\r\n").encode()})
    out = run(tmp_path, "--diff")[1]
    assert "\\ No newline at end of file" in out
    assert "\r\n" in out


def test_only_what_is_selected_is_fixed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": LOG})
    assert run(tmp_path, "--fix", "--select", "LA1")[0] == 0
    assert (tmp_path / "a.py").read_text() == LOG


def test_what_a_comment_silences_is_not_fixed(tmp_path: Path) -> None:
    text = LOG.replace("dim=1)), y)", "dim=1)), y)  # noqa: LA401")
    write(tmp_path, {"a.py": text})
    assert run(tmp_path, "--fix", "--unsafe-fixes")[0] == 0
    assert (tmp_path / "a.py").read_text() == text


def test_files_that_were_not_named_stay(tmp_path: Path) -> None:
    net = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    net += "        self.fc = nn.Linear(2, 2)\n\n    def forward(self, x):\n        return self.fc(x).softmax(1)\n"
    train = "import torch.nn as nn\nfrom net import Net\n\nmodel = Net()\n\n\ndef f(x, y):\n"
    train += "    return nn.functional.cross_entropy(model(x), y)\n"
    write(tmp_path, {"pyproject.toml": "", "net.py": net, "train.py": train})
    assert run(tmp_path, "train.py", "--fix", "--unsafe-fixes")[0] == 1
    assert (tmp_path / "net.py").read_text() == net
    assert run(tmp_path, ".", "--fix", "--unsafe-fixes")[0] == 0
    assert "return self.fc(x)\n" in (tmp_path / "net.py").read_text()


def test_standard_input(tmp_path: Path) -> None:
    data = LOG.replace("\n", "\r\n").encode()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", "check", "--fix", "-"],
        cwd=tmp_path, input=data, capture_output=True, env=environment, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout == MENDED.replace("\n", "\r\n").encode()
    assert done.returncode == 0


def test_json_carries_the_fix(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": LOG})
    (row,) = json.loads(run(tmp_path, "-f", "json")[1])
    assert row["fix"]["applicability"] == "safe"
    assert row["fix"]["message"] == "Use log_softmax"
    assert {edit["filename"] for edit in row["fix"]["edits"]} == {"a.py"}
    assert all(edit["location"]["row"] == 9 for edit in row["fix"]["edits"])


@pytest.mark.parametrize("kind", ["link", "read-only"])
def test_files_that_must_not_be_written(tmp_path: Path, kind: str) -> None:
    write(tmp_path, {"outside/a.py": LOG, "project/pyproject.toml": ""})
    path = tmp_path / "project" / "a.py"
    if kind == "link":
        path.symlink_to(tmp_path / "outside" / "a.py")
    else:
        path.write_text(LOG)
        path.chmod(0o444)
    status, _, err = run(tmp_path / "project", "--fix", "a.py")
    assert status == 1
    assert path.read_text() == LOG
    assert "a.py:9: LA401 is not fixed: a.py: " in err
