"""Audits on a cluster of dask: a scheduler and two workers as processes of their own, on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRONG = "import torch\nfrom torch import nn\n\ndef f(x, y):\n    return nn.CrossEntropyLoss()(torch.softmax(x, 1), y)\n"
FOLDERS = [f"project{number:02}" for number in range(16)]
LONGEST = 300  # seconds that anything here may take


class Cluster:
    """Where the scheduler listens, and the workers."""

    def __init__(self, address: str, workers: list[subprocess.Popen[bytes]]) -> None:
        self.address, self.workers = address, workers


@contextmanager
def _process(folder: Path, module: str, *args: str) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}
    with open(folder / "log", "wb") as log:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *args]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """The workers run in folders of their own, as on other machines."""
    told = tmp_path / "scheduler.json"
    with ExitStack() as stack:
        args = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        stack.enter_context(_process(tmp_path / "scheduler", "dask_scheduler", *args))
        _wait_for(told.exists)
        args = ("--scheduler-file", str(told), "--nthreads", "1", "--no-nanny", "--no-dashboard")
        workers = [stack.enter_context(_process(tmp_path / f"worker{n}", "dask_worker", *args)) for n in (1, 2)]
        address = json.loads(told.read_text())["address"].removeprefix("tcp://")
        yield Cluster(address, workers)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for number, name in enumerate(FOLDERS):
        (home / name).mkdir(parents=True)
        (home / name / "train.py").write_text(WRONG if number % 2 else "x = 1\n")
    (home / "list.txt").write_text("\n".join(FOLDERS))
    return home


def _wait_for(condition: object) -> None:
    end = time.monotonic() + LONGEST
    assert callable(condition)
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def _audit(folder: Path, address: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lossadvisor", "audit", "list.txt", "-o", "out.jsonl"]
    command += ["--executor", f"dask://{address}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _rows(folder: Path) -> list[dict[str, object]]:
    file = folder / "out.jsonl"
    return [json.loads(row) for row in file.read_text().splitlines()] if file.exists() else []


def _complete(folder: Path) -> None:
    rows = _rows(folder)
    assert sorted(str(row["folder"]) for row in rows) == FOLDERS, "each folder once"
    assert not [row["error"] for row in rows if row["error"]]
    assert {row["folder"]: bool(row["findings"]) for row in rows} == {
        name: bool(number % 2) for number, name in enumerate(FOLDERS)
    }


def test_a_cluster_finds_what_one_machine_finds(cluster: Cluster, fleet: Path) -> None:
    process = _audit(fleet, cluster.address)
    out, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 1, errors
    assert "16 folders, 16 files" in out and "LA101 softmax-before-cross-entropy" in out
    _complete(fleet)


def test_a_worker_killed_in_the_middle_loses_nothing(cluster: Cluster, fleet: Path) -> None:
    process = _audit(fleet, cluster.address)
    _wait_for(lambda: len(_rows(fleet)) >= 1)
    cluster.workers[0].send_signal(signal.SIGKILL)
    killed_at = len(_rows(fleet))
    out, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 1, errors
    assert killed_at < len(FOLDERS), "it was killed too late to say anything"
    assert "16 folders, 16 files" in out
    _complete(fleet)


def test_nobody_listens(fleet: Path) -> None:
    process = _audit(fleet, "127.0.0.1:1")
    _, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 2
    assert errors.strip().splitlines()[-1].startswith("error: no scheduler of dask at 127.0.0.1:1")
