"""A run with a cache finds what a run without one finds, whatever happened to the files and to the cache."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lossadvisor.cache import NAME
from lossadvisor.config import Settings
from lossadvisor.engine import Analysis, analysis
from lossadvisor.engine import run as engine

ROOT = Path(__file__).resolve().parents[2]
MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(10, 3)

    def forward(self, x):
        return {out}
"""
TRAIN = """\
from torch import nn
from {module} import Net

model = Net()
criterion = nn.{loss}()


def step(x, y):
    return criterion(model(x), y){comment}
"""
OUTS = ("self.fc(x)", "F.softmax(self.fc(x), dim=1)", "F.log_softmax(self.fc(x), 1)", "F.sigmoid(self.fc(x))", "(x")
LOSSES = ("CrossEntropyLoss", "NLLLoss", "BCELoss", "MSELoss")
COMMENTS = ("", "  # noqa: LA101", "  # lossadvisor: ignore[LA102]")
NAMES = ("net", "net2")


def _edit(folder: Path, dice: random.Random) -> None:
    """One change: a model or a training file written anew, moved away, or only touched."""
    match dice.randrange(7):
        case 0 | 1:
            (folder / f"{dice.choice(NAMES)}.py").write_text(MODEL.format(out=dice.choice(OUTS)))
        case 2 | 3:
            text = TRAIN.format(module=dice.choice(NAMES), loss=dice.choice(LOSSES), comment=dice.choice(COMMENTS))
            (folder / f"train{dice.randrange(2)}.py").write_text(text)
        case 4:
            files = sorted(folder.glob("*.py"))
            if files:
                dice.choice(files).unlink()
        case 5:
            for file in folder.glob("*.py"):
                os.utime(file)
        case _:
            (folder / ".gitignore").write_text(dice.choice(("", "net2.py\n", "train0.py\n")))


def _same(warm: Analysis, cold: Analysis) -> bool:
    return (warm.report, warm.notices, warm.suppressed, warm.given) == (
        cold.report, cold.notices, cold.suppressed, cold.given
    ) and sorted(warm.documents) == sorted(cold.documents)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_cached_is_cold_under_random_edits(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    (tmp_path / ".git").mkdir()
    settings = Settings(root=tmp_path)
    found = 0
    for _ in range(12):
        _edit(tmp_path, dice)
        paths = dice.choice(([str(tmp_path)], [str(tmp_path)], ["train0.py"]))
        cold = analysis(paths, replace(settings, cache=False), tmp_path)
        assert _same(analysis(paths, settings, tmp_path), cold)
        assert _same(analysis(paths, settings, tmp_path), cold)
        found += len(cold.report.findings)
    assert found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(MODEL.format(out=OUTS[1]))
    (tmp_path / "train.py").write_text(TRAIN.format(module="net", loss=LOSSES[0], comment=""))
    return tmp_path


def _run(project: Path, settings: Settings | None = None) -> Analysis:
    return analysis(["."], settings or Settings(root=project), project)


@pytest.fixture
def no_analyzer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the analyzer was asked")

    monkeypatch.setattr(engine, "_examine", refuse)


def test_an_unchanged_project_is_not_analysed(project: Path, request: pytest.FixtureRequest) -> None:
    first = _run(project)
    request.getfixturevalue("no_analyzer")
    again = _run(project)
    assert _same(again, first) and [finding.code for finding in again.report.findings] == ["LA101"]
    assert again.documents["train.py"].raw == (project / "train.py").read_text()
    for file in project.glob("*.py"):
        os.utime(file, ns=(1, 1))  # the bytes decide
    assert _same(_run(project), first)
    assert _same(_run(project, Settings(root=project, output_format="json", jobs=3)), first)


@pytest.mark.parametrize(
    "other",
    [
        {"max_file_size": 4_000_000},
        {"exclude": ("net.py",)},
        {"per_file_ignores": (("*.py", ("LA1",)),)},
        {"cache": False},
    ],
)
def test_another_question_is_asked_anew(
    project: Path, request: pytest.FixtureRequest, other: dict[str, object]
) -> None:
    _run(project)
    request.getfixturevalue("no_analyzer")
    with pytest.raises(AssertionError, match="the analyzer was asked"):
        _run(project, replace(Settings(root=project), **other))  # type: ignore[arg-type]


def test_same_size_and_times_but_other_bytes(project: Path) -> None:
    """An edit in the same tick as the run before it, its times set back."""
    _run(project)
    file = project / "net.py"
    before = file.stat()
    text = file.read_text()
    file.write_text(text.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)" + " " * 18))
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert _run(project).report.findings == ()


def test_leftovers_of_every_kind_are_ignored(project: Path) -> None:
    first = _run(project)
    (entry,) = (project / NAME).glob("*.run")
    whole = entry.read_bytes()
    half = whole[: len(whole) // 2]
    for damaged in (b"", half, whole.replace(b"LA101", b"LA102"), b"\x80\x04pickle", os.urandom(99)):
        entry.write_bytes(damaged)
        assert _same(_run(project), first)
    from lossadvisor.cache import Store

    rows = b'{"key":"' + entry.stem.encode() + b'","made":1,"files":[[1]],"outcome":0}'
    for body in (b"[]", b"{}", b'{"files": 3}', rows):
        Store(project / NAME).write(entry.stem, body)
        assert _same(_run(project), first)


def test_a_folder_in_which_nothing_can_be_written(project: Path) -> None:
    (project / NAME).write_text("in the way")
    first = _run(project)
    assert [finding.code for finding in first.report.findings] == ["LA101"]
    assert _same(_run(project), first)
    shutil.rmtree(project / NAME, ignore_errors=True)


def _command(project: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-X", "importtime", "-m", "lossadvisor", *args]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_a_warm_run_imports_no_analyzer_and_prints_the_same(project: Path) -> None:
    cold, warm = _command(project, "check"), _command(project, "check")
    assert (warm.returncode, warm.stdout) == (cold.returncode, cold.stdout) and warm.returncode == 1
    imported = {line.rsplit("|", 1)[-1].strip() for line in warm.stderr.splitlines()}
    assert "lossadvisor.cache.runs" in imported
    assert not {"libcst", "lossadvisor.checking", "lossadvisor.interpreter", "lossadvisor.contracts.table"} & imported


def test_runs_at_the_same_time(project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs = [
        subprocess.Popen([sys.executable, "-m", "lossadvisor", "check"], cwd=project, env=environment, stdout=-1)
        for _ in range(3)
    ]
    texts = {run.communicate()[0] for run in runs}
    assert len(texts) == 1 and {run.returncode for run in runs} == {1}


def test_clean_deletes_it(project: Path) -> None:
    _command(project, "check")
    done = _command(project, "clean")
    assert done.returncode == 0 and "1 entry" in done.stdout and not (project / NAME).exists()
    assert "no cache" in _command(project, "clean").stdout
