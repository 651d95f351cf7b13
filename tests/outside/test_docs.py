"""What the documents about editors and other tools say can be done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from lossadvisor.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
EDITORS = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
COMPARISON = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")


def fences(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_problem_matcher_reads_the_concise_format(lossadvisor: Run) -> None:
    (task,) = (content for text in fences(EDITORS, "json") if "tasks" in (content := json.loads(text)))
    pattern = task["tasks"][0]["problemMatcher"]["pattern"]
    args = task["tasks"][0]["command"].split()
    assert args.pop(0) == "lossadvisor"
    done = lossadvisor(*args, cwd=ROOT / "fixtures" / "two_files")
    found = [match for line in done.stdout.splitlines() if (match := re.match(pattern["regexp"], line))]
    (match,) = found
    assert match[pattern["file"]] == "src/garden/train.py"
    assert (match[pattern["line"]], match[pattern["column"]], match[pattern["code"]]) == ("20", "30", "LA101")
    assert match[pattern["message"]].startswith("softmax-before-cross-entropy: ")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ch", {"check"}), ("check --output-format g", {"github", "gitlab"}), ("check --unsafe", {"--unsafe-fixes"}),
        ("rule la90", {"LA900", "LA901", "LA902"}), ("check --ignore unused-supp", {"unused-suppression"}),
    ],
)  # fmt: skip
def test_completion(tmp_path: Path, words: str, expected: set[str]) -> None:
    assert "_LOSSADVISOR_COMPLETE=bash_source lossadvisor" in EDITORS
    # click derives the variable from the name of the program, so the program has to have its name.
    code = "import sys; sys.argv[0] = 'lossadvisor'; from lossadvisor.cli.main import main; main()"
    line = f"lossadvisor {words}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "_LOSSADVISOR_COMPLETE": "bash_complete", "COMP_WORDS": line}
    environment["COMP_CWORD"] = str(len(line.split()) - 1)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert {row.partition(",")[2] for row in done.stdout.splitlines()} == expected


def test_the_comparison_names_what_exists(lossadvisor: Run) -> None:
    known = lossadvisor("check", "--help").stdout
    own = [row.split("|")[2] for row in COMPARISON.splitlines() if row.startswith("| ")]
    options = {option for cell in own for option in re.findall(r"`(--[a-z-]+)`", cell)}
    assert options and all(option in known for option in options)
    commands = {command.name for command in COMMANDS}
    named = {name for cell in own for name in re.findall(r"`(?:lossadvisor )?([a-z]+)`", cell)}
    assert named and named <= commands | {"pyproject.toml"}
    assert len({row.count("|") for row in COMPARISON.splitlines() if row.startswith("|")}) == 1


def test_the_snippets_for_other_services_use_what_exists(lossadvisor: Run, tmp_path: Path) -> None:
    """The GitLab job of the README is run as it is written, but for the installation."""
    blocks = [yaml.safe_load(text) for text in fences((ROOT / "README.md").read_text(encoding="utf-8"), "yaml")]
    (job,) = (block["lossadvisor"] for block in blocks if "lossadvisor" in block)
    command = next(line for line in job["script"] if line.startswith("lossadvisor "))
    (tmp_path / "a.py").write_text(
        "import torch.nn as nn\nnet = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))\nnn.CrossEntropyLoss()(net(x), y)\n"
    )
    done = lossadvisor(*command.split()[1:])
    assert done.returncode == 1
    rows = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    assert rows[0]["check_name"].startswith("LA101") or "LA101" in json.dumps(rows[0])
    for row in rows:  # https://docs.gitlab.com/ci/testing/code_quality/
        assert {"description", "check_name", "fingerprint", "severity", "location"} <= row.keys()
        assert row["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert not row["location"]["path"].startswith(("./", "/"))
        assert isinstance(row["location"]["lines"]["begin"], int)
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (workflow,) = (block for block in blocks if "jobs" in block)
    (step,) = (s for s in workflow["jobs"]["losses"]["steps"] if "lossadvisor" in s["uses"])
    assert set(step["with"]) <= set(action["inputs"])
