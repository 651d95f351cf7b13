"""Running the program as its users do: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Lossadvisor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lossadvisor(tmp_path: Path) -> Lossadvisor:
    """Run `lossadvisor ARGS...` in `tmp_path` (or `cwd`); `stdin` is what it reads."""

    def run(
        *args: str, cwd: Path | None = None, stdin: str | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env}
        return subprocess.run(
            [sys.executable, "-m", "lossadvisor", *args],
            cwd=cwd or tmp_path,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env=environment,
            timeout=120,
            check=False,
        )

    return run
