"""The steps of the GitHub Action, run one after the other the way GitHub's runner does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from publishing import ROOT, need_index, published, run

ANNOTATION = re.compile(r"^::(error|warning|notice) (?P<words>[^:]*(?:%3A[^:]*)*)::(?P<message>.+)$", re.MULTILINE)


class Runner:
    """Interprets a composite action: `if`, `env`, `inputs` and bash as the runner starts it."""

    def __init__(self, folder: Path) -> None:
        self.action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        self.path = folder / "action"
        self.temp = folder / "temp"
        self.temp.mkdir()
        published(self.path)

    def steps(self, workspace: Path, **given: str) -> Iterator[tuple[str, subprocess.CompletedProcess[str] | None]]:
        """Each step that is due, with what its script did; None for a step that uses another action."""
        inputs = {name: str(row["default"]) for name, row in self.action["inputs"].items()}
        assert given.keys() <= inputs.keys()
        inputs |= given
        for step in self.action["runs"]["steps"]:
            if "if" in step and not _true(step["if"], inputs):
                continue
            if "uses" in step:
                yield step["uses"], None
                continue
            assert step["shell"] == "bash"
            done = self._script(step["run"], workspace, _filled(step.get("env", {}), inputs))
            yield step["name"], done
            if done.returncode:
                return

    def _script(self, script: str, workspace: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        file = self.temp / "script.sh"
        file.write_text(script, encoding="utf-8")
        # setup-python puts the interpreter it was asked for in front of all others.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"RUNNER_TEMP": str(self.temp), "GITHUB_ACTION_PATH": str(self.path), "GITHUB_ACTIONS": "true"}
        bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
        return run(*bash, str(file), cwd=workspace, PATH=path, **own, **env)


def _true(condition: str, inputs: Mapping[str, str]) -> bool:
    found = re.fullmatch(r"inputs\.([\w-]+) != ''", condition)
    assert found is not None, f"the tests cannot read the condition {condition!r}"
    return inputs[found[1]] != ""


def _filled(env: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    return {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)
        for name, text in env.items()
    }


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.mktemp("runner")
    need_index(folder)
    return Runner(folder)


def test_annotations_and_a_report_for_code_scanning(runner: Runner, tmp_path: Path) -> None:
    workspace = Path(shutil.copytree(ROOT / "fixtures" / "two_files", tmp_path / "garden"))
    asked = {"paths": "src/garden", "args": "--min-confidence likely", "sarif-file": "out/losses.sarif"}
    steps: dict[str, Any] = dict(runner.steps(workspace, **asked))
    assert [name.partition("@")[0] for name in steps] == [
        "actions/setup-python", "Install", "SARIF", "github/codeql-action/upload-sarif", "Check"
    ]  # fmt: skip
    assert steps["Install"].returncode == 0, steps["Install"].stderr
    assert steps["SARIF"].returncode == 0, "the report has to be uploaded before the job fails"
    (sarif,) = json.loads((workspace / "out" / "losses.sarif").read_text(encoding="utf-8"))["runs"]
    assert [result["ruleId"] for result in sarif["results"]] == ["LA101"]
    assert steps["Check"].returncode == 1
    (found,) = ANNOTATION.finditer(steps["Check"].stdout)
    words = dict(word.split("=", 1) for word in found["words"].split(","))
    assert (words["file"], words["line"], words["col"]) == ("src/garden/train.py", "20", "30")
    python = runner.temp / "lossadvisor" / "bin" / "python"
    assert run(str(python), "-c", "import torch", cwd=tmp_path).returncode == 1


def test_nothing_to_report_and_nothing_to_upload(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('no loss')\n")
    steps: dict[str, Any] = dict(runner.steps(tmp_path))
    assert [name.partition("@")[0] for name in steps] == ["actions/setup-python", "Install", "Check"]
    assert steps["Check"].returncode == 0
    assert not ANNOTATION.search(steps["Check"].stdout)


def test_inputs_are_data_and_never_run(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('no loss')\n")
    steps: dict[str, Any] = dict(runner.steps(tmp_path, paths="$(touch${IFS}owned) ;touch owned a.py"))
    assert steps["Check"].returncode == 2, "there are no such files"
    assert not (tmp_path / "owned").exists()
