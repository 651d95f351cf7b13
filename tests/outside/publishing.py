"""This repository as its users get it: a commit of a git repository, installed by somebody else's pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHO = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
MINUTE = 60  # seconds


def run(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A program of a user who has nothing of this checkout on the path."""
    kept = {
        name: value for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "SKIP", "VIRTUAL_ENV"}
        and not name.startswith(("GIT_", "GITHUB_", "INPUT_", "PRE_COMMIT", "PYTEST_", "RUNNER_"))
    }  # fmt: skip
    environment = kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **env}
    return subprocess.run(
        args, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=8 * MINUTE
    )


def need_index(folder: Path) -> None:
    """Skip where pip cannot get what a wheel of this project is built with, and for that reason alone."""
    args = ("-m", "pip", "download", "--quiet", "--no-deps", "--retries", "1", "--dest", str(folder / "wheels"))
    if run(sys.executable, *args, "hatchling", cwd=folder).returncode:
        pytest.skip("pip reaches no package index, so nothing can be installed")


def committed(folder: Path) -> str:
    """Make the folder a git repository with everything in one commit; the commit's name."""
    for args in (("init", "-q"), ("add", "--all"), (*WHO, "commit", "-qm", "all", "--no-verify")):
        done = run("git", *args, cwd=folder)
        assert done.returncode == 0, done.stderr
    return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


def published(folder: Path) -> str:
    """Fill `folder` with this repository as it would be published now; the name of its commit."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    assert listed.returncode == 0, "the tests run in a checkout of git"
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return committed(folder)
