"""What a run imports: an import is most of the time that one file costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import os, sys
import click  # what it imports is not ours to choose
before = set(sys.modules)
sys.argv = ["lossadvisor", *sys.argv[1:]]
from lossadvisor.cli.main import main
try:
    main()
except SystemExit as end:
    print(end.code, *(set(sys.modules) - before), file=sys.stderr)
"""
IRRELEVANT = "import os\n\n\ndef joined(name):\n    return os.path.join(name, 'a')\n"
RELEVANT = """\
import torch
from torch import nn


def loss(scores, labels):
    return nn.CrossEntropyLoss()(torch.softmax(scores, dim=1), labels)
"""
DEAR = {"libcst", "json", "difflib", "tomllib", "shutil", "hashlib", "tempfile", "subprocess", "multiprocessing",
        "asyncio", "yaml", "pathspec", "concurrent", "logging", "random", "sqlite3", "torch", "unittest"}  # fmt: skip
PARTS = {"__init__", "cli", "config", "engine", "findings", "late", "late_methods", "patterns", "reporters", "source",
         "values"}  # fmt: skip
"""What of the package a file without tensors needs."""


def modules(folder: Path, *args: str) -> tuple[int, set[str]]:
    """The exit status of a run and the modules that it imported."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *args], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    status, *names = done.stderr.split()
    return int(status), set(names)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    (tmp_path / "plain.py").write_text(IRRELEVANT)
    return tmp_path


def test_a_file_without_tensors(project: Path) -> None:
    status, names = modules(project, "check", "--no-cache", "plain.py")
    assert status == 0
    assert not {name.partition(".")[0] for name in names} & DEAR
    own = {name for name in names if name.startswith("lossadvisor.")}
    assert {name.split(".")[1] for name in own} <= PARTS
    assert len(own) < 50


def test_a_file_without_tensors_beside_one_with_a_loss(project: Path) -> None:
    (project / "loss.py").write_text(RELEVANT)
    status, names = modules(project, "check", "--no-cache", "plain.py")
    assert status == 0
    assert not {name.partition(".")[0] for name in names} & DEAR


def test_a_file_with_a_loss(project: Path) -> None:
    (project / "loss.py").write_text(RELEVANT)
    status, names = modules(project, "check", "--no-cache", "loss.py")
    assert status == 1
    assert "lossadvisor.interpreter" in names and "libcst" in names
    assert not {name.partition(".")[0] for name in names} & {"yaml", "torch", "asyncio", "multiprocessing", "random"}
    assert not {name.partition(".")[0] for name in names} & {"json", "queue", "signal", "subprocess"}
    parts = {name.split(".")[1] for name in names if name.startswith("lossadvisor.")}
    assert not parts & {"advisor", "hosts", "runtime", "server", "workers"}
    assert not any(name.startswith(("libcst._parser", "libcst.helpers", "libcst.metadata.scope")) for name in names)
    assert len(names) < 330


def test_nothing_changed(project: Path) -> None:
    (project / "loss.py").write_text(RELEVANT)
    assert modules(project, "check", ".")[0] == 1
    status, names = modules(project, "check", ".")
    assert status == 1
    assert not {name.partition(".")[0] for name in names} & (DEAR - {"json", "tomllib"})
    assert not any(name.startswith(("lossadvisor.interpreter", "lossadvisor.checking")) for name in names)


def test_what_begins_the_process_imports_nothing() -> None:
    code = "import sys; before = set(sys.modules); import lossadvisor.cli.start; print(*set(sys.modules) - before)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"lossadvisor", "lossadvisor.cli", "lossadvisor.cli.start", "__future__", "gc"}


COUNT = """
import builtins, dataclasses, sys
from lossadvisor import late, late_methods
written = 0
def counting(kind):
    def process(*args, **options):
        global written
        written += options.get("init", True)
        return kind(*args, **options)
    return process
dataclasses.dataclass = late.plain = late_methods.plain = counting(dataclasses.dataclass)
sys.argv = ["lossadvisor", *sys.argv[1:]]
from lossadvisor.cli.main import main
try:
    main()
except SystemExit as end:
    print(written, file=sys.stderr)
"""


def test_methods_of_dataclasses_are_written_late(project: Path) -> None:
    (project / "loss.py").write_text(RELEVANT)
    done = subprocess.run(
        [sys.executable, "-c", COUNT, "check", "--no-cache", "loss.py"],
        cwd=project, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stderr.split()[-1]) <= 20, "use the decorator of lossadvisor.late"
