"""`lossadvisor advise` as users call it: options, samples, code, questions, formats, errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lossadvisor.advisor import Facts, Task
from lossadvisor.advisor.dialogue import PROMPTS, TASK_WORDS, ask_all

ROOT = Path(__file__).resolve().parents[2]


def advise(*arguments: str, cwd: Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    more = () if check else ("--no-check",)
    return subprocess.run(
        [sys.executable, "-m", "lossadvisor", "advise", *arguments, *more],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, encoding="utf-8", timeout=300,
        stdin=subprocess.DEVNULL, check=False,
    )


def test_text_is_complete(tmp_path: Path) -> None:
    done = advise("--task", "binary", "--imbalance", "0.02", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("nn.BCEWithLogitsLoss(pos_weight=torch.tensor([49.0]))", "last layer", "inference", "Alternatives",
                  "Avoid", "(LA105)", "What would change the answer", "Sources", "def training_step("):
        assert words in done.stdout
    assert max(map(len, done.stdout.split("Script")[0].splitlines())) <= 120


def test_json_holds_the_same(tmp_path: Path) -> None:
    done = advise("--task", "multilabel", "--classes", "5", "--output-format", "json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert answer["facts"] == {"task": "multilabel", "classes": 5}
    best = answer["proposals"][0]
    assert best["id"] == "multilabel" and best["contract"] == "bce_with_logits"
    assert {"text", "source", "code"} == set(best["last_layer"])
    assert {"reduction", "avoid", "change"} <= set(answer["notes"])
    compile(best["snippet"], "snippet", "exec")


def test_markdown_has_one_script(tmp_path: Path) -> None:
    done = advise("--task", "regression", "--outliers", "--output-format", "markdown", cwd=tmp_path)
    assert done.stdout.startswith("# HuberLoss") and done.stdout.count("```python") == 1


def test_the_check_is_shown(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    done = advise("--task", "multiclass", "--check", "--output-format", "json", cwd=tmp_path, check=True)
    lines = json.loads(done.stdout)["check"]
    assert [line["name"] for line in lines] == ["finite", "sign", "gradient", "chance", "minimum", "agreement"]
    assert all(line["holds"] for line in lines)


def test_without_torch_the_expectations_are_told(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['torch'] = None\nfrom lossadvisor.cli.main import main; main()"
    command = [sys.executable, "-c", hidden, "advise", "--task", "binary"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 0 and "a perfect prediction reaches 0" in done.stdout
    done = subprocess.run(
        [*command, "--check"], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=60,
        check=False,
    )
    assert done.returncode == 2 and done.stderr.startswith("error: --check needs torch")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--task", "binary", "--classes", "10"), "--task binary contradicts --classes 10"),
        ((), "--task is missing"),
        (("--task", "binary", "--imbalance", "lots"), "--imbalance lots"),
        (("--target", "missing.npy"), "--target missing.npy: there is no such file"),
        (("train.py",), "write a file and a row"),
        (("missing.py:3",), "there is no file missing.py"),
        (("--task", "binary", "--loss", "ctc"), "--loss ctc: not among"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = advise(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


CODE = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


model = Net()
criterion = nn.CrossEntropyLoss(ignore_index=255)


def step(x, y):
    loss = criterion(model(x), y)
    loss.backward()
"""


def test_facts_come_from_code(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    done = advise("train.py:19", "--output-format", "json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert answer["facts"] == {
        "task": "multiclass", "classes": 10, "output-activation": "softmax", "ignore-index": 255,
    }
    assert [note["code"] for note in answer["observations"]] == ["LA101"]
    assert "the linter reports LA101 here" in done.stderr
    wrong = advise("train.py:1", cwd=tmp_path)
    assert wrong.stderr == "error: train.py:1: no loss call is seen there; loss calls are at row 19\n"


def test_code_and_options_go_together(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    done = advise("train.py:19", "--task", "sequence", "--output-format", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["proposals"][0]["id"] == "sequence-flat"


@pytest.mark.parametrize("task", Task, ids=lambda task: task.value)
def test_default_answers_to_all_questions_are_answered(task: Task) -> None:
    asked: list[str] = []

    def ask(text: str, default: str) -> str:
        asked.append(text)
        return default

    assert ask_all(Facts(task), ask) == Facts(task)
    assert 1 <= len(asked) <= 8
    assert TASK_WORDS[task]


def test_answers_change_the_facts() -> None:
    answers = iter(["10", "yes", "no", "255", "yes", "no"])
    facts = ask_all(Facts(Task.MULTICLASS), lambda text, default: next(answers))
    assert (facts.classes, facts.ignore_index, facts.amp) == (10, 255, True)
    assert facts.imbalance is not None and len(PROMPTS) == 10


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="terminals of this kind exist on POSIX only")
def test_a_terminal_is_asked(tmp_path: Path) -> None:
    leader, follower = os.openpty()
    os.write(leader, b"binary\n\n0.02\n\n\n\n\n")
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", "advise", "--no-check", "--output-format", "json"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=follower,
        capture_output=True, encoding="utf-8", timeout=120, check=False,
    )
    os.close(leader)
    os.close(follower)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["facts"] == {"task": "binary", "imbalance": [0.02]}
