"""Programs in which one of several conditions of a check is the one that decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lossadvisor.config import Layer, Settings
from lossadvisor.engine.run import analyse

Judge = Callable[[str], None]


@pytest.mark.parametrize(("loss", "target", "code"), [
    ("timm.loss.LabelSmoothingCrossEntropy()", "y.argmax(1).float()", "LA201"),  # it gathers by its target
    ("timm.loss.AsymmetricLossSingleLabel()", "y.argmax(1).float()", ""),  # it casts its target itself
    ("timm.loss.PolyCrossEntropy()", "y.argmax(1).float()", ""),
    ("monai.losses.DiceLoss(softmax=True, to_onehot_y=True)", "y.argmax(1, keepdim=True).float()", ""),
    ("segmentation_models_pytorch.losses.FocalLoss('multiclass')", "y.argmax(1).float()", ""),
    ("nn.CrossEntropyLoss()", "y.argmax(1).float()", "LA201"),
])  # fmt: skip
def test_floats_for_losses_of_other_packages(loss: str, target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
import monai
import segmentation_models_pytorch
import timm

criterion = {loss}


def step(x, y):
    return criterion(model(x), {target})  # {code}
""")


def words(tmp_path: Path, call: str) -> list[str]:
    """The messages about one call."""
    text = f"import torch\nimport torch.nn.functional as F\n\n\ndef step(x, y, n):\n    return F.{call}\n"
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    settings = Settings(root=tmp_path, layers=(Layer(select=("LA304",)),), cache=False, jobs=1)
    return [one.message for one in analyse(["."], settings, tmp_path).findings]


@pytest.mark.parametrize(("call", "said"), [
    ("mse_loss(torch.rand(8, 1), torch.rand(8))", "(8, 1) and (8,), which broadcast"),
    ("mse_loss(torch.rand(8), torch.rand(8, 1))", "(8,) and (8, 1), which broadcast"),
    ("mse_loss(torch.rand(8, 3), torch.rand(8))", "(8, 3) and (8,), which is an error"),
    ("mse_loss(torch.rand(8, 3), torch.rand(3))", "(8, 3) and (3,), which broadcast"),
    ("mse_loss(torch.rand(8, 3), torch.rand(1, 3))", "(8, 3) and (1, 3), which broadcast"),
    ("mse_loss(torch.rand(8, 3, 1), torch.rand(8, 4, 5))", "(8, 3, 1) and (8, 4, 5), which is an error"),
    ("mse_loss(torch.rand(8, 1), y.view(-1))", "(8, 1) and (N,), which broadcast"),
    ("mse_loss(x.view(-1, 1), y.view(-1))", "(N, 1) and (N,), which broadcast"),
    ("mse_loss(x.view(2, 5, -1), y.view(-1, 1, 7))", "(2, 5, N) and (N, 1, 7), which broadcast"),
    ("binary_cross_entropy(torch.rand(8, 1), torch.rand(8))", "(8, 1) and (8,), which is an error"),
])  # fmt: skip
def test_shapes_are_told(call: str, said: str, tmp_path: Path) -> None:
    (message,) = words(tmp_path, call)
    assert said in message


def test_shapes_of_branches_that_exclude_each_other(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y, flat):
    if flat:
        out, target = torch.rand(8), torch.rand(8)
    else:
        out, target = torch.rand(8, 1), torch.rand(8, 1)
    return F.mse_loss(out, target)


def mixed(x, y, flat):
    out = torch.rand(8) if flat else torch.rand(8, 1)
    return F.mse_loss(out, torch.rand(8))  # LA304 likely


def later(x, y, flat, other):
    out = torch.rand(8) if flat else torch.rand(8, 1)
    target = torch.rand(8) if other else torch.rand(8, 1)
    return F.mse_loss(out, target)
""")


@pytest.mark.parametrize(("prediction", "target", "code"), [
    ("torch.rand(1, 1)", "torch.rand(1)", ""),  # a batch of one
    ("torch.rand(1, 1)", "torch.rand(8)", "LA304"),
    ("torch.rand(8, 1)", "torch.zeros(1)", ""),  # one constant
    ("torch.rand(8, 1)", "torch.tensor([1.0])", ""),
    ("torch.rand(8, 3)", "torch.rand(8, 4)", ""),  # torch says so, and loudly
    ("torch.rand(2, 1, 3)", "torch.rand(2, 5, 3)", "LA304"),
    ("torch.rand(2, 1, 3)", "torch.rand(2, 1, 3)", ""),
])  # fmt: skip
def test_single_sizes(prediction: str, target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return F.mse_loss({prediction}, {target})  # {code}
""")


@pytest.mark.parametrize(("loss", "step", "code"), [
    ("F.cross_entropy(model(x), y, ignore_index=0)", "loss / 4", "LA510"),
    ("F.cross_entropy(model(x), y, ignore_index=0)", "loss / steps", "LA510"),
    ("F.cross_entropy(model(x), y, ignore_index=0)", "loss * 4", ""),
    ("F.cross_entropy(model(x), y, ignore_index=0)", "loss - 4", ""),
    ("F.cross_entropy(model(x), y, ignore_index=0)", "4 / loss", ""),
    ("F.cross_entropy(model(x), y, ignore_index=0)", "loss / model(x).sum()", ""),  # it may be the number of targets
    ("F.cross_entropy(model(x), y, ignore_index=0)", "(loss + x.mean()) / 4", ""),
    ("F.cross_entropy(model(x), y, ignore_index=0, reduction='sum')", "loss / 4", ""),
    ("F.cross_entropy(model(x), y, weight=x[0])", "loss / 4", "LA510"),
    ("F.cross_entropy(model(x), y)", "loss / 4", ""),  # every target counts
    ("F.mse_loss(model(x), y)", "loss / 4", ""),
    ("F.nll_loss(model(x).log_softmax(1), y, ignore_index=0)", "loss / 4", "LA510"),
])  # fmt: skip
def test_means_of_means(loss: str, step: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y, steps):
    loss = {loss}
    loss = {step}  # {code}
    loss.backward()


def told(x, y, steps):
    loss = {loss}
    return ({step}).item()
""")


@pytest.mark.parametrize(("value", "code"), [
    ("y.argmax(1).float()", ""),  # it was no integer any more, but its order is gone
    ("model(x).sigmoid()", ""),
    ("model(x)", ""),
    ("x", ""),
])  # fmt: skip
def test_what_a_regression_compares(value: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return F.mse_loss({value}, torch.rand(8, 3))  # {code}
""")


LOADERS = [
    ("DataLoader(data, 8)", "LA702"),
    ("DataLoader(data, batch_size=8)", "LA702"),
    ("DataLoader(data, size)", "LA702 likely"),
    ("DataLoader(data)", ""),
    ("DataLoader(data, 1)", ""),
    ("DataLoader(data, None)", ""),
    ("DataLoader(data, 8, True, None, None, 0, None, False, True)", ""),  # the last one is drop_last
    ("DataLoader(data, 8, True, None, None, 0, None, True)", "LA702"),  # this one is pin_memory
    ("DataLoader(data, 8, drop_last=True)", ""),
    ("DataLoader(data, 8, drop_last=False)", "LA702"),
    ("DataLoader(data, 8, drop_last=size)", ""),
    ("DataLoader(data, batch_sampler=size, batch_size=8)", ""),
]


@pytest.mark.parametrize(("loader", "code"), LOADERS)
def test_loaders_of_unequal_batches(loader: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
from torch.utils.data import DataLoader


def epoch(data, size):
    loader = {loader}
    total = 0
    for x, y in loader:
        total += F.mse_loss(model(x), y).item()
    return total / len(loader)  # {code}
""")


@pytest.mark.parametrize(("layer", "code"), [
    ("nn.Linear(4, 3)", "LA302"),
    ("nn.LazyLinear(3)", "LA302"),
    ("nn.Conv1d(4, 3, 1)", ""),
])  # fmt: skip
def test_rows_that_a_softmax_mixes(layer: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
layer = {layer}


def step(x, y):
    p = layer(x.view(-1, 4)).log_softmax(0)
    loss = -p.gather(1, y.unsqueeze(1)).mean()  # {code}
    loss.backward()


@torch.no_grad()
def look(x, y):
    return layer(x.view(-1, 4)).log_softmax(0).gather(1, y.unsqueeze(1)).mean()


def categorical(x):
    return torch.distributions.Categorical(layer(x.view(-1, 4)).softmax(0))  # {code}


def named(x):
    return torch.distributions.Categorical(probs=layer(x.view(-1, 4)).softmax(0))  # {code}


def right(x):
    return torch.distributions.Categorical(probs=layer(x.view(-1, 4)).softmax(1))


def scores(x):
    return torch.distributions.Categorical(logits=layer(x.view(-1, 4)))
""")


def test_where_a_gradient_is_recorded(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    with torch.no_grad():
        with torch.enable_grad():
            loss = F.mse_loss(model(x).round(), y)  # LA601
            loss.backward()
    with torch.enable_grad():
        with torch.no_grad():
            return F.mse_loss(model(x).round(), y)


def either(x, y, train):
    with torch.set_grad_enabled(train):
        return F.mse_loss(model(x).round(), y)


def mode(x, y):
    if model.training:
        return F.mse_loss(model(x).round(), y)  # LA601 likely
    return F.mse_loss(model(x).round(), y)


def target(x, y):
    loss = F.mse_loss(model(x).round(), model(x))
    loss.backward()


def first(x, y):
    loss = F.mse_loss(model(x), y)
    loss.backward()


def second(x, y):
    return F.mse_loss(model(x).round(), y)  # LA601 likely
""")


@pytest.mark.parametrize(("call", "message", "help"), [
    ("nn.MSELoss(reduction='avg')", "MSELoss knows no reduction 'avg' and raises where", "none, mean, sum"),
    ("F.kl_div(x, y, reduction='average')", "kl_div knows no reduction 'average'", "none, mean, sum, batchmean"),
    ("F.mse_loss(x, y, reduction='none').backward()", "mse_loss returns one value per element here", "loss.mean()"),
    ("nn.BCEWithLogitsLoss(pos_weight=pos / total)", "pos_weight of BCEWithLogitsLoss looks like the share of", ""),
    ("nn.BCEWithLogitsLoss(weight=neg / pos)", "weight of BCEWithLogitsLoss looks like a balance of", "pos_weight="),
])  # fmt: skip
def test_a_message_tells_what_is_wrong(call: str, message: str, help: str, tmp_path: Path) -> None:
    program = "import torch.nn.functional as F\nfrom torch import nn\n\n\ndef step(x, y, pos, neg, total):\n"
    (tmp_path / "program.py").write_text(f"{program}    {call}\n", encoding="utf-8")
    settings = Settings(root=tmp_path, layers=(Layer(select=("LA506", "LA507")),), cache=False, jobs=1)
    (finding,) = analyse(["."], settings, tmp_path).findings
    assert message in finding.message
    assert help in (finding.help or "")
