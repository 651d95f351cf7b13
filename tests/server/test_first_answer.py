"""In a large project the files near the open one are analysed first, and the whole project has the last word."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pygls")

from lossadvisor.engine.nearby import MOST, nearby
from lossadvisor.source import Document, load_text

from .client import Client

NET = """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
"""
TRAIN = "import torch.nn as nn\nfrom {module} import Net\n\nnet = Net()\nloss = nn.CrossEntropyLoss()(net(x), y)\n"


def documents(files: dict[str, str]) -> dict[str, Document]:
    return {name: load_text(text, name, Path("/project") / name) for name, text in files.items()}


def fillers(number: int) -> dict[str, str]:
    return {f"other/part{index}.py": f"import os\nVALUE = {index}\n" for index in range(number)}


def test_what_is_imported_and_what_imports_is_near() -> None:
    given = documents({"pkg/here.py": "from .down import f\nfrom . import side\nimport os, top\n"})
    around = documents({
        "pkg/__init__.py": "", "pkg/down.py": "from pkg.deeper import g\n", "pkg/side.py": "from pkg import here\n",
        "pkg/deeper.py": "import pkg.here\n", "pkg/away.py": "here = 1\n", "top.py": "x = 1\n",
        "use.py": "from pkg.here import (\n    thing,\n)\n", "use_more.py": "import use\n",
        **fillers(MOST),
    })  # fmt: skip
    assert set(nearby(given, around)) == {
        "pkg/__init__.py", "pkg/down.py", "pkg/side.py", "pkg/deeper.py", "top.py", "use.py"
    }  # fmt: skip


def test_a_small_project_is_near_as_a_whole_and_a_large_one_never() -> None:
    given = documents({"here.py": "import chain0\n"})
    chain = {f"chain{index}.py": f"import chain{index + 1}\nimport here\n" for index in range(3 * MOST)}
    small = documents(fillers(MOST))
    assert nearby(given, small) == small
    found = nearby(given, documents(chain))
    assert len(found) == MOST and "chain0.py" in found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A model at the end of a chain of imports that is longer than what counts as near."""
    length = MOST + 5
    files = {f"step{index}.py": f"from step{index + 1} import Net\n" for index in range(length)}
    files |= {f"step{length}.py": NET, "net.py": NET, "pyproject.toml": "[project]\nname = 'x'\n"}
    files |= {"far.py": TRAIN.format(module="step0"), "close.py": TRAIN.format(module="net")}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_what_is_near_is_said_at_once_and_what_is_far_afterwards(project: Path) -> None:
    with Client(project) as client:
        client.open("close.py")
        client.open("far.py")
        first = client.diagnostics("close.py", bool)
        assert [found["code"] for found in first] == ["LA101"]
        (found,) = client.diagnostics("far.py", bool)
        assert found["code"] == "LA101"
        assert found["relatedInformation"][-1]["location"]["uri"].endswith(f"/step{MOST + 5}.py")


def test_the_first_answer_comes_before_the_last_one(project: Path) -> None:
    with Client(project) as client:
        client.open("far.py")
        assert client.diagnostics("far.py") == [], "the first answer knows nothing of the far model"
        assert client.diagnostics("far.py") != []


def test_an_answer_that_nobody_waits_for_is_given_up(project: Path) -> None:
    with Client(project) as client:
        client.open("far.py")
        for version in range(2, 12):
            client.change("far.py", TRAIN.format(module="step0") + f"x{version} = 1\n", version)
        client.change("far.py", TRAIN.format(module="net").replace("CrossEntropyLoss", "NLLLoss"), 12)
        (found,) = client.diagnostics("far.py", lambda found: [one["code"] for one in found] not in ([], ["LA101"]))
        assert "NLLLoss" in found["message"]
