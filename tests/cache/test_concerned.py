"""A project without tensors is not analysed, and every package with contracts counts as one with tensors."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.config import Settings
from lossadvisor.contracts import CONTRACTS
from lossadvisor.engine import analysis
from lossadvisor.engine.concerned import FAMILIES, concerned
from lossadvisor.source import Document, load_text
from lossadvisor.transfers import FUNCTIONS, LAYERS


def test_every_package_of_the_tables_is_a_family() -> None:
    names = {name for contract in CONTRACTS for name in contract.names()} | {*FUNCTIONS} | {*LAYERS}
    assert {name.split(".")[0] for name in names} <= FAMILIES
    for family in FAMILIES:
        assert concerned([load_text(f"x = {family}.y\n", "a.py")])


def test_a_project_without_tensors(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(x:\n")
    (tmp_path / "b.py").write_text("def of(nnn, Fx): return nnn  # noqa: LA101\n")
    found = analysis(["."], Settings(root=tmp_path, cache=False), tmp_path)
    assert [finding.code for finding in found.report.findings] == ["LA900", "LA901"]


PLAIN = "import os\n\n\ndef tool(path):\n    return os.listdir(path)\n"
LOSS = "import torch\n\n\ndef loss(x, y):\n    return torch.nn.functional.cross_entropy(x.softmax(1), y)\n"


@pytest.mark.parametrize(("name", "plain", "loss", "expected"), [
    ("tools.py", PLAIN, LOSS, False),
    ("pkg/tools/__init__.py", PLAIN, LOSS, False),
    ("tools.py", "import torch\n" + PLAIN, LOSS, True),
    ("tools.py", "from pkg.train import loss\n" + PLAIN, LOSS, True),
    ("tools.py", "import sys, pkg.train as train\n" + PLAIN, LOSS, True),
    ("tools.py", "from .train import loss\n" + PLAIN, LOSS, True),
    ("tools.py", "from.train import loss\n" + PLAIN, LOSS, True),
    ("tools.py", "from \\\n  train import loss\n" + PLAIN, LOSS, True),
    ("tools.py", PLAIN + "train = __import__('tra' + 'in')\n", LOSS, True),
    ("tools.py", PLAIN + "def squash(x):\n    return x.sigmoid()\n", LOSS, True),
    ("tools.py", "model = dict(type='Head', classes=4)\n", LOSS, True),
    ("tools.py", "model = {'type': 'Head', 'classes': 4}\n", LOSS, True),
    ("tools.py", "_base_ = ['a.py']\n", LOSS, True),
    ("tools.py", PLAIN, "from tools import tool\n" + LOSS, True),
    ("tools.py", PLAIN, "from pkg import (\n    tools,\n)\n" + LOSS, True),
    ("tools.py", PLAIN, LOSS + "NAME = 'pkg.tools.tool'\n", True),
    ("pkg/tools/__init__.py", PLAIN, "import pkg.tools\n" + LOSS, True),
    ("tools.ipynb", PLAIN, LOSS, True),
])  # fmt: skip
def test_a_file_that_has_nothing_to_do_with_the_others(name: str, plain: str, loss: str, expected: bool) -> None:
    kind = "notebook" if name.endswith(".ipynb") else "python"
    given = Document(name, Path("/project") / name, plain, kind)
    other = Document("pkg/train.py", Path("/project/pkg/train.py"), loss)
    assert concerned([given, other], {name}) is expected
    assert concerned([given, other]) and concerned([given, other], {name, "pkg/train.py"})
    assert not concerned([given], {name}) or "torch" in plain
