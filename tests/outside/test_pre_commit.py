"""The hook run by pre-commit on a git repository.

pre-commit would install the hook into an environment of its own, which needs a network. Here it finds the interpreter
of the tests instead; everything else of the hook is as it is published.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

pytest.importorskip("pre_commit")

ROOT = Path(__file__).resolve().parents[2]
NET = "src/garden/net.py"
Git = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(ROOT / "fixtures" / "two_files", tmp_path / "garden"))
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, rest = hook["entry"].split(" ", 1)
    assert program == "lossadvisor"
    hook |= {"language": "unsupported", "entry": f"{sys.executable} -m lossadvisor {rest}"}
    if pre_commit_is_old():
        hook["language"] = "system"
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    return folder


def pre_commit_is_old() -> bool:
    """`language: system` has been called `unsupported` since pre-commit 4.4."""
    from importlib.metadata import version

    return tuple(map(int, version("pre-commit").split(".")[:2])) < (4, 4)


@pytest.fixture
def git(repository: Path, tmp_path: Path) -> Git:
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PRE_COMMIT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path),
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
        "GIT_CONFIG_NOSYSTEM": "1",
    }  # fmt: skip
    environment = {key: value for key, value in environment.items() if key not in {"GIT_DIR", "GIT_INDEX_FILE", "SKIP"}}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            args, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    for args in (["init", "-q"], ["add", "."], ["commit", "-qm", "all", "--no-verify"]):
        assert run("git", *args).returncode == 0
    installed = run(sys.executable, "-m", "pre_commit", "install")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return run


def test_a_commit_of_the_model_alone_is_stopped_by_the_loss_in_the_other_file(git: Git, repository: Path) -> None:
    net = repository / NET
    net.write_text(net.read_text() + "\n# one more line\n")
    git("git", "add", NET)
    done = git("git", "commit", "-m", "change the model")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "src/garden/train.py:20:30: LA101" in said
    assert "src/garden/net.py:21" in said
    mended = net.read_text().replace("F.softmax(x, dim=1)", "x")
    net.write_text(mended)
    git("git", "add", NET)
    done = git("git", "commit", "-m", "return the logits")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_has_nothing_to_do_with_the_finding_is_not_stopped(git: Git, repository: Path) -> None:
    (repository / "notes.txt").write_text("nn.CrossEntropyLoss()(F.softmax(x), y)\n")
    (repository / "src" / "garden" / "pictures.py").write_text("SIZE = 32\n")
    git("git", "add", ".")
    done = git("git", "commit", "-m", "other things")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout + done.stderr


def test_notebooks_and_markdown_are_looked_at(git: Git, repository: Path) -> None:
    shutil.copy(ROOT / "fixtures" / "notebook" / "digits.ipynb", repository / "digits.ipynb")
    program = "import torch.nn as nn\n\nnet = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))\n"
    program += "criterion = nn.CrossEntropyLoss()\ncriterion(net(x), y)\n"
    (repository / "guide.md").write_text(f"# Guide\n\n```python\n{program}```\n")
    git("git", "add", ".")
    done = git("git", "commit", "-m", "documents")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "digits.ipynb:cell" in said and "guide.md:cell 1:5:11: LA101" in said
