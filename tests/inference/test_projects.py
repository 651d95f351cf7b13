"""Names across files: absolute, relative, aliased, star and re-exported imports, packages and src folders."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain, domains, losses

NET = """\
import torch
from torch import nn

CLASSES = 3


class Net(nn.Module):
    def __init__(self, classes=CLASSES):
        super().__init__()
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        return self.fc(x).softmax(1)


def build():
    return Net()
"""


def _train(imports: str, model: str) -> str:
    body = "def step(x, y):\n    return F.cross_entropy(model(x), y)\n"
    return f"{imports}\nimport torch.nn.functional as F\n\nmodel = {model}\n\n\n{body}"


@pytest.mark.parametrize(
    ("imports", "model"),
    [
        ("from net import Net", "Net()"),
        ("from net import Net as Model", "Model()"),
        ("import net", "net.Net()"),
        ("import net as n", "n.build()"),
        ("from net import *", "Net()"),
        ("from net import (build,\n    CLASSES)", "build()"),
        ("import importlib\nnet = importlib.import_module('net')", "net.Net()"),
    ],
)
def test_beside(imports: str, model: str) -> None:
    assert domain({"net.py": NET, "train.py": _train(imports, model)}) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("init", "imports", "model"),
    [
        ("", "from pkg.net import Net", "Net()"),
        ("", "import pkg.net", "pkg.net.Net()"),
        ("", "import pkg.net as net", "net.Net()"),
        ("", "from pkg import net", "net.Net()"),
        ("from .net import Net", "from pkg import Net", "Net()"),
        ("from .net import Net as Model", "from pkg import Model", "Model()"),
        ("from .net import *", "from pkg import build", "build()"),
        ("from . import net", "import pkg", "pkg.net.Net()"),
        ("from pkg.net import Net\n__all__ = ['Net']", "from pkg import *", "Net()"),
        ("import pkg.net as inner\nbuild = inner.build", "from pkg import build", "build()"),
        ("try:\n    from .net import Net\nexcept ImportError:\n    Net = None", "from pkg import Net", "Net()"),
    ],
)
def test_packages(init: str, imports: str, model: str) -> None:
    files = {"pkg/__init__.py": init + "\n", "pkg/net.py": NET, "train.py": _train(imports, model)}
    # `except ImportError: Net = None` keeps a second alternative, of which nothing is known
    assert domains(files) - {Domain.UNKNOWN} == {Domain.PROBABILITIES}


@pytest.mark.parametrize(
    ("imports", "model"),
    [
        ("from .net import Net", "Net()"),
        ("from . import net", "net.Net()"),
        ("from ..models.net import Net", "Net()"),
        ("from project.models.net import Net", "Net()"),
        ("from ..models import net as n", "n.build()"),
    ],
)
@pytest.mark.parametrize("root", ["", "src/"])
def test_relative(imports: str, model: str, root: str) -> None:
    folder = "models" if imports.startswith("from .n") or imports == "from . import net" else "training"
    files = {
        f"{root}project/__init__.py": "",
        f"{root}project/models/__init__.py": "",
        f"{root}project/models/net.py": NET,
        f"{root}project/training/__init__.py": "",
        f"{root}project/{folder}/train.py": _train(imports, model),
    }
    assert domain(files) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("imports", "softmax", "loss"),
    [
        ("import torch", "torch.nn.functional.softmax(z, 1)", "torch.nn.functional.cross_entropy"),
        ("import torch as t", "t.softmax(z, 1)", "t.nn.functional.cross_entropy"),
        ("import torch.nn.functional as F", "F.softmax(z, 1)", "F.cross_entropy"),
        ("from torch.nn import functional as fn", "fn.softmax(z, 1)", "fn.cross_entropy"),
        ("from torch.nn.functional import softmax, cross_entropy", "softmax(z, 1)", "cross_entropy"),
        ("from torch.nn.functional import softmax as s, cross_entropy as ce", "s(z, 1)", "ce"),
        ("from torch.nn.functional import *", "softmax(z, 1)", "cross_entropy"),
        ("from torch import nn, softmax", "softmax(z, 1)", "nn.functional.cross_entropy"),
        ("import torch.nn as nn\nce = nn.CrossEntropyLoss", "nn.Softmax(1)(z)", "ce()"),
        ("from torch.nn import *\nimport torch", "Softmax(dim=1)(z)", "CrossEntropyLoss()"),
        ("from torch.nn.modules.loss import CrossEntropyLoss as CE\nimport torch", "torch.softmax(z, 1)", "CE()"),
        ("import torch, torch.nn.functional", "torch.nn.functional.softmax(z, 1)", "torch.nn.functional.cross_entropy"),
    ],
)
def test_spellings_of_torch(imports: str, softmax: str, loss: str) -> None:
    text = f"{imports}\n\n\ndef step(z, y):\n    return {loss}({softmax}, y)\n"
    assert domain({"a.py": text}) is Domain.PROBABILITIES


def test_a_criterion_from_another_file() -> None:
    files = {
        "losses.py": "from torch import nn\n\nLOSSES = {'ce': nn.CrossEntropyLoss, 'bce': nn.BCEWithLogitsLoss}\n\n\n"
        "def get(name, **options):\n    return LOSSES[name](**options)\n",
        "net.py": NET,
        "train.py": "from losses import get\nfrom net import build\n\n\ndef main(loader):\n"
        "    model, criterion = build(), get('ce')\n"
        "    for x, y in loader:\n        criterion(model(x), y).backward()\n",
    }
    assert domain(files) is Domain.PROBABILITIES
    assert losses(files) == {"torch.nn.CrossEntropyLoss"}


def test_a_caller_in_another_file() -> None:
    files = {
        "engine.py": "def train_one_epoch(model, criterion, loader):\n    for x, y in loader:\n"
        "        loss = criterion(model(x), y)\n        loss.backward()\n",
        "net.py": NET,
        "main.py": "import torch\nimport engine\nfrom net import Net\n\n"
        "engine.train_one_epoch(Net(), torch.nn.CrossEntropyLoss(), [])\n",
    }
    assert domain(files) is Domain.PROBABILITIES


def test_an_own_name_is_not_torchs() -> None:
    files = {
        "criteria.py": "class CrossEntropyLoss:\n    def __call__(self, p, y):\n        return -(y * p.log()).sum()\n",
        "train.py": "import torch\nfrom criteria import CrossEntropyLoss\n\n\ndef step(z, y):\n"
        "    return CrossEntropyLoss()(torch.softmax(z, 1), y)\n",
    }
    assert losses(files) == frozenset()
