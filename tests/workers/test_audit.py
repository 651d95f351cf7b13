"""Audits: every folder once, results that survive an interruption, and workers that may die."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from lossadvisor.workers import ExecutorError, open_executor, work

ROOT = Path(__file__).resolve().parents[2]
WRONG = "import torch\nfrom torch import nn\n\ndef f(x, y):\n    return nn.CrossEntropyLoss()(torch.softmax(x, 1), y)\n"


def dies_on_two(item: str) -> str:
    """A job that kills its process for one item and refuses another."""
    if item == "two":
        os._exit(1)
    if item == "three":
        raise ValueError("no three")
    return item.upper()


def test_a_dying_worker_loses_nothing() -> None:
    items = ["one", "two", "three", "four", "five"]
    done = {one.item: one for one in work(items, dies_on_two, partial(open_executor, "processes", 2))}
    assert sorted(done) == sorted(items)
    assert {item for item in items if done[item].error} == {"two", "three"}
    assert done["two"].error == "the process that analysed it died" and done["three"].error == "ValueError: no three"
    assert done["five"].result == "FIVE"


def test_any_executor_will_do() -> None:
    done = list(work([str(n) for n in range(200)], int, lambda: ThreadPoolExecutor(3), waiting=5))
    assert sorted(one.result or 0 for one in done) == list(range(200))


def test_an_unknown_executor() -> None:
    with pytest.raises(ExecutorError, match="unknown executor 'cloud'"), open_executor("cloud", 1):
        pass


def _audit(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lossadvisor", "audit", "list.txt", "--output", "out.jsonl", *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    for name, text in (("a", WRONG), ("b", "x = 1\n"), ("c", WRONG)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.py").write_text(text)
    (tmp_path / "list.txt").write_text("# folders\na\nb\n\nc\na\n")
    return tmp_path


def test_a_fleet_is_summed_up_and_resumed(fleet: Path) -> None:
    done = _audit(fleet, "--jobs", "2")
    assert done.returncode == 1, done.stderr
    assert "LA101 softmax-before-cross-entropy" in done.stdout and "3 folders, 3 files" in done.stdout
    rows = (fleet / "out.jsonl").read_text().splitlines(keepends=True)
    assert {json.loads(row)["folder"] for row in rows} == {"a", "b", "c"} and len(rows) == 3
    (fleet / "out.jsonl").write_text(rows[0] + rows[1][:20])  # killed while it wrote
    again = _audit(fleet)
    assert again.stdout == done.stdout
    resumed = (fleet / "out.jsonl").read_text().splitlines(keepends=True)
    assert resumed[0] == rows[0] and len(resumed) == 3
    assert not list(fleet.glob("*/.lossadvisor_cache"))


def test_a_missing_folder_is_an_error_and_tried_again(fleet: Path) -> None:
    (fleet / "list.txt").write_text("a\nnowhere\n")
    done = _audit(fleet)
    assert done.returncode == 2 and "error: nowhere: FileNotFoundError: nowhere: no such folder" in done.stdout
    (fleet / "nowhere").mkdir()
    (fleet / "nowhere" / "x.py").write_text("x = 1\n")
    assert _audit(fleet).returncode == 1
