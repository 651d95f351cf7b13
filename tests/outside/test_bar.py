"""The progress bar: after a while, on a terminal, and nowhere else."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lossadvisor.cli.bar import Bar

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(stream: io.StringIO, seconds: float) -> str:
    """What a run of 100 steps in that time writes."""
    now = 0.0
    with Bar(stream, lambda: now) as bar:
        for step in range(100):
            bar(step, 100)
            now += seconds / 100
    return stream.getvalue()


def test_a_short_run_shows_nothing() -> None:
    assert progress(Terminal(), 0.9) == ""


def test_a_long_run_shows_where_it_is_and_clears_up() -> None:
    pictures = progress(Terminal(), 10).split("\r\x1b[2K")
    assert pictures[0] == pictures[-1] == ""
    assert 40 <= len(pictures) <= 92, "not more often than an eye can follow"
    assert pictures[1] in {f"checking [{'###':30}]  {percent}%" for percent in (10, 11)}
    assert pictures[-2] in {f"checking [{'#' * 29:30}]  {percent}%" for percent in (98, 99)}
    assert all(len(picture) == len(pictures[1]) for picture in pictures[1:-1])


def test_nothing_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert progress(io.StringIO(), 10) == ""
    monkeypatch.setenv("TERM", "dumb")
    assert progress(Terminal(), 10) == ""


def test_nothing_in_a_pipe(lossadvisor: Run) -> None:
    done = lossadvisor("check", "--no-cache", str(ROOT / "fixtures"))
    assert "checking [" not in done.stderr + done.stdout


def test_on_a_real_terminal(tmp_path: Path) -> None:
    """Standard error is a terminal, standard output a pipe: the bar is on the one, the report on the other."""
    code = (
        "import lossadvisor.cli.bar as bar; bar._PATIENCE = 0.0\n"
        "import sys; sys.argv = ['lossadvisor', 'check', '--no-cache', 'fixtures/two_files']\n"
        "from lossadvisor.cli.main import main; main()"
    )
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, timeout=120, check=False,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "checking [" in shown and shown.endswith("\r\x1b[2K")
    assert b"LA101" in done.stdout and b"checking" not in done.stdout
