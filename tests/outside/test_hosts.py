"""The hook of pre-commit and the GitHub Action: their files name what exists."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_the_hook_runs_as_it_is_written(lossadvisor: Run) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["language"] == "python"
    assert hook["types_or"] == ["python", "pyi", "jupyter", "markdown"]
    assert hook["require_serial"] is True
    program, *args = hook["entry"].split()
    assert program == "lossadvisor"
    project = ROOT / "fixtures" / "two_files"
    # Only the model has changed; the loss that it spoils stands in a file that is not given.
    done = lossadvisor(*args, "src/garden/net.py", cwd=project)
    assert done.returncode == 1
    assert "src/garden/train.py:20:30: LA101" in done.stdout
    assert lossadvisor(*args, "src/garden/pictures.py", cwd=project).returncode == 0


def test_the_hook_obeys_excludes(lossadvisor: Run, tmp_path: Path) -> None:
    (tmp_path / "lossadvisor.toml").write_text("extend-exclude = ['old']\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.py").write_text("print 'x'\n")
    assert lossadvisor("check", "old/a.py").returncode == 1
    assert lossadvisor("check", "--force-exclude", "old/a.py").returncode == 0


def test_where_the_checkout_lies_excludes_nothing(lossadvisor: Run, tmp_path: Path) -> None:
    project = tmp_path / "build" / "project"
    project.mkdir(parents=True)
    (project / "a.py").write_text("print 'x'\n")
    assert lossadvisor("check", "--force-exclude", "a.py", cwd=project).returncode == 1


def test_the_action_uses_its_inputs_and_existing_options(lossadvisor: Run) -> None:
    text = (ROOT / "action.yml").read_text()
    action = yaml.safe_load(text)
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(action["inputs"])
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert not any("${{" in script for script in scripts), "inputs must not be pasted into scripts"
    known = lossadvisor("check", "--help").stdout
    used = {option for script in scripts if "lossadvisor" in script for option in re.findall(r" (--[a-z-]+)", script)}
    assert used - {"--quiet"} == {"--exit-zero", "--output-format", "--output-file"}
    assert all(option in known for option in used - {"--quiet"})
