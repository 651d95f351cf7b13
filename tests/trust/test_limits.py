"""Bounded time and memory for each hostile file and folder, measured; the limits are options and hold.

Time is that of the processor, so that a busy machine changes nothing; memory is the most that the process had.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUILTY = "import torch.nn.functional as F\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"
LONG = "import torch.nn.functional as F\nloss = F.cross_entropy([" + "1, " * 150_000 + "], y)\n"  # one statement
MEGABYTE = 1 << 20


# A process inherits the peak of the one that it was forked from: this small one stands between it and the tests.
_MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[3:], stdout=int(sys.argv[1]), stderr=int(sys.argv[2]))
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run wrote and took: seconds of the processor, megabytes at its greatest."""

    status: int
    out: str
    err: str
    seconds: float
    megabytes: float

    def found(self) -> set[tuple[str, str]]:
        return {(Path(row["filename"]).name, row["code"]) for row in json.loads(self.out)}


def measured(folder: Path, *args: str) -> Run:
    """`check` in its own process."""
    out, err = folder.parent / "out", folder.parent / "err"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "lossadvisor", "check", "--no-cache", "--output-format", "json", *args, "."]
    with out.open("wb") as first, err.open("wb") as second:
        wrapper = [sys.executable, "-S", "-c", _MEASURE, str(first.fileno()), str(second.fileno()), *command]
        told = subprocess.run(
            wrapper, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True,
            pass_fds=(first.fileno(), second.fileno()),
        ).stdout  # fmt: skip
    status, seconds, kept = told.split()
    unit = 1 if sys.platform == "darwin" else 1024
    done = Run(int(status), out.read_text("utf-8"), err.read_text("utf-8"), float(seconds), int(kept) * unit / MEGABYTE)
    assert "Traceback" not in done.err and done.status in (0, 1, 2), done.err
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one file whose finding must be reported whatever lies beside it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "good.py").write_text(GUILTY)
    (folder / "pyproject.toml").write_text("[tool.lossadvisor]\n")
    return folder


def _long_line(folder: Path) -> None:
    (folder / "long.py").write_text("x = '" + "a" * 10_000_000 + "'\n")


def _below_the_limit(folder: Path) -> None:
    (folder / "list.py").write_text("x = [" + "1, " * 1_600_000 + "]\n")


def _parentheses(folder: Path) -> None:
    (folder / "deep.py").write_text(GUILTY + "(" * 10_000 + ")" * 10_000 + "\n")


def _null_bytes(folder: Path) -> None:
    (folder / "null.py").write_bytes(b"\0" * 4_000_000)


def _newlines_in_names(folder: Path) -> None:
    for number in range(50):
        (folder / f"a\n{number}\n::error::b.py").write_text("x = 1\n")


def _loops(folder: Path) -> None:
    for number in range(40):
        inner = folder / f"d{number}"
        inner.mkdir()
        os.symlink(folder, inner / "up")
        os.symlink(inner, folder / f"to{number}")
    os.symlink(folder / "y.py", folder / "x.py")
    os.symlink(folder / "x.py", folder / "y.py")
    os.symlink("/dev/zero", folder / "zero.py")


def _unreadable(folder: Path) -> None:
    for number in range(20):
        inner = folder / f"closed{number}"
        inner.mkdir()
        (inner / "x.py").write_text("x = 1\n")
        os.chmod(inner, 0)


def _deep_folders(folder: Path) -> None:
    inner = folder
    for _ in range(200):
        inner = inner / "d"
        inner.mkdir()
    (inner / "x.py").write_text("x = 1\n")


def _special_files(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")  # opening it would wait for ever
    (folder / "folder.py").mkdir()


def _many_losses(folder: Path) -> None:
    (folder / "many.py").write_text(GUILTY + (GUILTY.splitlines()[1] + "\n") * 800)


SITUATIONS: dict[str, tuple[Callable[[Path], None], float, float]] = {
    # what is made, seconds, megabytes
    "a line of 10 MB": (_long_line, 5, 150),
    "a line of 4.8 MB": (_below_the_limit, 20, 2_000),
    "10,000 parentheses": (_parentheses, 5, 150),
    "null bytes": (_null_bytes, 5, 150),
    "names with newlines": (_newlines_in_names, 5, 150),
    "loops of links": (_loops, 5, 150),
    "unreadable folders": (_unreadable, 5, 150),
    "200 folders in each other": (_deep_folders, 5, 150),
    "a pipe": (_special_files, 5, 150),
    "800 losses": (_many_losses, 15, 200),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_time_and_memory(name: str, project: Path) -> None:
    make, seconds, megabytes = SITUATIONS[name]
    make(project)
    try:
        done = measured(project)
        print(f"{name}: {done.seconds:.1f} s, {done.megabytes:.0f} MB, status {done.status}")
        assert ("good.py", "LA101") in done.found()
        assert done.seconds < seconds
        assert done.megabytes < megabytes
    finally:
        for path in project.glob("closed*"):
            os.chmod(path, 0o700)


def test_files_that_change_and_vanish_during_the_run(project: Path) -> None:
    """Another process writes, truncates, replaces and deletes while three runs read."""
    ends = threading.Event()

    def disturb() -> None:
        number = 0
        while not ends.is_set():
            number += 1
            path = project / f"m{number % 30}.py"
            match number % 4:
                case 0:
                    path.unlink(missing_ok=True)
                case 1:
                    path.write_text(GUILTY * (number % 50))
                case 2:
                    path.write_bytes(b"def f(:\n" * (number % 9))
                case _:
                    (project / "new").write_text("\0")
                    os.replace(project / "new", path)
            time.sleep(0.0005)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for _ in range(3):
            done = measured(project)
            assert ("good.py", "LA101") in done.found()
            assert done.seconds < 20 and done.megabytes < 200
            assert all(line.startswith(("error: m", "warning: ")) for line in done.err.splitlines()), done.err
    finally:
        ends.set()
        thread.join()


@pytest.mark.parametrize("place", ["option", "configuration"])
def test_max_file_size(project: Path, place: str) -> None:
    (project / "larger.py").write_text(GUILTY + "#" * 2_000)
    if place == "configuration":
        (project / "pyproject.toml").write_text("[tool.lossadvisor]\nmax-file-size = 1000\n")
    done = measured(project, *(["--max-file-size", "1000"] if place == "option" else []))
    assert done.found() == {("good.py", "LA101")}
    assert done.status == 2
    (line,) = done.err.splitlines()
    assert line.startswith("error: larger.py: not analysed:") and "max-file-size" in line


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system has no such limit")
@pytest.mark.parametrize("place", ["option", "configuration"])
def test_max_memory_refuses_one_statement_and_the_rest_goes_on(project: Path, place: str) -> None:
    (project / "a_list.py").write_text(LONG)
    if place == "configuration":
        (project / "pyproject.toml").write_text("[tool.lossadvisor]\nmax-memory = 400\n")
    done = measured(project, *(["--max-memory", "400"] if place == "option" else []))
    assert done.found() == {("good.py", "LA101")}
    assert done.status == 2
    (line,) = done.err.splitlines()
    assert line.startswith("error: a_list.py: not analysed: a statement of ") and "max-memory" in line
    assert done.megabytes < 400


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system has no such limit")
def test_max_memory_holds_for_the_process(project: Path) -> None:
    """What no estimate foresees ends in one line, too, and never above the limit."""
    for number in range(200):
        rows = "".join(f"def f{number}_{row}(a, b):\n    return F.cross_entropy(a, b)\n" for row in range(60))
        (project / f"m{number}.py").write_text("import torch.nn.functional as F\n" + rows)
    done = measured(project, "--max-memory", "60")
    assert done.megabytes < 120  # code of libraries, which is no data, comes on top
    assert done.status == 2
    (line,) = done.err.splitlines()
    assert line == "error: out of memory: raise max-memory, exclude large files, or check fewer at once"


def test_limits_are_told(project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "lossadvisor", "check", "--show-settings", "--max-memory", "77"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True)
    assert "max-memory = 77" in done.stdout.splitlines()
    assert "max-file-size = 5000000" in done.stdout.splitlines()
