"""Settings in files: Python files with bases, registries that build from them, and what they say of a class."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.checking import examine
from lossadvisor.source.document import Document
from tests.inference.reveal import HEADER

BOOK = {
    "mmengine": "from mmengine.registry import Registry\nMODELS = Registry('model')\n",
    "mmcv": "from mmcv.utils import Registry\nMODELS = Registry('model')\n",
    "fvcore": "from fvcore.common.registry import Registry\nMODELS = Registry('model')\n",
    "own": """
class Registry:
    def __init__(self):
        self.kept = {}

    def register_module(self, name=None):
        def enter(cls):
            self.kept[name or cls.__name__] = cls
            return cls
        return enter

    def build(self, cfg):
        args = dict(cfg)
        return self.kept[args.pop('type')](**args)


MODELS = Registry()
""",
}
NETS = (
    HEADER
    + """
from book import MODELS


@MODELS.register_module()
class Net(nn.Module):
    def __init__(self, classes=3, act="none"):
        super().__init__()
        self.fc = nn.Linear(8, classes)
        self.act = act

    def forward(self, x):
        return self.fc(x).softmax(1) if self.act == "softmax" else self.fc(x)


@MODELS.register_module()
class Other(nn.Module):
    def forward(self, x):
        return x
"""
)


def _train(lines: str) -> str:
    return f"{HEADER}import nets\n{lines}\n\n\ndef step(x, y):\n    return F.cross_entropy(model(x), y)\n"


def _confidence(folder: Path, files: dict[str, str], others: dict[str, str] | None = None) -> set[str]:
    """How sure LA101 is; `others` lie beside the files that are checked."""
    for name, text in {"pyproject.toml": "", **files, **(others or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    documents = [Document(name, folder / name, text) for name, text in files.items()]
    return {found.confidence.value for found in examine(documents).findings if found.code == "LA101"}


FROM_FILE = "from mmengine.config import Config\nfrom book import MODELS\ncfg = Config.fromfile('{}')\n"
BUILT = _train(FROM_FILE.format("configs/a.py") + "model = MODELS.build(cfg.model)")


@pytest.mark.parametrize("book", ["mmengine", "mmcv", "fvcore", "own"])
def test_a_registry_builds_from_a_python_file(tmp_path: Path, book: str) -> None:
    train = BUILT if book != "fvcore" else BUILT.replace(
        "MODELS.build(cfg.model)", "MODELS.get(cfg.model.type)(act=cfg.model.act)"
    )
    files = {"book.py": BOOK[book], "nets.py": NETS, "train.py": train}
    config = "model = dict(type='Net', classes=4, act='softmax')\n"
    assert _confidence(tmp_path, {**files, "configs/a.py": config}) == {"certain"}
    assert _confidence(tmp_path, files, {"configs/a.py": config.replace("softmax", "none")}) == {"possible"}


@pytest.mark.parametrize(
    ("base", "own"),
    [
        ("model = dict(type='Net', act='none')\n", "model = dict(act='softmax')\n"),
        ("model = dict(type='Net', act='softmax')\n", "model = dict(classes=5)\n"),
        ("model = dict(type='Other', old=1)\n", "model = dict(_delete_=True, type='Net', act='softmax')\n"),
    ],
)
def test_bases(tmp_path: Path, base: str, own: str) -> None:
    files = {"book.py": BOOK["mmengine"], "nets.py": NETS, "train.py": BUILT}
    others = {"configs/_base_/net.py": base, "configs/a.py": "_base_ = ['./_base_/net.py']\n" + own}
    assert _confidence(tmp_path, files, others) == {"certain"}


def test_bases_of_yaml(tmp_path: Path) -> None:
    files = {"book.py": BOOK["mmengine"], "nets.py": NETS, "train.py": BUILT.replace("a.py", "a.yaml")}
    others = {"configs/a.yaml": "_base_: b.yaml\nmodel:\n  act: softmax\n",
              "configs/b.yaml": "model:\n  type: Net\n  act: none\n"}  # fmt: skip
    assert _confidence(tmp_path, files, others) == {"certain"}


def test_the_default_of_an_option_names_the_file(tmp_path: Path) -> None:
    option = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--config', default='configs/a.py')\n"
    train = BUILT.replace("cfg =", f"{option}cfg =").replace("'configs/a.py')\nmodel", "p.parse_args().config)\nmodel")
    files = {"book.py": BOOK["mmengine"], "nets.py": NETS, "train.py": train}
    assert _confidence(tmp_path, files, {"configs/a.py": "model = dict(type='Net', act='softmax')\n"}) == {"certain"}


# --- what the configurations of a project say of a class whose builder has a file that is not known ------------------

UNKNOWN = _train("from book import MODELS\n\n\ndef make(cfg):\n    return MODELS.build(cfg.model)\n") + """

class Trainer:
    def __init__(self, cfg):
        self.model = MODELS.build(cfg.model)

    def step(self, x, y):
        return F.cross_entropy(self.model(x), y)
"""
SOFT, PLAIN = "model = dict(type='Net', act='softmax')\n", "head = dict(type='Net', act='none', classes=7)\n"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({}, {"possible"}),
        ({"configs/a.py": SOFT}, {"certain"}),
        ({"configs/a.py": SOFT, "configs/b.py": SOFT.replace("act", "classes=9, act")}, {"certain"}),
        ({"configs/a.py": SOFT, "configs/b.py": PLAIN}, {"likely"}),  # one of the two
        ({"configs/a.py": PLAIN}, set()),
        ({"configs/a.py": "model = dict(type='Net', depth=18, act='softmax')\n"}, {"possible"}),  # not of this class
        ({"tools/run.py": SOFT + "\n\ndef main():\n    pass\n"}, {"possible"}),  # no file of settings
        ({"other/__init__.py": "", "other/a.py": SOFT}, {"possible"}),  # a module that nobody imports
    ],
)
def test_what_configurations_give(tmp_path: Path, others: dict[str, str], expected: set[str]) -> None:
    nets = NETS.replace("\n\n@MODELS.register_module()\nclass Other(nn.Module):\n    def forward(self, x):\n        "
                        "return x\n", "")  # fmt: skip
    files = {"pkg/book.py": BOOK["own"], "pkg/nets.py": nets, "pkg/train.py": UNKNOWN}
    assert _confidence(tmp_path, files, others) == expected
