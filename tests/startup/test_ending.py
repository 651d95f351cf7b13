"""How the process of the command ends: at once, unless somebody waits for the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTER = """
import os, sys
from lossadvisor.cli.start import entry
{before}
end = os._exit
def at_once(status):
    os.write(2, b"at once")
    end(status)
os._exit = at_once
sys.argv = ["lossadvisor", *sys.argv[1:]]
entry()
"""
WAITING = {
    "": False,
    "import atexit; atexit.register(print, 'last')": True,
    "import threading as t; t.Thread(target=lambda: (t.main_thread().join(), print('last'))).start()": True,
    "sys.setprofile(lambda *event: None)": True,
}


@pytest.mark.parametrize("before", WAITING)
@pytest.mark.parametrize(("name", "status"), [("plain.py", 0), ("missing.py", 2)])
def test_the_end(tmp_path: Path, before: str, name: str, status: int) -> None:
    (tmp_path / "plain.py").write_text("a = 1\n")
    done = subprocess.run(
        [sys.executable, "-c", ENTER.format(before=before), "check", "--no-cache", name],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert ("at once" in done.stderr) != WAITING[before]
    assert ("last" in done.stdout) == ("last" in before)
    assert ("missing.py" in done.stderr) == (name == "missing.py")


@pytest.mark.parametrize("how", [["-m", "lossadvisor"], ["-c", "from lossadvisor.cli.start import entry; entry()"]])
def test_everything_is_written(tmp_path: Path, how: list[str]) -> None:
    """To a pipe, which is written when its buffer is full or at the end."""
    done = subprocess.run(
        [sys.executable, *how, "rule"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.endswith("\n") and done.stdout.count("LA") >= 60
