# ruff: noqa: E501 (tables of program texts, one row each)
"""The same bytes out for the same bytes in, whatever the hash seed, the folder, the locale or the order of files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .programs import program

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = (
    {"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "31337", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0"}, {"PYTHONHASHSEED": "9", "LANG": "de_DE.UTF-8", "TZ": "America/St_Johns"},
)  # fmt: skip


def fill(folder: Path) -> None:
    """Random programs, the fixtures and some rule documents in one folder."""
    for seed in range(60):
        (folder / f"made{seed}.py").write_text(program(seed).text(), encoding="utf-8")
    shutil.copytree(ROOT / "fixtures", folder / "fixtures")
    for path in sorted((ROOT / "rules").glob("*.md"))[::5]:
        shutil.copy(path, folder / path.name)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    fill(folder)
    return folder


def _run(folder: Path, *args: str, **env: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", *args], cwd=folder, capture_output=True, timeout=180, check=False,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env},
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("command", [("check", "--no-cache", "--min-confidence", "possible", "--output-format", "json"), ("losses", "--output-format", "json")], ids=["check", "losses"])
def test_environments(project: Path, command: tuple[str, ...]) -> None:
    first, *others = (_run(project, *command, ".", **environment) for environment in ENVIRONMENTS)
    assert len(first) > 2_000
    for number, other in enumerate(others, start=1):
        assert other == first, ENVIRONMENTS[number]


def test_order_of_the_paths_and_of_the_folder(project: Path, tmp_path: Path) -> None:
    command = ("check", "--no-cache", "--isolated", "--output-format", "json")
    expected = _run(project, *command, ".")
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in sorted(project.iterdir(), reverse=True):  # made in another order
        (shutil.copytree if path.is_dir() else shutil.copy)(path, copy / path.name)
    assert _run(copy, *command, ".") == expected
    names = sorted(path.name for path in project.iterdir())
    assert _run(project, *command, *names) == _run(project, *command, *reversed(names))


def test_working_directory_changes_names_only(project: Path) -> None:
    command = ("check", "--no-cache", "--isolated", "--output-format", "concise")
    inside = _run(project, *command, ".")
    above = _run(project.parent, *command, project.name)
    assert sorted(above.replace(f"{project.name}/", "").splitlines()) == sorted(inside.splitlines())
