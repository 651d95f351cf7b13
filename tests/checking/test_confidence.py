"""Confidence of whole programs: what else may reach the loss, and what somebody has to choose first."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from lossadvisor.checking import examine
from lossadvisor.source import Document

HEADER = "import argparse\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def confidences(program: str, code: str = "LA101") -> set[str]:
    document = Document("main.py", Path("/project/main.py"), HEADER + dedent(program))
    return {found.confidence.value for found in examine([document]).findings if found.code == code}


@pytest.mark.parametrize(
    "start", ["torch.zeros(8, 4, 10)", "torch.empty(8, 4, 10)", "torch.zeros_like(x)", "None", "0"]
)
def test_what_a_prediction_starts_with_is_no_doubt(start: str) -> None:
    program = f"""
    def step(net, x, y, steps):
        out = {start}
        for _ in range(steps):
            out = F.softmax(nn.Linear(8, 4)(x), dim=1)
        F.cross_entropy(out, y)
    """
    assert confidences(program) == {"certain"}


def test_another_prediction_is_doubt() -> None:
    program = """
    def step(net, x, y, steps):
        out = nn.Linear(8, 4)(x)
        for _ in range(steps):
            out = F.softmax(nn.Linear(8, 4)(x), dim=1)
        F.cross_entropy(out, y)
    """
    assert confidences(program) == {"possible"}


OPTIONS = """
parser = argparse.ArgumentParser()
parser.add_argument("--model", default="small")
parser.add_argument("--data", default="digits")
args = parser.parse_args()
net = nn.Linear(8, 4)
if args.model == "{model}" and args.data == "{data}":
    net = nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))
F.cross_entropy(net(x), y)
"""


@pytest.mark.parametrize(
    ("model", "data", "expected"),
    [("small", "digits", "certain"), ("large", "digits", "likely"), ("large", "letters", "likely")],
)
def test_settings_count_once(model: str, data: str, expected: str) -> None:
    assert confidences(OPTIONS.format(model=model, data=data)) == {expected}


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Net, nn.CrossEntropyLoss", {"likely"}), ("Net, criterion=nn.CrossEntropyLoss", {"likely"}), ("Net", set())],
)
def test_a_trainer_that_inherits_from_a_documented_one(given: str, expected: set[str]) -> None:
    program = f"""
    import skorch

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 4)

        def forward(self, x):
            return self.fc(x).softmax(1)

    class Remote(skorch.NeuralNet):
        def __init__(self, module, criterion=nn.MSELoss, workers=2, **kwargs):
            self.workers = workers
            super().__init__(module, criterion, **kwargs)

    net = Remote({given}, workers=3)
    """
    assert confidences(program) == expected


def test_a_step_that_returns_what_forward_computes() -> None:
    program = """
    import lightning

    class Net(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 4)

        def forward(self, batch):
            x, y = batch
            return F.mse_loss(self.fc(x).detach(), y)

        def training_step(self, batch, number):
            return self(batch)
    """
    assert confidences(program, "LA602") == {"certain"}


CLASSIFIER = """
class Classifier:
    def __init__(self, net):
        self.net = nn.Linear(8, 4)

    def prepare(self, method, {option}=False):
        self.method = method
        self.{option} = {option}

    def output(self, x):
        return torch.sigmoid(self.net(x)) if self.method == "binary" else self.net(x)

    def loss(self, x, y):
        out = self.output(x)
        if self.{option}:
            return F.binary_cross_entropy_with_logits(out, y)
        if self.method == "binary":
            return F.binary_cross_entropy(out, y)
        return {other}
"""


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        # What is wrong with the option on is right with it off, for every method: it was not meant to go with one.
        ("F.cross_entropy(out, y)", "likely"),
        # Scores are wrong with the option off: the option goes with the method.
        ("F.binary_cross_entropy(out, y)", "possible"),
    ],
)
def test_an_option_that_goes_with_what_the_model_returns(other: str, expected: str) -> None:
    assert confidences(CLASSIFIER.format(option="focal", other=other), "LA105") == {expected}


def test_conditions_that_part_only_what_is_wrong_alike() -> None:
    program = """
    def step(x, y, deep, method):
        net = nn.Linear(8, 4)
        out = net(x) if method == "none" else net(x).softmax(1)
        if deep is None and method != "none":
            out = F.softmax(nn.Linear(9, 4)(x), dim=1)
        F.cross_entropy(out, y)
    """
    assert confidences(program) == {"likely"}


@pytest.mark.parametrize(
    ("switch", "confidence"),
    [
        ("True", "certain"),
        ("args.on", "certain"),
        ("args.off", "likely"),
        ("torch.cuda.is_available()", "likely"),
    ],
)
@pytest.mark.parametrize(
    ("loss", "departs"),
    [("F.binary_cross_entropy", False), ("{'bce': nn.BCELoss(), 'mse': nn.MSELoss()}[args.loss]", True)],
)
def test_autocast_by_choice(switch: str, confidence: str, loss: str, departs: bool) -> None:
    """Whoever chooses autocast must have chosen the loss as well; a switch that is not followed may go with it."""
    program = f"""
    parser = argparse.ArgumentParser()
    parser.add_argument("--loss", default="mse")
    parser.add_argument("--off", action="store_true")
    parser.add_argument("--on", action="store_false")
    args = parser.parse_args()

    def step(x, y):
        with torch.autocast("cuda", enabled={switch}):
            return {loss}(torch.sigmoid(nn.Linear(8, 1)(x)), y)
    """
    both = {"True": "certain", "torch.cuda.is_available()": "possible"}.get(switch, "likely")
    assert confidences(program, "LA406") == {both if departs else confidence}


@pytest.mark.parametrize(
    ("setting", "confidence"),
    [
        # A settings object that is not followed decides what its entries are: somebody chooses it.
        ("args.net", "likely"),
        ("args.words", "certain"),
        # What else is unknown need not be a choice at all.
        ("x", "possible"),
    ],
)
def test_the_type_of_a_setting_is_a_choice(setting: str, confidence: str) -> None:
    program = f"""
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", required=True)
    parser.add_argument("--words", default="a word")
    args = parser.parse_args()

    def build(one, x):
        if isinstance(one, list):
            return unknown(one)
        return nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))

    def step(x, y):
        F.cross_entropy(build({setting}, x)(x), y)
    """
    assert confidences(program) == {confidence}
