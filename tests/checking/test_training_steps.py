"""Arguments, gradients and reductions of a training step: what each check reports, and its innocent neighbours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Judge = Callable[[str], None]


@pytest.mark.parametrize(("call", "code"), [
    ("F.cross_entropy(y.argmax(1), model(x))", "LA502"),
    ("F.cross_entropy(y.long(), model(x))", "LA502"),
    ("F.cross_entropy(y.int(), model(x))", "LA502"),
    ("F.cross_entropy(F.one_hot(y, 3), model(x))", "LA502"),
    ("F.cross_entropy(y, model(x))", ""),  # nothing is known of y
    ("F.cross_entropy(model(x), model(x))", ""),
    ("F.cross_entropy(y.argmax(1), model(x).detach())", "LA601"),
    ("F.cross_entropy(y.argmax(1), x)", "LA601"),
    ("F.nll_loss(y.long(), model(x).log_softmax(1))", "LA502"),
    ("F.binary_cross_entropy(torch.ones(8, 3), model(x).sigmoid())", "LA502"),
    ("F.binary_cross_entropy_with_logits((y > 0).float(), model(x))", "LA502"),
    ("F.binary_cross_entropy_with_logits(y.float(), model(x))", "LA502 likely"),
    ("F.binary_cross_entropy_with_logits(y.double(), model(x))", "LA502 likely"),
    ("F.binary_cross_entropy_with_logits(y.half(), model(x))", "LA502 likely"),
    ("F.mse_loss(y.long(), model(x))", ""),  # it is symmetric
    ("F.l1_loss((y > 0).float(), model(x))", ""),
    ("F.kl_div(x.softmax(1), model(x).log_softmax(1), reduction='batchmean')", "LA502"),
    ("F.kl_div(x.softmax(1), model(x).log_softmax(1), reduction='batchmean', log_target=True)", "LA110"),
    ("F.kl_div(model(x).log_softmax(1), x.softmax(1), reduction='batchmean')", ""),
])  # fmt: skip
def test_swapped_arguments(call: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return {call}  # {code}
""")


@pytest.mark.parametrize(("value", "code"), [
    ("(model(x), x)", "LA509"),
    ("(model(x), x, y)", "LA509"),
    ("{'out': model(x)}", "LA509"),
    ("{'out': model(x), 'more': x}", "LA509"),
    ("{1: model(x)}", ""),  # no output of a model looks like this
    ("{}", ""),
    ("(model(x),)", ""),
    ("[model(x), x]", ""),
    ("nn.LSTM(4, 3)(x)", "LA509"),
    ("nn.LSTM(4, 3)(x)[0]", ""),
    ("nn.GRU(4, 3)(x)", "LA509"),
    ("nn.MultiheadAttention(4, 1)(x, x, x)", "LA509"),
    ("model(x)", ""),
    ("x", ""),
])  # fmt: skip
def test_whole_outputs(value: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    return F.mse_loss({value}, y)  # {code}
""")


def test_an_output_on_one_branch_only_is_no_finding(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y, both):
    out = (model(x), x) if both else model(x)
    return F.mse_loss(out, y) + F.mse_loss((model(x), x), y)  # LA509
""")


@pytest.mark.parametrize(("value", "code"), [
    ("model(x).argmax(1)", "LA601"),
    ("model(x).argmax(1).float()", "LA601 likely"),
    ("model(x).round()", "LA601 likely"),
    ("(model(x) > 0).float()", "LA601 likely"),
    ("model(x)", ""),
])  # fmt: skip
def test_predictions_without_a_gradient(value: str, code: str, exactly_as_marked: Judge) -> None:
    loss = "cross_entropy" if value == "model(x).argmax(1)" else "mse_loss"
    exactly_as_marked(f"""\
def step(x, y):
    return F.{loss}({value}, y)  # {code}
""")


def test_a_number_to_look_at_may_be_rounded(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    loss = F.mse_loss(model(x), y)
    loss.backward()
    rounded = F.mse_loss(model(x).round(), y)  # LA601 possible
    return rounded.item()


def trained(x, y):
    loss = F.mse_loss(model(x).round(), y)  # LA601
    loss.backward()


@torch.no_grad()
def evaluated(x, y):
    return F.mse_loss(model(x).round(), y)
""")


def test_what_is_detached_and_then_trained(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    loss = F.mse_loss(model(x).detach(), y)  # LA602
    loss.backward()


def term(x, y):
    loss = F.mse_loss(model(x).detach(), y) + F.mse_loss(model(x), y)  # LA602 possible
    loss.backward()


def metric(x, y):
    return F.mse_loss(model(x).detach(), y)


def commitment(x, y):
    loss = F.mse_loss(model(x).detach(), model(x))
    loss.backward()


def data(x, y):
    loss = F.mse_loss(x.detach(), y)
    loss.backward()
""")


def test_a_loss_made_anew(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    loss = F.mse_loss(model(x), y)
    loss = torch.tensor(loss, requires_grad=True)  # LA603
    loss.backward()


def other(x, y):
    loss = F.mse_loss(model(x), y)
    logged = torch.tensor(loss)
    loss.backward()
    return logged
""")


def test_a_loss_that_is_not_reduced(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
each = nn.MSELoss(reduction="none")


def step(x, y):
    each(model(x), y).backward()  # LA506


def reduced(x, y):
    each(model(x), y).mean().backward()


def seeded(x, y):
    loss = each(model(x), y)
    loss.backward(torch.ones_like(loss))
""")


@pytest.mark.parametrize(("term", "code"), [
    ("F.l1_loss(model(z), y).item()", "LA603"),
    ("F.l1_loss(model(z), y).detach()", "LA603"),
    ("F.l1_loss(model(z), y).data * 0.5", "LA603"),
    ("torch.tensor([model(one).mean() for one in z]).mean()", "LA603"),
    ("F.l1_loss(model(z), y)", ""),
    ("F.l1_loss(model(z), y) * loss.item()", ""),
    ("F.l1_loss(model(z), y) * torch.tensor([model(one).mean() for one in z]).mean()", ""),
    ("loss.item()", ""),  # the same loss is trained
])  # fmt: skip
def test_terms_that_are_numbers(term: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, y, z, adversarial):
    loss = F.mse_loss(model(x), y)
    if adversarial:
        loss = loss + {term}  # {code}
    loss.backward()
""")
