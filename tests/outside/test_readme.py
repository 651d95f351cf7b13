"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from lossadvisor.config import load_settings
from lossadvisor.reporters import FORMATS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(marker: str) -> str:
    """The fenced block after a marker."""
    found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```\n", README, re.DOTALL)
    assert found, f"the README has no block {marker}"
    return found.group(1)


def test_the_output_shown_is_the_output(lossadvisor: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    command = block("first-command").rpartition("lossadvisor ")[2].split()
    done = lossadvisor(*command, cwd=ROOT)
    assert done.returncode == 1
    assert block("first-output") == done.stdout


def test_the_second_command_is_the_tests() -> None:
    assert block("test-command").strip().endswith(".venv/bin/pytest")
    assert "lossadvisor" not in block("test-command")


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    tables = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert tables
    for table in tables:
        (tmp_path / "pyproject.toml").write_text(table)
        assert load_settings(tmp_path).source == tmp_path / "pyproject.toml"


def test_every_format_is_named() -> None:
    assert all(f"`{name}`" in README for name in FORMATS)
