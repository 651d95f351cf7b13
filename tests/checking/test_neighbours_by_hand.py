"""Guilty programs and their nearest innocent neighbours: numbers written out by hand."""

from __future__ import annotations

from collections.abc import Callable

Judge = Callable[[str], None]


def test_balances_of_positives_and_negatives(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    return torch.nn.functional.binary_cross_entropy_with_logits(model(x), y, pos_weight=pos / neg)  # LA507 likely


def positional(x, y, neg, pos):
    return F.binary_cross_entropy_with_logits(model(x), y, neg / pos)  # LA507 likely


def third(x, y, neg, pos):
    return F.binary_cross_entropy_with_logits(model(x), y, None, None, None, neg / pos)


def other(x, y, neg, pos):
    return F.binary_cross_entropy(torch.sigmoid(model(x)), y, neg / pos)  # LA403


def made(x, y, neg, pos, total):
    criterion = nn.BCEWithLogitsLoss(pos_weight=pos / total)  # LA507 likely
    return criterion(model(x), y)




def other_class(neg, pos):
    nn.CrossEntropyLoss(weight=neg / pos)
    nn.BCELoss(weight=neg / pos)
    nn.BCEWithLogitsLoss(pos_weight=neg / pos)
    return nn.BCEWithLogitsLoss(weight=neg / pos)  # LA507 likely
""")


def test_roots_and_autocast(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    with torch.cuda.amp.autocast():
        return F.binary_cross_entropy(torch.sigmoid(model(x)), y)  # LA406


def nothing(x, y):
    with torch.no_grad():
        return F.binary_cross_entropy(torch.sigmoid(model(x)), y)  # LA403


def root(x, y):
    a = F.l1_loss(model(x), y)
    b = F.mse_loss(model(x), y)
    loss = torch.sqrt(a) + torch.sqrt(b)  # LA407
    loss.backward()


def root_of_all(x, y):
    b = torch.sqrt(F.mse_loss(model(x), y))
    return b


def root_guarded(x, y):
    loss = torch.sqrt(F.mse_loss(model(x), y) + 1e-8)
    loss.backward()
""")


def test_masks(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def per_row(x, y):
    mask = y != 0
    loss = (F.mse_loss(model(x), y, reduction="none") * mask).mean(dim=-1)
    return loss.sum()


def counted(x, y):
    mask = y != 0
    return (F.mse_loss(model(x), y, reduction="none") * mask).sum() / mask.sum()


def over_all(x, y):
    mask = (y != 0).float()
    return (F.mse_loss(model(x), y, reduction="none") * mask).mean()  # LA511


def over_all_wide(x, y, mask):
    return (F.cross_entropy(model(x), y, reduction="none") * mask).mean()
""")


def test_losses_by_hand(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def hand(x, y):
    p = F.log_softmax(model(x), 1)
    return -p.gather(1, y.unsqueeze(1)).mean()  # LA405


def hand_positive(x, y):
    p = F.log_softmax(model(x), 1)
    return p.gather(1, y.unsqueeze(1)).mean()


def hand_detached(x, y):
    p = F.log_softmax(model(x).detach(), 1)
    return -p.gather(1, y.unsqueeze(1)).mean()


@torch.no_grad()
def hand_quiet(x, y):
    p = F.log_softmax(model(x), 1)
    return -p.gather(1, y.unsqueeze(1)).mean()


def twice(x, y):
    p = torch.softmax(torch.softmax(model(x), 1), 1)  # LA117
    loss = -(y * torch.log(p)).sum(1).mean()  # LA401
    loss.backward()


def twice_detached(x, y):
    p = torch.softmax(torch.softmax(model(x), 1), 1)
    return -(y * torch.log(p)).sum(1).mean().detach()  # LA401


def either(x, y, r):
    a = F.mse_loss(model(x), y, reduction=r)
    return a + model.weight.abs().sum()


def steps(x, y, n):
    loss = F.cross_entropy(model(x), y, ignore_index=0) / n  # LA510
    loss.backward()
    other = F.cross_entropy(model(x), y) / n
    other.backward()
    third = F.cross_entropy(model(x), y, ignore_index=0, reduction="sum") / n
    third.backward()
    fourth = F.cross_entropy(model(x), y, ignore_index=0) / 4  # LA510
    fourth.backward()
    fifth = F.cross_entropy(model(x), y, ignore_index=0) * n
    fifth.backward()


def steps_logged(x, y, n):
    return F.cross_entropy(model(x), y, ignore_index=0) / n


def steps_weighted(x, y, n, w):
    loss = F.cross_entropy(model(x), y, weight=w) / n  # LA510
    loss.backward()


def steps_plus(x, y, n):
    loss = (F.cross_entropy(model(x), y, ignore_index=0) + 1) / n
    loss.backward()


def sums(x, y):
    a = F.mse_loss(model(x), y)
    b = F.mse_loss(model(x), y, reduction="sum")
    c = a - model.weight.abs().sum()
    d = b + model.weight.abs().sum()
    return c, d, a + model.weight.abs().sum()  # LA513
""")


def test_entries_picked_along_classes(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def picked(x, y):
    p = F.softmax(model(x), 0)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA302 likely LA401
    loss.backward()


def picked_by_chance(x, y):
    p = F.softmax(model(x), 0) if y.any() else F.softmax(model(x), 1)
    loss = -p.gather(1, y.unsqueeze(1)).clamp(min=1e-6).log().mean()  # LA302 possible
    loss.backward()


def picked_right(x, y):
    p = F.softmax(model(x), 1)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA401
    loss.backward()


def picked_log(x, y):
    p = F.log_softmax(model(x), 0)
    loss = -p.gather(1, y.unsqueeze(1)).mean()  # LA302 likely
    loss.backward()


def picked_unlogged(x, y):
    p = F.softmax(model(x), 0)
    loss = -p.gather(1, y.unsqueeze(1)).mean()
    loss.backward()


def picked_rows(y):
    p = F.softmax(model(torch.rand(8, 4)), 0)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA401
    loss.backward()


def picked_one_row(y):
    p = F.softmax(model(torch.rand(1, 4)), 0)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA302 LA401
    loss.backward()


def picked_positions(x, y):
    p = F.softmax(model(x.view(-1, 7, 4)), 0)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA401
    loss.backward()


def picked_view(x, y):
    p = F.softmax(model(x.view(-1, 4)), 0)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA302 LA401
    loss.backward()


@torch.no_grad()
def picked_quiet(x, y):
    p = F.softmax(model(x.view(-1, 4)), 0)
    return -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA401


def picked_unknown(x, y):
    p = F.softmax(x.view(-1, 4), 0)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA401
    loss.backward()


def picked_conv(x, y):
    conv = nn.Conv1d(4, 3, 1)
    p = F.softmax(conv(x), 0)
    loss = -torch.log(p.gather(1, y.unsqueeze(1))).mean()  # LA401
    loss.backward()
""")


def test_distributions(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
from torch.distributions import Categorical, Normal, categorical


def ways(x):
    rows = F.softmax(model(x.view(-1, 4)), 0)
    Categorical(rows)  # LA302
    categorical.Categorical(probs=rows)  # LA302
    Categorical(logits=rows)
    Normal(rows, 1)
    return Categorical(F.softmax(model(x.view(-1, 4)), 1))


def sizes():
    Categorical(F.softmax(model(torch.rand(4)), 0))
    Categorical(F.softmax(model(torch.rand(1, 4)), 0))  # LA302
    return Categorical(F.softmax(model(torch.rand(8, 4)), 0))


def either(x, flag):
    return Categorical(F.softmax(model(x.view(-1, 4)), 0) if flag else F.softmax(model(x), 1))  # LA302 likely
""")


def test_softmax_by_hand(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def soft(x):
    e = torch.exp(model(x))
    return e / e.sum(1, keepdim=True)  # LA404


def soft_other(x, z):
    e = torch.exp(model(x))
    e * e.sum(1, keepdim=True)
    e - e.sum(1, keepdim=True)
    return e / torch.exp(model(z)).sum(1, keepdim=True)
""")
