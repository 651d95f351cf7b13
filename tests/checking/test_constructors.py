"""Constructors that are given what belongs into the call, weights, reductions: every cell of those checks."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import torch
from torch import nn

# Every activation of torch that maps one tensor to one tensor, by asking torch, and three layers that are written so.
ACTIVATIONS = sorted(
    name
    for name in nn.modules.activation.__all__
    if list(inspect.signature(getattr(nn, name).forward).parameters) in (["self", "input"], ["self", "x"])
    and name not in ("PReLU", "Threshold", "GLU", "RReLU", "Hardshrink", "Softshrink", "Tanhshrink")
)
LAYERS = ("Dropout", "Dropout2d", "Flatten", "Identity", "Softmin", "Softmax2d")


def test_torch_was_asked() -> None:
    assert {"Softmax", "ReLU", "LogSigmoid", "CELU", "Hardswish"} <= set(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_that_is_constructed_from_a_tensor(name: str, exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked(f"""\
def forward(x):
    return nn.{name}(model(x))  # LA505
""")


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_that_is_constructed_from_a_tensor(name: str, exactly_as_marked: Callable[[str], None]) -> None:
    """These names are too common to be looked for where no loss is near."""
    exactly_as_marked(f"""\
def step(x, y):
    return F.mse_loss(nn.{name}(model(x)), y)  # LA505
""")


@pytest.mark.parametrize("argument", ["x", "1", "None", "model"])
def test_an_activation_of_what_is_no_known_tensor(argument: str, exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked(f"""\
def forward(x):
    return nn.ReLU({argument})
""")


@pytest.mark.parametrize("argument", [
    "torch.rand(3).softmax(0)", "F.one_hot(x, 3)", "torch.sigmoid(x)", "x.argmax(1)",
])  # fmt: skip
def test_an_activation_of_what_is_a_tensor(argument: str, exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked(f"""\
def forward(x):
    return nn.Tanh({argument})  # LA505
""")


@pytest.mark.parametrize(("call", "code"), [
    ("nn.MSELoss(model(x), y)", "LA501"),
    ("nn.CrossEntropyLoss(model(x), y)", "LA501"),
    ("nn.MSELoss(y, model(x))", "LA501"),
    ("nn.MSELoss(model(x), model(x), 1)", "LA501"),
    ("nn.CrossEntropyLoss(model(x))", "LA501"),  # the output of a model is no class weight
    ("nn.CrossEntropyLoss(model(x).softmax(1))", "LA501"),
    ("nn.CrossEntropyLoss(model(x).log_softmax(1))", "LA501"),
    ("nn.CrossEntropyLoss(torch.ones(3))", ""),  # class weights
    ("nn.CrossEntropyLoss(x)", ""),
    ("nn.CrossEntropyLoss(x, y)", ""),  # nothing is known of either
    ("nn.CrossEntropyLoss(x, None)", ""),
    ("nn.CrossEntropyLoss(torch.ones(3), None)", ""),
    ("nn.CrossEntropyLoss(torch.ones(3), reduction='sum')", ""),
    ("nn.CrossEntropyLoss(model(x).detach())", ""),
    ("nn.CrossEntropyLoss(weight=model(x))", ""),
])  # fmt: skip
def test_a_loss_that_is_constructed_from_tensors(
    call: str, code: str, exactly_as_marked: Callable[[str], None]
) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return {call}  # {code}
""")


@pytest.mark.parametrize(("call", "code"), [
    ("nn.MSELoss('sum')", "LA512"),
    ("nn.CrossEntropyLoss('mean')", "LA512"),
    ("nn.CrossEntropyLoss(None, 0)", "LA512"),
    ("nn.CrossEntropyLoss(None, True)", ""),
    ("nn.CrossEntropyLoss(None, None, -1, None, 0.1)", "LA512"),
    ("nn.BCEWithLogitsLoss(None, None, None, 'mean', 'x')", "LA512"),
    ("nn.SmoothL1Loss(None, None, 1)", "LA512"),
    ("nn.SmoothL1Loss(None, None, 'sum')", ""),
    ("nn.MSELoss(None)", ""),
    ("nn.CrossEntropyLoss(torch.ones(3))", ""),
    ("F.mse_loss(model(x), y, 1)", "LA512"),
    ("F.cross_entropy(model(x), y, None, None, 0)", ""),
    ("F.cross_entropy(model(x), y, reduction='none').mean()", ""),
])  # fmt: skip
def test_arguments_in_the_wrong_place(call: str, code: str, exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return {call}  # {code}
""")


@pytest.mark.parametrize(("call", "code"), [
    ("nn.CrossEntropyLoss([1.0, 2.0, 3.0])", "LA508"),
    ("nn.CrossEntropyLoss((1.0, 2.0, 3.0))", "LA508"),
    ("nn.CrossEntropyLoss(weight=2)", "LA508"),
    ("nn.CrossEntropyLoss(weight=2.5)", "LA508"),
    ("nn.CrossEntropyLoss(weight=True)", "LA508"),
    ("nn.CrossEntropyLoss(weight=None)", ""),
    ("nn.CrossEntropyLoss(weight=torch.tensor([1, 2, 3]))", "LA508"),
    ("nn.NLLLoss(weight=torch.tensor([1, 2, 3]))", "LA508"),
    ("nn.MultiMarginLoss(weight=torch.tensor([1, 2, 3]))", "LA508"),
    ("nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1, 2, 3]))", ""),  # it multiplies elements
    ("nn.BCEWithLogitsLoss(weight=torch.tensor([1, 2, 3]))", ""),
    ("nn.BCEWithLogitsLoss(pos_weight=[1.0])", "LA508"),
    ("nn.BCELoss(weight=[1.0])", "LA508"),
    ("nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0]))", ""),
    ("F.cross_entropy(model(x), y, [1.0, 2.0, 3.0])", "LA508"),
    ("F.nll_loss(model(x).log_softmax(1), y, torch.tensor([1, 2, 3]))", "LA508"),
    ("F.cross_entropy(model(x), y, torch.tensor([1.0, 2.0]))", "LA508"),  # two weights, three classes
    ("F.cross_entropy(model(x), y, torch.tensor([1.0, 2.0, 1.0]))", ""),
    ("F.cross_entropy(model(x), y, torch.ones(4))", "LA508"),
    ("F.cross_entropy(model(x), y, torch.ones(3, 1))", ""),  # no row of weights; torch says so itself
    ("F.cross_entropy(model(x), y, torch.ones(len(y)))", ""),
    ("F.cross_entropy(x, y, torch.ones(4))", ""),
    ("F.multi_margin_loss(model(x), y, weight=torch.ones(4))", "LA508"),
    ("F.mse_loss(model(x), y, weight=torch.ones(4))", ""),
    ("nn.CrossEntropyLoss(weight=torch.ones(5))(model(x), y)", "LA508"),
    ("nn.CrossEntropyLoss(weight=torch.ones(3))(model(x), y)", ""),
])  # fmt: skip
def test_class_weights(call: str, code: str, exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return {call}  # {code}
""")


def test_a_wrong_length_is_told_where_the_loss_is_made(exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked("""\
criterion = nn.CrossEntropyLoss(weight=torch.ones(5))  # LA508
other = nn.CrossEntropyLoss(weight=torch.ones(3))


def step(x, y):
    return criterion(model(x), y) + other(model(x), y)
""")


def test_torch_refuses_what_is_reported() -> None:
    x, y = torch.zeros(2, 3), torch.tensor([0, 1])
    for weight in (torch.ones(4), torch.tensor([1, 2, 3])):
        with pytest.raises(RuntimeError):
            nn.functional.cross_entropy(x, y, weight)
    for wrong in ([1.0, 2.0, 3.0], 2.5):
        with pytest.raises((TypeError, AttributeError)):
            nn.functional.cross_entropy(x, y, wrong)  # type: ignore[arg-type]
    nn.functional.binary_cross_entropy_with_logits(x, torch.zeros(2, 3), pos_weight=torch.tensor([1, 2, 3]))


@pytest.mark.parametrize(("call", "code"), [
    ("nn.KLDivLoss()", "LA504"),
    ("nn.KLDivLoss(reduction='mean')", "LA504"),
    ("nn.KLDivLoss(reduction='batchmean')", ""),
    ("nn.KLDivLoss(reduction='sum')", ""),
    ("nn.KLDivLoss(reduction=x)", ""),
    ("nn.KLDivLoss(size_average=False)", "LA503"),
    ("nn.KLDivLoss(size_average=x)", ""),
    ("nn.KLDivLoss(reduce=False)", "LA503"),
    ("nn.KLDivLoss(reduce=x)", ""),
    ("nn.MSELoss(reduction='elementwise_mean')", "LA503"),
    ("nn.MSELoss(reduction='average')", "LA506"),
    ("nn.MSELoss(reduction='batchmean')", "LA506"),
    ("nn.MSELoss(reduction=x)", ""),
    ("nn.MSELoss(size_average=None)", ""),
    ("nn.MSELoss(size_average=x)", ""),
    ("nn.NLLLoss2d()", "LA503"),
    ("F.l1_loss(model(x), y, reduction='elementwise_mean')", "LA503"),
    ("F.l1_loss(model(x), y, reduction='average')", "LA506"),
    ("F.l1_loss(model(x), y, reduce=True)", "LA503"),
    ("F.kl_div(model(x).log_softmax(1), y)", "LA504"),
    ("F.kl_div(model(x).log_softmax(1), y, reduction=x)", ""),
    ("F.kl_div(model(x).log_softmax(1), y, reduction='batchmean')", ""),
])  # fmt: skip
def test_reductions(call: str, code: str, exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return {call}  # {code}
""")


def test_the_arguments_of_a_data_loader_are_in_the_order_of_torch() -> None:
    from lossadvisor.checking.checks.reporting import _ORDER_OF_LOADER

    names = list(inspect.signature(torch.utils.data.DataLoader.__init__).parameters)
    assert names[1 : len(_ORDER_OF_LOADER) + 1] == list(_ORDER_OF_LOADER)


def test_the_losses_with_a_positive_weight_are_those_of_torch() -> None:
    from lossadvisor.checking.checks.balance import _LOSSES

    found = {
        f"torch.nn.{name}" for name in dir(nn)
        if isinstance(getattr(nn, name), type) and "pos_weight" in inspect.signature(getattr(nn, name)).parameters
    } | {
        f"torch.nn.functional.{name}" for name in ("binary_cross_entropy_with_logits", "binary_cross_entropy")
        if "pos_weight" in inspect.signature(getattr(nn.functional, name)).parameters
    }  # fmt: skip
    assert found == {name for name in _LOSSES if ".modules." not in name}
    assert nn.modules.loss.BCEWithLogitsLoss is nn.BCEWithLogitsLoss
    assert "torch.nn.modules.loss.BCEWithLogitsLoss" in _LOSSES
