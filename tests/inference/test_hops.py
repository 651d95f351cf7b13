"""The search for who uses a loss: over names and modules that are handed on, one way or another."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain

NETS = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(x).softmax(1)
"""
GOAL = "import torch.nn.functional as F\n\n\ndef objective(out, y):\n    return F.cross_entropy(out, y)\n"


def _main(imports: str, call: str) -> str:
    return f"from nets import Net\n{imports}\n\n\ndef main(x, y):\n    return {call}(Net()(x), y)\n"


@pytest.mark.parametrize(
    ("init", "imports", "call"),
    [
        ("", "import pkg.goals as g", "g.objective"),
        ("", "from pkg import goals as g", "g.objective"),
        ("", "from pkg.goals import objective as goal", "goal"),
        ("from .goals import *", "from pkg import *", "objective"),
        ("from .goals import *\n__all__ = ['objective']", "import pkg as p", "p.objective"),
        ("from .goals import objective as goal", "from pkg import goal", "goal"),
        ("from .goals import objective as goal", "import pkg as p", "p.goal"),
        ("from . import goals as g", "import pkg", "pkg.g.objective"),
        ("from .goals import objective\nloss_fn = objective", "from pkg import loss_fn", "loss_fn"),
        ("try:\n    from .goals import objective as goal\nexcept ImportError:\n    goal = None",
         "from pkg import goal", "goal"),
    ],
)  # fmt: skip
def test_a_package_hands_on(init: str, imports: str, call: str) -> None:
    files = {"nets.py": NETS, "pkg/__init__.py": init + "\n", "pkg/goals.py": GOAL, "train.py": _main(imports, call)}
    assert domain(files) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("api", "imports", "call"),
    [
        ("from .goals import objective", "from pkg.api import objective", "objective"),
        ("from .goals import objective as goal", "from pkg.api import goal", "goal"),
        ("from .goals import *", "from pkg.api import objective", "objective"),
        ("from .goals import objective as o\nTABLE = {'goal': o}", "from pkg.api import TABLE", "TABLE['goal']"),
        ("from . import goals as g\n\n\ndef inner(o, y):\n    return g.objective(o, y)", "from pkg import api as a",
         "a.inner"),
        ("from .goals import objective as o\n\n\nclass Goal:\n    of = staticmethod(o)", "from pkg import api as a",
         "a.Goal.of"),
    ],
)  # fmt: skip
def test_a_module_hands_on(api: str, imports: str, call: str) -> None:
    files = {
        "nets.py": NETS, "pkg/__init__.py": "", "pkg/goals.py": GOAL, "pkg/api.py": api + "\n",
        "train.py": _main(imports, call),
    }  # fmt: skip
    assert domain(files) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("outer", "inner", "imports", "call"),
    [
        ("from .sub import *", "from .goals import *", "from pkg import objective", "objective"),
        ("from .sub import *", "from .goals import *", "import pkg as p", "p.objective"),
        ("from .sub import goal as aim", "from .goals import objective as goal", "from pkg import aim", "aim"),
    ],
)
def test_packages_hand_on_what_packages_hand_on(outer: str, inner: str, imports: str, call: str) -> None:
    files = {
        "nets.py": NETS, "pkg/__init__.py": outer + "\n", "pkg/sub/__init__.py": inner + "\n",
        "pkg/sub/goals.py": GOAL, "train.py": _main(imports, call),
    }  # fmt: skip
    assert domain(files) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    "registered", ["@enter('goal')\n", "\n\nenter('goal')(objective)\n", "\n\nKEPT['goal'] = objective\n"]
)
def test_a_registry_leads_to_those_who_ask_it(registered: str) -> None:
    put = "def enter(name):\n    def put(f):\n        KEPT[name] = f\n        return f\n    return put\n"
    book = f"KEPT = {{}}\n\n\n{put}"
    before, after = ("", registered) if "objective" in registered else (registered, "")
    goal = GOAL.replace("def objective", f"{before}def objective") + after
    files = {
        "nets.py": NETS, "book.py": book, "goals.py": "from book import KEPT, enter\n" + goal,
        "train.py": _main("import goals\nfrom book import KEPT", "KEPT['goal']"),
    }  # fmt: skip
    assert domain(files) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    "store", ["options.goal = nn.CrossEntropyLoss()", "setattr(options, 'goal', nn.CrossEntropyLoss())"]
)
def test_a_criterion_kept_on_options(store: str) -> None:
    main = f"""
import argparse
from torch import nn
from nets import Net

options = argparse.Namespace()
{store}


def step(options, net, x, y):
    return options.goal(net(x), y)


step(options, Net(), 1, 2)
"""
    assert domain({"nets.py": NETS, "main.py": main}) is Domain.PROBABILITIES
