"""Choices made by settings: command lines, configuration classes and objects, and files that the code reads."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from lossadvisor.checking import examine, proof
from lossadvisor.checking.compare import judge
from lossadvisor.findings import Confidence
from lossadvisor.source.document import Document
from lossadvisor.values import Domain
from tests.inference.reveal import calls, domains

NET = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, act="none"):
        super().__init__()
        self.fc = nn.Linear(8, 3)
        self.act = act

    def forward(self, x):
        y = self.fc(x)
        if self.act == "softmax":
            y = y.softmax(1)
        return y
"""
HEAD = "import torch.nn as nn\nimport torch.nn.functional as F\nfrom net import Net\n"


def _usual(files: dict[str, str]) -> Domain:
    """What reaches the loss when every setting has its default."""
    for call in calls(files):
        for one in judge(call):
            if one.port.role == "prediction":
                return min(one.alternatives, key=lambda other: proof.weight(other.guard)).fact.domain
    raise AssertionError("no loss call was seen")


@pytest.mark.parametrize(
    "main",
    [
        # options added on lines of the module, read in a function
        """
        import argparse
        parser = argparse.ArgumentParser()
        group = parser.add_argument_group("model")
        group.add_argument("--act", default="softmax")
        def main():
            args = parser.parse_args()
            F.cross_entropy(Net(args.act)(x), y)
        main()
        """,
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--act", default="softmax")
        def main():
            args, _ = parser.parse_known_args()
            F.cross_entropy(Net(args.act)(x), y)
        main()
        """,
        """
        import click
        @click.command()
        @click.option("--act", default="softmax", type=click.Choice(["none", "softmax"]))
        def main(act):
            F.cross_entropy(Net(act)(x), y)
        main()
        """,
        """
        import typer
        def main(act: str = typer.Option("softmax", help="the last layer")):
            F.cross_entropy(Net(act)(x), y)
        typer.run(main)
        """,
        """
        import tyro
        from dataclasses import dataclass, field
        @dataclass
        class Inner:
            act: str = "softmax"
        @dataclass
        class Config:
            model: Inner = field(default_factory=Inner)
        def main(config: Config):
            F.cross_entropy(Net(config.model.act)(x), y)
        main(tyro.cli(Config))
        """,
        """
        from dataclasses import dataclass
        from simple_parsing import ArgumentParser
        @dataclass
        class Options:
            act: str = "softmax"
        parser = ArgumentParser()
        parser.add_arguments(Options, dest="options")
        args = parser.parse_args()
        F.cross_entropy(Net(args.options.act)(x), y)
        """,
        """
        from dataclasses import dataclass
        from transformers import HfArgumentParser
        @dataclass
        class ModelArguments:
            act: str = "softmax"
        @dataclass
        class DataArguments:
            name: str = "x"
        model_args, data_args = HfArgumentParser((ModelArguments, DataArguments)).parse_args_into_dataclasses()
        F.cross_entropy(Net(model_args.act)(x), y)
        """,
        """
        from tap import Tap
        class Args(Tap):
            act: str = "softmax"
        args = Args().parse_args()
        F.cross_entropy(Net(args.act)(x), y)
        """,
        """
        from yacs.config import CfgNode as CN
        _C = CN()
        _C.MODEL = CN()
        _C.MODEL.ACT = "softmax"
        def get_cfg_defaults():
            return _C.clone()
        cfg = get_cfg_defaults()
        cfg.merge_from_file(path)
        cfg.freeze()
        F.cross_entropy(Net(cfg.MODEL.ACT)(x), y)
        """,
        """
        from easydict import EasyDict
        cfg = EasyDict({"model": {"act": "softmax"}})
        F.cross_entropy(Net(cfg.model.act)(x), y)
        """,
        """
        from ml_collections import ConfigDict
        def get_config():
            config = ConfigDict()
            config.act = "softmax"
            return config
        F.cross_entropy(Net(get_config().act)(x), y)
        """,
        """
        class AttrDict(dict):
            def __getattr__(self, name):
                return self[name]
            def __setattr__(self, name, value):
                self[name] = value
        __C = AttrDict()
        cfg = __C
        __C.MODEL = AttrDict()
        __C.MODEL.ACT = "softmax"
        def main():
            F.cross_entropy(Net(cfg.MODEL.ACT)(x), y)
        main()
        """,
    ],
)
def test_default_of_a_setting(main: str) -> None:
    main = HEAD + dedent(main)
    assert _usual({"net.py": NET, "main.py": main}) is Domain.PROBABILITIES
    assert _usual({"net.py": NET, "main.py": main.replace('"softmax"', '"none"')}) is Domain.SCORES


@pytest.mark.parametrize(
    "expression",
    [
        "globals()[args.net]()", "eval(args.net)()", "vars(net)[args.net]()", "net.__dict__[args.net]()",
        "getattr(net, args.net)()", 'eval("net." + args.net)()', "globals().get(args.net)()",
    ],
)
def test_class_by_name(expression: str) -> None:
    net = NET.replace('act="none"', 'act="softmax"') + "\n\nclass Other:\n    pass\n"
    main = (
        HEAD + "import argparse\nimport net\nparser = argparse.ArgumentParser()\n"
        'parser.add_argument("--net", default="Net")\nargs = parser.parse_args()\n'
        f"F.cross_entropy({expression}(x), y)\n"
    )
    files = {"net.py": net, "main.py": main}
    assert _usual(files) is Domain.PROBABILITIES


def _project(folder: Path, files: dict[str, str]) -> list[Document]:
    documents = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        if name.endswith(".py"):
            documents.append(Document(name, path, dedent(text)))
    return documents


def _codes(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """The findings about domains, each with its confidence."""
    found = examine(_project(folder, files)).findings
    return {finding.code: finding.confidence.value for finding in found if finding.code.startswith("LA1")}


_FILES = {
    "yaml": ("act: {act}\nloss: CrossEntropyLoss\n", "config.yaml",
             'import yaml\nwith open("config.yaml") as f:\n    cfg = yaml.safe_load(f)\n'),
    "nested": ("model: &m\n  act: {act}\nother:\n  <<: *m\n", "conf/a.yaml",
               'import yaml\ncfg = yaml.load(open("conf/a.yaml"), Loader=yaml.FullLoader)["other"]\n'),
    "json": ('{{"act": "{act}"}}', "config.json",
             'import json\nimport os\nwith open(os.path.join(ROOT, "config.json")) as f:\n    cfg = json.load(f)\n'),
    "omegaconf": ("act: {act}\n", "config.yaml",
                  'from omegaconf import OmegaConf\ncfg = OmegaConf.load("config.yaml")\n'),
    "argument": ("act: {act}\n", "configs/base.yml",
                 "import argparse\nimport yaml\nparser = argparse.ArgumentParser()\n"
                 'parser.add_argument("--config", default="configs/base.yml")\nargs = parser.parse_args()\n'
                 "cfg = yaml.safe_load(open(args.config))\n"),
    "reference": ("act: ${{last}}\nlast: {act}\n", "config.yaml",
                  'from omegaconf import OmegaConf\ncfg = OmegaConf.load("config.yaml")\n'),
}


@pytest.mark.parametrize("style", sorted(_FILES))
def test_file(tmp_path: Path, style: str) -> None:
    content, name, reading = _FILES[style]
    main = HEAD + reading + 'net = Net(cfg["act"])\nloss = F.cross_entropy(net(x), y)\n'
    wrong = {"net.py": NET, name: content.format(act="softmax"), "main.py": main}
    assert _codes(tmp_path / "wrong", wrong) == {"LA101": "certain"}
    right = {"net.py": NET, name: content.format(act="none"), "main.py": main}
    assert _codes(tmp_path / "right", right).get("LA101") in (None, "possible")


HYDRA = {
    "conf/config.yaml": """
        defaults:
          - model: small
          - loss: ce
          - _self_
        seed: 1
    """,
    "conf/model/small.yaml": "_target_: net.Net\nact: softmax\n",
    "conf/loss/ce.yaml": "_target_: torch.nn.CrossEntropyLoss\n",
    "net.py": NET,
    "main.py": """
        import hydra
        from hydra.utils import instantiate

        @hydra.main(config_path="conf", config_name="config", version_base=None)
        def main(cfg):
            model = instantiate(cfg.model)
            criterion = instantiate(cfg.loss)
            for x, y in loader:
                criterion(model(x), y).backward()

        if __name__ == "__main__":
            main()
    """,
}


def test_hydra(tmp_path: Path) -> None:
    assert _codes(tmp_path / "wrong", HYDRA) == {"LA101": "certain"}
    right = {**HYDRA, "conf/model/small.yaml": "_target_: net.Net\nact: none\n"}
    assert _codes(tmp_path / "right", right).get("LA101") in (None, "possible")


def test_hydra_override_wins_over_the_group(tmp_path: Path) -> None:
    files = {**HYDRA, "conf/config.yaml": HYDRA["conf/config.yaml"] + "\n        model:\n          act: none\n"}
    assert _codes(tmp_path, files).get("LA101") in (None, "possible")


def test_nested_targets_and_partial(tmp_path: Path) -> None:
    files = {
        "conf/train.yaml": """
            module:
              _target_: lit.Lit
              net:
                _target_: net.Net
                act: softmax
              criterion:
                _target_: torch.nn.functional.cross_entropy
                _partial_: true
                label_smoothing: 0.1
        """,
        "net.py": NET,
        "lit.py": """
            import pytorch_lightning as pl

            class Lit(pl.LightningModule):
                def __init__(self, net, criterion):
                    super().__init__()
                    self.net, self.criterion = net, criterion

                def training_step(self, batch, index):
                    x, y = batch
                    return self.criterion(self.net(x), y)
        """,
        "main.py": """
            import hydra
            from lightning import Trainer

            @hydra.main(config_path="conf", config_name="train.yaml")
            def main(cfg):
                Trainer().fit(hydra.utils.instantiate(cfg.module))

            main()
        """,
    }
    assert _codes(tmp_path, files) == {"LA101": "certain"}


def test_unknown_file_changes_every_setting() -> None:
    """After `merge_from_file` the code for the other choices is possible, too."""
    main = """
        from yacs.config import CfgNode
        cfg = CfgNode()
        cfg.ACT = "none"
        cfg.merge_from_file(path)
        F.cross_entropy(Net(cfg.ACT)(x), y)
    """
    files = {"net.py": NET, "main.py": HEAD + dedent(main)}
    assert domains(files) == {Domain.SCORES, Domain.PROBABILITIES}


@pytest.mark.parametrize(
    "content", ["a: [", "!!python/object/apply:os.system [echo]", "\x00", "&a [*a, *a]", "- 1\n- {", "a: 2020-01-01"]
)
def test_broken_files(tmp_path: Path, content: str) -> None:
    main = HEAD + 'import yaml\ncfg = yaml.safe_load(open("c.yaml"))\nF.cross_entropy(Net(cfg["a"])(x), y)\n'
    assert _codes(tmp_path, {"net.py": NET, "c.yaml": content, "main.py": main}).get("LA101") != "certain"


def test_files_outside_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("act: softmax\n", encoding="utf-8")
    main = HEAD + 'import yaml\ncfg = yaml.safe_load(open("../../secret.yaml"))\n'
    main += 'F.cross_entropy(Net(cfg["act"])(x), y)\n'
    files = {"net.py": NET, "main.py": main}
    assert _codes(tmp_path / "deep" / "inside", files).get("LA101") != "certain"


CHOSEN = """
import argparse
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--net", default="MLP")
parser.add_argument("--data", default="fashion-mnist")
args = parser.parse_args()


def build():
    if {condition}:
        return nn.Sequential(nn.Linear(3, 4), nn.Softmax(1))
    return nn.Linear(3, 4)


def step(x, y):
    return F.cross_entropy(build()(x), y)
"""


def _chosen(condition: str) -> dict[Domain, set[Confidence]]:
    [call] = calls({"main.py": CHOSEN.format(condition=condition)})
    [judged] = [one for one in judge(call) if one.port.role == "prediction"]
    found: dict[Domain, set[Confidence]] = {}
    for alternative in judged.alternatives:
        found.setdefault(alternative.fact.domain, set()).add(proof.confidence(proof.weight(alternative.guard)))
    return found


@pytest.mark.parametrize("condition", [
    "'mnist' in args.data", "'cifar' not in args.data", "args.net == 'MLP' and 'mnist' in args.data",
    "args.net.lower() == 'mlp'", "args.data.startswith('fashion')", "not args.data.endswith('10')",
    "args.data.replace('-', '_') == 'fashion_mnist'", "f'{args.net}-{args.data}' == 'MLP-fashion-mnist'",
])  # fmt: skip
def test_a_test_of_a_text_that_is_chosen_holds_as_for_its_default(condition: str) -> None:
    found = _chosen(condition)
    assert found[Domain.PROBABILITIES] == {Confidence.CERTAIN}
    assert Confidence.CERTAIN not in found[Domain.SCORES]


@pytest.mark.parametrize("condition", ["'cifar' in args.data", "args.data.startswith('cifar')", "f'{args.net}' == 'C'"])
def test_the_other_way_is_followed_too(condition: str) -> None:
    found = _chosen(condition)
    assert found[Domain.SCORES] == {Confidence.CERTAIN}
    assert found[Domain.PROBABILITIES] == {Confidence.LIKELY}


def test_what_a_text_is_settles_what_it_holds() -> None:
    program = """
import argparse
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="mnist")
args = parser.parse_args()


def step(x, y):
    if args.data == "cifar10":
        x = nn.Linear(3, 4)(x)
        if "cifar" not in args.data:
            x = x.softmax(1)
        return F.cross_entropy(x, y)
"""
    assert domains({"main.py": program}) == {Domain.SCORES}


_TURNED = """
import argparse
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--evaluate", action="store_true")
parser.add_argument("--mode", default="train")
args = parser.parse_args()


def main(x, y):
    args.{name} = {value}
    if args.{name} {test}:
        return
    F.cross_entropy(nn.Linear(8, 3)(x).softmax(1), y)


main(data, labels)
"""


@pytest.mark.parametrize(
    ("name", "value", "test", "seen"),
    [
        ("evaluate", "True", "", True),  # a switch that was left on: the training behind it is meant to be run
        ("evaluate", "False", "", True),
        ("mode", "'test'", "== 'test'", False),  # a word is what the code says
        ("own", "True", "", False),  # no option: whoever runs the program cannot turn it
    ],
)
def test_a_switch_that_the_code_turns(name: str, value: str, test: str, seen: bool) -> None:
    program = _TURNED.format(name=name, value=value, test=test)
    assert domains({"main.py": program}) == (frozenset({Domain.PROBABILITIES}) if seen else frozenset())


_PAIRED = """
import torch.nn as nn


def build(config):
    if {first} == "a":
        return nn.Sequential(nn.Linear(8, 4), nn.LogSoftmax(1))
    return nn.Linear(8, 4)


def criterion(config):
    if {second} == "a":
        return nn.NLLLoss()
    return nn.CrossEntropyLoss()


def train(config, x, y):
    criterion(config)(build(config)(x), y)
"""


def _pairs(first: str, second: str) -> set[tuple[str, Domain]]:
    found: set[tuple[str, Domain]] = set()
    for call in calls({"main.py": _PAIRED.format(first=first, second=second)}):
        for one in judge(call):
            if one.port.role == "prediction":
                found |= {(call.loss.rsplit(".", 1)[-1], other.fact.domain) for other in one.alternatives}
    return found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("config.model.name.lower()", "config.model.name"),
        ("config.model.name.strip().lower()", "config.model.name.lower()"),
        ("config.model.name.upper()", "config.model.name.upper()"),
        # a group of settings that is called like a method of modules
        ("config.train.name", "config.train.name"),
        ("config.eval.model.name.lower()", "config.eval.model.name"),
    ],
)
def test_the_same_setting_pairs_model_and_criterion(first: str, second: str) -> None:
    assert _pairs(first, second) == {("NLLLoss", Domain.LOG_PROBABILITIES), ("CrossEntropyLoss", Domain.SCORES)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("config.model.name.lower()", "config.loss.name"),
        ("config.train.name", "config.eval.name"),
        ("config.model.name.upper()", "config.model.name"),
        ("config.model.name.lower(1)", "config.model.name"),
    ],
)
def test_other_settings_pair_nothing(first: str, second: str) -> None:
    assert ("CrossEntropyLoss", Domain.LOG_PROBABILITIES) in _pairs(first, second)
