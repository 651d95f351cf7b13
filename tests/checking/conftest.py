"""Small programs, each judged alone: which rules speak of which line, and how surely."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lossadvisor.config import Layer, Settings
from lossadvisor.engine.run import analyse
from lossadvisor.findings import Confidence

HEAD = """\
import torch
import torch.nn as nn
import torch.nn.functional as F

model = nn.Linear(4, 3)


"""
_MARK = re.compile(r"LA\d{3}(?: (?:likely|possible))?")
Judged = Callable[[str], None]


@pytest.fixture
def exactly_as_marked(tmp_path: Path) -> Judged:
    """Fails unless the findings of a program, of all rules and confidences, are those in the comments of its lines.

    `# LA101` is certain, `# LA101 likely` and `# LA101 possible` are less.
    """

    def judge(program: str) -> None:
        text = HEAD + program
        (tmp_path / "program.py").write_text(text, encoding="utf-8")
        settings = Settings(root=tmp_path, layers=(Layer(select=("ALL",)),), cache=False, jobs=1,
                            min_confidence=Confidence.POSSIBLE)  # fmt: skip
        report = analyse(["."], settings, tmp_path)
        found = sorted(
            (one.span.start.row, f"{one.code} {one.confidence.value}".removesuffix(" certain"))
            for one in report.findings
        )
        marked = sorted(
            (number, mark)
            for number, line in enumerate(text.splitlines(), start=1)
            for mark in _MARK.findall(line.partition("#")[2])
        )
        assert found == marked, "\n".join(f"{number:3} {line}" for number, line in enumerate(text.splitlines(), 1))

    return judge
