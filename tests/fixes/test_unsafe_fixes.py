"""Unsafe fixes: everybody who reads the value that changes is known, or the fix is only shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import analyse, mended, text_after, write

NET = """import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


model = Net()
criterion = nn.CrossEntropyLoss()


def step(x, y):
    output = model(x)
    loss = criterion(output, y)
    hits = output.argmax(dim=1) == y
    return loss, hits
"""


def test_the_activation_of_a_model_goes(tmp_path: Path) -> None:
    assert text_after(tmp_path, NET) == NET.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")


def test_not_without_being_told(tmp_path: Path) -> None:
    assert text_after(tmp_path, NET, unsafe=False) == NET


def test_the_activation_moves_to_where_it_is_needed(tmp_path: Path) -> None:
    text = NET + "\n\ndef predict(x):\n    return model(x)\n"
    assert text_after(tmp_path, text) == text.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)").replace(
        "return model(x)", "return torch.softmax(model(x), dim=1)"
    )


@pytest.mark.parametrize(
    "reader",
    [
        "def other(x):\n    trainer.fit(model, x)\n",  # handed to something unknown
        "class Wide(Net):\n    pass\n",
        "def other(x):\n    return step_of(model=model)\n",
        "def other(x):\n    return [model]\n",
    ],
)
def test_an_unknown_reader_keeps_the_activation(tmp_path: Path, reader: str) -> None:
    text = NET + "\n\n" + reader
    assert text_after(tmp_path, text) == text
    shown = [one.fix for one in analyse(tmp_path).findings if one.code == "LA101"]
    assert [fix is not None and fix.applicability.value for fix in shown] == ["display"]


def test_a_reader_of_both_kinds_keeps_the_activation(tmp_path: Path) -> None:
    text = NET.replace("hits = output.argmax(dim=1) == y", "hits = output > 0.5")
    assert text_after(tmp_path, text) == text


def test_a_reader_in_another_file_counts(tmp_path: Path) -> None:
    write(tmp_path, {"net.py": NET, "other.py": "from net import model\n\n\ndef f(x, log):\n    log.write(model(x))\n"})
    done = mended(tmp_path)
    assert b"return self.fc(x)" in done.contents["net.py"]
    assert b"log.write(F.softmax(model(x), dim=1))" in done.contents["other.py"]


def test_a_file_that_cannot_be_read_counts_as_a_reader(tmp_path: Path) -> None:
    write(tmp_path, {"net.py": NET, "other.py": "from net import model\n\nprint model(1\n"})
    assert mended(tmp_path).contents == {}


def test_a_model_handed_to_a_function_of_the_project(tmp_path: Path) -> None:
    text = NET.replace("def step(x, y):\n    output = model(x)", "def step(net, x, y):\n    output = net(x)")
    text += "\n\ndef main(loader):\n    for x, y in loader:\n        step(model, x, y)[0].backward()\n"
    assert "return self.fc(x)\n" in text_after(tmp_path, text)


def test_others_keep_the_probabilities(tmp_path: Path) -> None:
    text = """import torch
from torch import nn

net = nn.Linear(8, 1)
criterion = nn.BCEWithLogitsLoss()


def step(x, y, log):
    p = torch.sigmoid(net(x))  # for the log
    log.write(p)
    return criterion(p.squeeze(1), y.float())
"""
    assert text_after(tmp_path, text) == text.replace(
        "    p = torch.sigmoid(net(x))  #", "    logits = net(x)\n    p = torch.sigmoid(logits)  #"
    ).replace("criterion(p.squeeze", "criterion(logits.squeeze")


def test_the_loss_reads_the_scores_that_have_a_name(tmp_path: Path) -> None:
    text = """import torch
from torch import nn

net = nn.Linear(8, 1)


def step(x, y):
    score = net(x)
    p = torch.sigmoid(score)
    return nn.BCEWithLogitsLoss()(p, y.float()), p
"""
    assert text_after(tmp_path, text) == text.replace("()(p, y", "()(score, y")
    later = text.replace("    return nn", "    score = None\n    return nn")
    assert text_after(tmp_path, later) == later


def test_a_statement_of_its_own_goes(tmp_path: Path) -> None:
    text = NET.replace(
        "        return F.softmax(self.fc(x), dim=1)",
        "        x = self.fc(x)\n        x = F.softmax(x, dim=1)\n        return x",
    )
    assert text_after(tmp_path, text) == text.replace("        x = F.softmax(x, dim=1)\n", "")


def test_the_loss_and_the_activation_change_together(tmp_path: Path) -> None:
    text = """from torch.nn import BCELoss, Linear, Sequential, Sigmoid

net = Sequential(
    Linear(8, 1),
    Sigmoid(),  # to [0, 1]
)
criterion = BCELoss()


def step(x, y):
    return criterion(net(x).squeeze(1), y.float())
"""
    expected = """from torch.nn import BCELoss, Linear, Sequential, Sigmoid
import torch.nn as nn

net = Sequential(
    Linear(8, 1),
)
criterion = nn.BCEWithLogitsLoss()


def step(x, y):
    return criterion(net(x).squeeze(1), y.float())
"""
    assert text_after(tmp_path, text.replace("  # to [0, 1]", "")) == expected


def test_a_name_is_written_as_its_neighbour_was(tmp_path: Path) -> None:
    text = "import torch\nfrom torch import nn\n\nnet = nn.Linear(8, 3)\ncriterion = torch.nn.NLLLoss()\n"
    text += "\n\ndef step(x, y):\n    return criterion(net(x), y)\n"
    assert text_after(tmp_path, text) == text.replace("torch.nn.NLLLoss", "torch.nn.CrossEntropyLoss")


def test_the_axis_behind_a_linear_layer(tmp_path: Path) -> None:
    text = "from torch import nn\n\nnet = nn.Sequential(nn.Linear(8, 3), nn.Softmax())\n"
    assert text_after(tmp_path, text) == text.replace("Softmax()", "Softmax(dim=-1)")


def test_brackets_are_set_where_they_are_needed(tmp_path: Path) -> None:
    text = """import torch
import torch.nn.functional as F
from torch import nn

a, b = nn.Linear(8, 3), nn.Linear(8, 3)


def step(x, y):
    return F.cross_entropy(torch.softmax(a(x) + b(x), 1).view(-1, 3), y)
"""
    assert "F.cross_entropy((a(x) + b(x)).view(-1, 3), y)" in text_after(tmp_path, text)


def test_one_cause_of_two_findings_is_mended_once(tmp_path: Path) -> None:
    text = NET + "\n\ndef second(x, y):\n    return F.cross_entropy(model(x), y)\n"
    write(tmp_path, {"example.py": text})
    done = mended(tmp_path)
    assert done.fixed == {"LA101": 2}
    assert done.contents["example.py"].decode() == text.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
