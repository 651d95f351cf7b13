"""Targets, axes and shapes: what each check reports, and what is so near to it that it must stay silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Judge = Callable[[str], None]


@pytest.mark.parametrize(("target", "code"), [
    ("y.argmax(1).float()", "LA201"),
    ("y.argmax(1).double()", "LA201"),
    ("y.argmax(1).half()", "LA201"),
    ("y.argmax(1).to(torch.float32)", "LA201"),
    ("y.argmax(1).type(torch.float32)", "LA201"),
    ("y.argmax(1)", ""),
    ("y.argmax(1).float().long()", ""),
    ("y.float()", "LA201 likely"),  # of y nothing is known
    ("y.double()", "LA201 likely"),
    ("y.bfloat16()", "LA201 likely"),
    ("y[0].view(-1).float()", "LA201 likely"),
    ("smooth(y).float()", ""),  # what a function that is not followed has made may be probabilities
    ("y.mul(0.9).float()", ""),
    ("y.long()", ""),
    ("(y * 2).float()", ""),
    ("(y + 1).float()", ""),
    ("y", ""),
    ("torch.tensor([0.0, 2.0])", "LA201"),
    ("torch.tensor([0.5, 0.25])", ""),
    ("torch.tensor([0.0, 1.0])", ""),  # probabilities of two classes
    ("F.one_hot(y, 3)", "LA202"),
    ("F.one_hot(y, 3).float()", ""),
    ("y.long().view(-1, 1)", "LA202"),
    ("y.long().unsqueeze(1)", ""),
    ("torch.zeros(8, 1, dtype=torch.long)", "LA202"),
    ("torch.zeros(8, 2, dtype=torch.long)", ""),
    ("torch.zeros(8, dtype=torch.long)", ""),
])  # fmt: skip
def test_class_targets(target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return F.cross_entropy(model(x), {target})  # {code}
""")


@pytest.mark.parametrize(("target", "code"), [
    ("y.view(-1)", "LA302 likely"),  # one index for each row: the input has two axes
    ("y.view(-1, 1)", "LA102"),
    ("y.view(2, -1)", "LA102"),
    ("y.float().view(-1)", "LA102  LA201 likely"),
    ("y", "LA102"),
])  # fmt: skip
def test_a_softmax_of_scores_of_unknown_shape_over_axis_0(target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(scores, y):
    return F.cross_entropy(F.log_softmax(torch.stack(scores, 1), 0), {target})  # {code}
""")


@pytest.mark.parametrize(("loss", "target", "code"), [
    ("nll_loss", "torch.tensor([0.0, 1.0])", "LA201"),  # it takes no probabilities
    ("nll_loss", "torch.tensor([0.5, 1.0])", ""),
    ("nll_loss", "torch.tensor([[0.0, 1.0]])", ""),
    ("nll_loss", "F.one_hot(y, 3).float()", "LA202"),
])  # fmt: skip
def test_class_targets_of_nll(loss: str, target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return F.{loss}(model(x).log_softmax(1), {target})  # {code}
""")


@pytest.mark.parametrize(("loss", "target", "code"), [
    ("binary_cross_entropy_with_logits", "F.one_hot(y, 3)", "LA203"),
    ("binary_cross_entropy_with_logits", "y > 0", "LA203"),
    ("binary_cross_entropy_with_logits", "y.bool()", "LA203"),
    ("binary_cross_entropy_with_logits", "y.int()", "LA203"),
    ("binary_cross_entropy_with_logits", "(y > 0).float()", ""),
    ("binary_cross_entropy_with_logits", "y", ""),
    ("multilabel_soft_margin_loss", "F.one_hot(y, 3)", ""),
    ("mse_loss", "y.int()", ""),
])  # fmt: skip
def test_binary_targets(loss: str, target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return F.{loss}(model(x), {target})  # {code}
""")


@pytest.mark.parametrize(("call", "code"), [
    ("F.cross_entropy(model(x), torch.tensor([0, 1, 3]))", "LA208"),
    ("F.cross_entropy(model(x), torch.tensor([0, 1, 2]))", ""),
    ("F.cross_entropy(model(x), torch.tensor([0, 1, 3]), ignore_index=3)", ""),
    ("F.cross_entropy(model(x), torch.tensor([0, 1, 3]), ignore_index=4)", "LA208"),
    ("F.cross_entropy(model(x), torch.tensor([0, 1, 3]), ignore_index=y)", ""),
    ("F.cross_entropy(model(x), torch.tensor([0, 1, -1]))", "LA208"),
    ("F.cross_entropy(model(x), torch.tensor([0, 1, -1]), ignore_index=-1)", ""),
    ("F.cross_entropy(model(x), torch.tensor([0, 1, -100]))", ""),
    ("F.cross_entropy(x, torch.tensor([0, 1, 300]))", ""),
    ("F.cross_entropy(x, torch.tensor([0, 1, -1]))", "LA208"),
    ("F.cross_entropy(model(x), torch.randint(0, 3, (8,)))", ""),
    ("F.cross_entropy(model(x), torch.randint(4, (8,)))", "LA208"),
    ("F.nll_loss(model(x).log_softmax(1), torch.tensor([0, 1, 3]))", "LA208"),
    ("F.mse_loss(model(x), torch.tensor([0, 1, 3]))", ""),
])  # fmt: skip
def test_ranges_of_classes(call: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return {call}  # {code}
""")


@pytest.mark.parametrize(("call", "code"), [
    ("F.mse_loss(model(x), other(x))", "LA207 likely"),
    ("F.smooth_l1_loss(model(x), other(x))", "LA207 likely"),
    ("F.mse_loss(model(x), other(x).detach())", ""),
    ("F.mse_loss(model(x).detach(), other(x))", ""),
    ("F.mse_loss(x, other(x))", ""),
    ("F.mse_loss(model(x), x)", ""),
    ("F.cosine_similarity(model(x), other(x))", ""),
])  # fmt: skip
def test_targets_with_a_gradient(call: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
other = nn.Linear(4, 3)


def step(x):
    return {call}  # {code}
""")


def test_a_target_is_not_trained_where_nothing_is_recorded(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
other = nn.Linear(4, 3)


@torch.no_grad()
def evaluate(x):
    return F.mse_loss(model(x), other(x))


def step(x):
    with torch.no_grad():
        first = F.mse_loss(model(x), other(x))
    return first + F.mse_loss(model(x), other(x))  # LA207 likely
""")


SHAPES = [
    ("mse_loss", "net(x)", "y.view(-1)", "LA304 likely"),
    ("mse_loss", "net(x).view(-1)", "y.view(-1, 1)", "LA304"),
    ("mse_loss", "net(x)", "y.view(-1, 1)", ""),
    ("mse_loss", "net(x).squeeze(1)", "y.view(-1)", ""),
    ("l1_loss", "net(x)", "y.view(-1)", "LA304 likely"),
    ("huber_loss", "net(x)", "y.view(-1)", "LA304 likely"),
    ("poisson_nll_loss", "net(x)", "y.view(-1)", "LA304 likely"),
    ("binary_cross_entropy_with_logits", "net(x)", "y.view(-1).float()", "LA304 likely"),
    ("binary_cross_entropy", "net(x).sigmoid()", "y.view(-1).float()", "LA304 likely LA403"),
    ("soft_margin_loss", "net(x)", "y.view(-1)", ""),  # its shapes relate in a way of their own
    ("mse_loss", "net(x)", "torch.tensor(0.5)", ""),  # one number for all
    ("mse_loss", "net(x)", "torch.zeros(1)", ""),
    ("mse_loss", "torch.zeros(4, 1)", "torch.zeros(4)", "LA304"),
    ("mse_loss", "torch.zeros(4, 3)", "torch.zeros(4, 3)", ""),
    ("mse_loss", "torch.zeros(4, 3)", "torch.randn(4, 1)", "LA304"),
    ("mse_loss", "torch.zeros(4, 3)", "torch.randn(4)", "LA304"),
    ("mse_loss", "torch.zeros(2, 4, 3)", "torch.randn(4, 3)", "LA304"),
    ("poisson_nll_loss", "torch.zeros(4, 3)", "torch.randn(4, 1)", ""),  # it is silent: a broadcast may be meant
    ("mse_loss", "torch.zeros(4, 3)", "torch.ones(1, 1)", ""),
    ("mse_loss", "torch.zeros(1, 1)", "torch.randn(1)", ""),
    ("mse_loss", "model(x)", "y", ""),
]


@pytest.mark.parametrize(("loss", "prediction", "target", "code"), SHAPES)
def test_shapes_that_differ(loss: str, prediction: str, target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
net = nn.Linear(4, 1)


def step(x, y):
    return F.{loss}({prediction}, {target})  # {code}
""")


@pytest.mark.parametrize(("prediction", "target", "code"), [
    ("logits", "y", "LA305"),
    ("logits.transpose(1, 2)", "y", ""),
    ("logits.permute(0, 2, 1)", "y", ""),
    ("logits", "y.view(-1)", ""),  # torch says that the shapes do not fit
    ("logits", "y.float()", "LA201 likely"),
    ("logits", "F.one_hot(y, 3)", "LA202"),
    ("logits", "y.softmax(1)", ""),
    ("logits.flatten(0, 1)", "y.flatten()", ""),
    ("logits.reshape(-1, 3)", "y.reshape(-1)", ""),
    ("logits.log_softmax(-1)", "y", "LA305"),
    ("logits.relu()", "y", "LA104"),
])  # fmt: skip
def test_the_class_axis(prediction: str, target: str, code: str, exactly_as_marked: Judge) -> None:
    loss = "nll_loss" if "log_softmax" in prediction else "cross_entropy"
    exactly_as_marked(f"""\
def step(tokens, y):
    hidden = nn.Embedding(10, 4)(tokens.view(8, -1))
    logits = nn.Linear(4, 3)(hidden)
    return F.{loss}({prediction}, {target})  # {code}
""")


@pytest.mark.parametrize(("prediction", "target", "code"), [
    ("model(x).softmax(0)", "y", "LA302 likely"),
    ("model(x).log_softmax(0)", "y", "LA302 likely"),
    ("model(x).softmax(1)", "y", "LA101"),
    ("model(x.view(-1, 4)).softmax(0)", "y", "LA302"),
    ("model(x.view(4)).softmax(0)", "y", "LA101"),  # one sample: its only axis
    ("model(x).softmax(0)", "torch.tensor(1)", "LA101"),
    ("x.softmax(0)", "y", "LA101"),
])  # fmt: skip
def test_softmax_over_the_batch(prediction: str, target: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return F.cross_entropy({prediction}, {target})  # {code}
""")


CHOSEN_HEAD = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--act", default="{act}")
parser.add_argument("--units", type=int, default=1)
args = parser.parse_args()


def step(x, y):
    x = nn.Linear(4, args.units)(x)
    if args.act == "softmax":
        x = F.log_softmax(x, dim=1)  # {code}
        return F.nll_loss(x, y)
    return F.mse_loss(x, y)
"""


@pytest.mark.parametrize(("act", "code"), [("softmax", "LA303"), ("none", "LA303 possible")])
def test_one_unit_by_default_where_the_softmax_is_chosen(act: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(CHOSEN_HEAD.format(act=act, code=code))
