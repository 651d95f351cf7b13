"""Guilty programs and their nearest innocent neighbours: axes."""

from __future__ import annotations

from collections.abc import Callable

Judge = Callable[[str], None]


def test_classes_at_the_end(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def classes_last(y):
    return F.cross_entropy(model(torch.rand(8, 5, 4)), y)


def classes_last_view(x, y):
    return F.cross_entropy(model(x.view(-1, 7, 4)), y)


def classes_last_view_flat(x, y):
    return F.cross_entropy(model(x.view(-1, 7, 4)), y.view(-1))


def classes_last_probs(x, y):
    return F.cross_entropy(model(x.view(-1, 7, 4)), F.softmax(y, 1))


def classes_last_transposed(x, y):
    return F.cross_entropy(model(x.view(-1, 7, 4)).transpose(1, 2), y)


def classes_last_nll(x, y):
    return F.nll_loss(F.log_softmax(model(x.view(-1, 7, 4)), -1), y)


def classes_last_mse(x, y):
    return F.mse_loss(model(x.view(-1, 7, 4)), y)


def classes_last_units(x, y):
    conv = nn.Conv1d(4, 3, 1)
    return F.cross_entropy(conv(x.view(-1, 4, 7)), y)


def classes_last_relu(x, y):
    return F.cross_entropy(F.relu(model(x.view(-1, 7, 4))), y)  # LA104


def classes_last_named(x, y, n):
    head = nn.Linear(4, n)
    return F.cross_entropy(head(x.view(-1, x.size(1), 4)), y)  # LA305


def classes_last_rows(x, y, n):
    head = nn.Linear(4, n)
    return F.cross_entropy(head(x.view(-1, x.size(1), 4)), y.view(-1, 7))  # LA305


def classes_last_one_axis(x, y, n):
    head = nn.Linear(4, n)
    return F.cross_entropy(head(x.view(-1, x.size(1), 4)), y.view(-1))
""")


def test_softmax_over_the_batch(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def batch(x, y):
    return F.nll_loss(F.log_softmax(model(x), 0), y)  # LA302 likely


def batch_mse(x, y):
    return F.mse_loss(F.softmax(model(x), 0), y)


def batch_one(x, y):
    return F.nll_loss(F.log_softmax(model(torch.rand(4)), 0), torch.tensor(1))


def batch_single(x):
    return F.nll_loss(F.log_softmax(model(x), 0), torch.tensor(1))


def batch_rows(y):
    return F.nll_loss(F.log_softmax(model(torch.rand(8, 4)), 0), y)  # LA302


def batch_unit(x, y):
    head = nn.Linear(4, 1)
    return F.nll_loss(F.log_softmax(head(x), 0), y)


def batch_conv(x, y):
    conv = nn.Conv2d(3, 4, 1)
    return F.nll_loss(F.log_softmax(conv(x), 0), y)  # LA302


def batch_unknown(x, y):
    return F.nll_loss(F.log_softmax(x, 0), y)


def batch_unknown_flat(x, y):
    return F.nll_loss(F.log_softmax(x, 0), y.view(-1))  # LA302 likely


def batch_unknown_flat_float(x, y):
    return F.nll_loss(F.log_softmax(x, 0), y.view(-1).float())  # LA201 likely
""")


def test_columns_and_rows_of_targets(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def column(x, y):
    return F.cross_entropy(model(x), torch.randint(3, (8, 1)))  # LA202


def column_float(x, y):
    return F.cross_entropy(model(x), torch.rand(8, 1))


def column_unknown(x, y):
    return F.cross_entropy(model(x), y.long().unsqueeze(1))


def column_rows(x, y):
    return F.cross_entropy(model(torch.rand(8, 4)), y.long().view(-1, 1))  # LA202


def column_pictures(x, y):
    return F.cross_entropy(model(torch.rand(8, 5, 4)), torch.randint(3, (8, 1)))


def column_of_unknown(x, y):
    return F.cross_entropy(x, torch.randint(3, (8, 1)))


def column_margin(x, y):
    return F.multi_margin_loss(model(x), torch.randint(3, (8, 1)))  # LA202


def onehot(x, y):
    return F.cross_entropy(model(x), F.one_hot(y, 3))  # LA202


def onehot_float(x, y):
    return F.cross_entropy(model(x), F.one_hot(y, 3).float())


def onehot_mse(x, y):
    return F.mse_loss(model(x), F.one_hot(y, 3))


def column_nll(x, y):
    return F.nll_loss(F.log_softmax(model(x), 1), torch.randint(3, (8, 1)))  # LA202
""")
