"""flake8 and pytest as their users start them, with the plugins found by their entry points."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
NET = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    pass\n"
GUILTY = """\
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
criterion = nn.CrossEntropyLoss()


def step(x, y):
    return criterion(F.softmax(net(x), dim=1), y)
"""
SOUND = GUILTY.replace("F.softmax(net(x), dim=1)", "net(x)").replace("import torch.nn.functional as F\n", "")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a module in the folder `work` with lossadvisor as an installed distribution, whether it is one or not."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    info = tmp_path / "site" / "lossadvisor-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lossadvisor\nVersion: 0\n")
    lines = (f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in points.items())
    (info / "entry_points.txt").write_text("\n".join(lines))
    (tmp_path / "work").mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(info.parent), str(ROOT)))}
    environment.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)

    def start(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *args], cwd=tmp_path / "work", env=environment, input=stdin,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return start


@pytest.fixture
def work(tmp_path: Path, run: Run) -> Path:
    return tmp_path / "work"


def test_flake8(run: Run, work: Path) -> None:
    pytest.importorskip("flake8")
    (work / "guilty.py").write_text(GUILTY)
    (work / "sound.py").write_text(SOUND)
    done = run("flake8", "--select", "LA", "--max-line-length", "120", ".")
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    assert line.startswith("./guilty.py:9:22: LA101 softmax-before-cross-entropy: probabilities reach")
    assert done.returncode == 1
    assert "lossadvisor: " in run("flake8", "--version").stdout


def test_flake8_obeys_comments_configuration_and_standard_input(run: Run, work: Path) -> None:
    pytest.importorskip("flake8")
    (work / "meant.py").write_text(GUILTY.replace(", y)\n", ", y)  # lossadvisor: ignore[LA101] soft targets\n"))
    assert run("flake8", "--select", "LA", "meant.py").stdout == ""
    assert "stdin:9:22: LA101" in run("flake8", "--select", "LA", "-", stdin=GUILTY).stdout
    (work / "lossadvisor.toml").write_text("ignore = ['LA101']\n")
    assert run("flake8", "--select", "LA", "-", stdin=GUILTY).stdout == ""


def test_flake8_sees_one_file_at_a_time(run: Run, work: Path) -> None:
    """What docs/editors.md and the README say of it: the model in another file is not followed."""
    pytest.importorskip("flake8")
    project = ROOT / "fixtures" / "two_files"
    assert run("flake8", "--select", "LA", str(project)).stdout == ""
    assert "LA101" in run("lossadvisor", "check", str(project)).stdout
    # What a run over the project needs is not called needless here.
    (work / "half.py").write_text(SOUND.replace("net(x), y)\n", "net(x), y)  # noqa: LA101\n"))
    assert run("flake8", "--select", "LA", "half.py").stdout == ""
    assert "LA901" in run("lossadvisor", "check", "half.py").stdout


def test_pytest(run: Run, work: Path) -> None:
    (work / "guilty.py").write_text(GUILTY)
    (work / "sound.py").write_text(SOUND)
    (work / "other.py").write_text("raise SystemError('imported')\n")
    (work / "test_own.py").write_text("def test_own():\n    pass\n")
    assert "1 passed" in run("pytest", "-q").stdout, "without the option nothing changes"
    done = run("pytest", "-q", "--lossadvisor")
    assert "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert "guilty.py:9:22: LA101 softmax-before-cross-entropy" in done.stdout
    assert "F.softmax(net(x), dim=1)" in done.stdout
    assert "= help: " in done.stdout
    assert "Traceback" not in done.stdout
    assert "1 failed, 1 passed" in run("pytest", "-q", "--lossadvisor", "-m", "lossadvisor").stdout
    assert "1 passed" in run("pytest", "-q", "--lossadvisor", "sound.py").stdout


def test_pytest_follows_the_model_into_another_file(run: Run) -> None:
    done = run("pytest", "-q", "--lossadvisor", "--rootdir", ".", "-p", "no:cacheprovider",
               str(ROOT / "fixtures" / "two_files"))  # fmt: skip
    assert "LA101" in done.stdout and "FAILED src/garden/train.py::lossadvisor" in done.stdout


def test_pytest_says_what_is_wrong_with_the_configuration(run: Run, work: Path) -> None:
    (work / "lossadvisor.toml").write_text("ignroe = []\n")
    (work / "sound.py").write_text(SOUND)
    done = run("pytest", "-q", "--lossadvisor")
    assert done.returncode != 0
    assert "unknown key 'ignroe'" in done.stdout + done.stderr
