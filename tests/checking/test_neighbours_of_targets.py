"""Guilty programs and their nearest innocent neighbours: targets."""

from __future__ import annotations

from collections.abc import Callable

Judge = Callable[[str], None]


def test_class_indices_that_were_cast(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def cast(x, y):
    return F.cross_entropy(model(x), y.double())  # LA201 likely


def cast_half(x, y):
    return F.cross_entropy(model(x), y.half())  # LA201 likely


def cast_bfloat(x, y):
    return F.cross_entropy(model(x), y.bfloat16())  # LA201 likely


def arithmetic(x, y):
    return F.cross_entropy(model(x), (y * 2).float())


def unknown_function(x, y):
    return F.cross_entropy(model(x), smooth(y).float())


def made_elsewhere(x, y):
    return F.cross_entropy(model(x), y.abs().float())


def drawn(x):
    return F.cross_entropy(model(x), torch.randint(3, (8,)).float())  # LA201


def drawn_binary(x):
    return F.cross_entropy(model(x), torch.randint(2, (8,)).float())  # LA201 likely


def drawn_negative(x):
    return F.nll_loss(F.log_softmax(model(x), 1), torch.randint(-1, 3, (8,)).float())  # LA201 likely


def drawn_rows(x):
    return F.cross_entropy(model(x), torch.randint(3, (8, 3)).float())


def input_cast(x, y):
    return F.cross_entropy(y.float(), y)
""")


def test_whole_numbers_for_a_binary_loss(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def bce_int(x, y):
    return F.binary_cross_entropy_with_logits(model(x), y.long())  # LA203


def bce_bool(x, y):
    return F.binary_cross_entropy_with_logits(model(x), y > 0)  # LA203


def bce_sigmoid(x, y):
    return F.binary_cross_entropy(torch.sigmoid(model(x)), y.long())  # LA203 LA403


def bce_prediction_int(x, y):
    return F.binary_cross_entropy(x.long(), y)


def multi(x, y):
    return F.multilabel_soft_margin_loss(model(x), y.long())


def soft(x, y):
    return F.soft_margin_loss(model(x), y.long())


def mse(x, y):
    return F.mse_loss(model(x), y.long())


def both(x, y):
    F.mse_loss(model(x), y.long())
    return F.binary_cross_entropy_with_logits(model(x), y.long())  # LA203
""")


def test_labels_beyond_the_classes(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def labels(x):
    return F.cross_entropy(model(x), torch.randint(4, (8,)))  # LA208


def labels_right(x):
    return F.cross_entropy(model(x), torch.randint(3, (8,)))


def labels_ignored(x):
    return F.cross_entropy(model(x), torch.randint(4, (8,)), ignore_index=3)


def labels_negative(x):
    return F.cross_entropy(model(x), torch.randint(-1, 3, (8,)))  # LA208


def labels_negative_ignored(x):
    return F.cross_entropy(model(x), torch.randint(-1, 3, (8,)), ignore_index=-1)


def labels_some_ignored(x, i):
    return F.cross_entropy(model(x), torch.randint(-1, 3, (8,)), ignore_index=i)


def labels_float(x):
    return F.cross_entropy(model(x), torch.randint(-1, 4, (8,)).float())  # LA201 likely


def labels_mse(x):
    return F.mse_loss(model(x), torch.randint(-1, 4, (8,)))


def labels_either(x, flag):
    head = nn.Linear(4, 3) if flag else nn.Linear(4, 5)
    return F.cross_entropy(head(x), torch.randint(4, (8,)))


def labels_unknown(x):
    return F.cross_entropy(x, torch.randint(4, (8,)))


def labels_several(x, flag):
    return F.cross_entropy(model(x), torch.randint(4, (8,)) if flag else torch.rand(8, 3))  # LA208 likely


def labels_margin(x):
    loss = F.multi_margin_loss(model(x), torch.randint(4, (8,)))  # LA208
    return loss + F.multi_margin_loss(model(x), torch.randint(-1, 3, (8,)))  # LA208
""")


def test_padding(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
import torch.nn.utils.rnn as rnn


def padded(x, ys):
    return F.cross_entropy(model(x), rnn.pad_sequence(ys, batch_first=True).view(-1))  # LA209


def padded_right(x, ys):
    return F.cross_entropy(model(x), rnn.pad_sequence(ys, batch_first=True, padding_value=-100).view(-1))


def padded_ignored(x, ys):
    return F.cross_entropy(model(x), rnn.pad_sequence(ys, batch_first=True).view(-1), ignore_index=0)


def padded_ignored_unknown(x, ys, i):
    return F.cross_entropy(model(x), rnn.pad_sequence(ys, batch_first=True).view(-1), ignore_index=i)


def padded_none(x, ys):
    return F.cross_entropy(model(x), rnn.pad_sequence(ys, batch_first=True).view(-1), reduction="none")


def padded_unknown(x, ys, r):
    return F.cross_entropy(model(x), rnn.pad_sequence(ys, batch_first=True).view(-1), reduction=r)


def padded_nll(x, ys):
    return F.nll_loss(F.log_softmax(model(x), 1), rnn.pad_sequence(ys, batch_first=True).view(-1))  # LA209


def padded_mse(x, ys):
    margin = F.multi_margin_loss(model(x), rnn.pad_sequence(ys).view(-1))
    return margin + F.mse_loss(model(x), rnn.pad_sequence(ys, batch_first=True))


def padded_input(ys, y):
    return F.cross_entropy(rnn.pad_sequence(ys, batch_first=True), y)
""")


def test_gradients_into_targets(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
other = nn.Linear(4, 3)


def target(x, z):
    return F.mse_loss(model(x), other(z))  # LA207 likely


def target_detached(x, z):
    return F.mse_loss(model(x), other(z).detach())


def target_ce(x, z):
    return F.cross_entropy(model(x), torch.softmax(other(z), 1))


def target_kl(x, z):
    return F.kl_div(F.log_softmax(model(x), 1), torch.softmax(other(z), 1), reduction="batchmean")  # LA207 likely


def target_quiet(x, z):
    with torch.no_grad():
        return F.mse_loss(model(x), other(z))


def target_detached_prediction(x, z):
    return F.mse_loss(model(x).detach(), other(z))


def target_huber(x, z):
    return F.huber_loss(model(x), other(z)), F.soft_margin_loss(model(x), other(z))  # LA207 likely
""")
