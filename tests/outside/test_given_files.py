"""What is said about a file that was named is what a run over the whole project says about it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from lossadvisor.catalogue import rules
from lossadvisor.catalogue.examples import Example
from lossadvisor.config import Layer, Settings
from lossadvisor.engine import analysis
from lossadvisor.findings import Finding, LossVerdict
from lossadvisor.project import relevance

FILES = {
    "pyproject.toml": "[project]\nname = 'a'\n",
    "net/__init__.py": "from net.models import *\n",
    "net/models/__init__.py": "from .small import Small as Little\n\n__all__ = ['Little']\n",
    "net/models/small.py": """\
        import torch
        from torch import nn


        class Small(nn.Module):
            def __init__(self):
                super().__init__()
                self.last = nn.Linear(4, 3)

            def forward(self, x):
                return torch.softmax(self.last(x), dim=1)
        """,
    "step.py": """\
        def step(model, criterion, x, y):
            return criterion(model(x), y)
        """,
    "train.py": """\
        import net
        from step import step
        from torch import nn


        def train(x, y):
            return step(net.Little(), nn.CrossEntropyLoss(), x, y)
        """,
    "other.py": """\
        from torch import nn


        def loss(x, y):
            return nn.CrossEntropyLoss()(x.softmax(1), y)
        """,
}


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _about(found: Iterable[Finding], file: str) -> set[tuple[object, ...]]:
    return {
        (finding.code, finding.span, finding.confidence, finding.trace)
        for finding in found
        if finding.span.filename == file or (finding.trace and finding.trace[-1].span.filename == file)
    }


def _calls(losses: Iterable[LossVerdict], file: str) -> set[tuple[object, ...]]:
    return {(loss.span, loss.verdict, loss.codes) for loss in losses if loss.span.filename == file}


def _agree(folder: Path) -> int:
    """Ask about each file by itself; how many findings there were."""
    settings = Settings(root=folder, layers=(Layer(select=("ALL",)),), cache=False, jobs=1, project_root=folder)
    whole = analysis(["."], settings, folder).report
    number = 0
    for file in sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py")):
        alone = analysis([file], settings, folder).report
        assert _about(alone.findings, file) == _about(whole.findings, file), file
        assert _calls(alone.losses, file) == _calls(whole.losses, file), file
        assert len(alone.findings) == len(_about(alone.findings, file)), f"{file}: what is said of others"
        number += len(alone.findings)
    return number


def _several() -> list[object]:
    return [
        pytest.param(example, id=f"{rule.code}{kind}#{index}")
        for rule in rules()
        for kind, examples in (("bad", rule.bad()), ("good", rule.good()))
        for index, example in enumerate(examples)
        if len(example.sources) > 1
    ]


@pytest.mark.parametrize("example", _several())
def test_the_examples_of_several_files(example: Example, tmp_path: Path) -> None:
    _write(tmp_path, ((source.filename, source.text) for source in example.sources))
    _agree(tmp_path)


def test_a_cause_that_packages_hand_on(tmp_path: Path) -> None:
    _write(tmp_path, ((name, text.replace("\n        ", "\n").strip() + "\n") for name, text in FILES.items()))
    assert _agree(tmp_path) == 3  # where the loss is called, where its cause is, and the other one


def test_only_what_uses_the_file_is_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, ((name, text.replace("\n        ", "\n").strip() + "\n") for name, text in FILES.items()))
    asked: list[set[str]] = []
    search = relevance.users

    def users(*args: object) -> list[relevance.Unit]:
        found = search(*args)  # type: ignore[arg-type]
        asked.append({unit.document.filename for unit in found})
        return found

    monkeypatch.setattr("lossadvisor.interpreter.plan.users", users)
    settings = Settings(root=tmp_path, cache=False, jobs=1)
    for file in ("other.py", "step.py", "net/models/small.py"):
        analysis([file], settings, tmp_path)
    models = {"net/models/small.py", "net/models/__init__.py", "train.py"}
    assert asked == [{"other.py"}, {"step.py", "train.py"}, models]
