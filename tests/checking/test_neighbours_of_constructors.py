"""Guilty programs and their nearest innocent neighbours: constructors, words, weights and what is reported."""

from __future__ import annotations

from collections.abc import Callable

Judge = Callable[[str], None]


def test_tensors_for_constructors(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
import timm.loss


def ctor(x, y):
    nn.CrossEntropyLoss(model(x), y)  # LA501
    nn.CrossEntropyLoss(y, model(x))  # LA501
    nn.CrossEntropyLoss(model(x))  # LA501
    nn.MSELoss(model(x), size_average=False)  # LA503
    nn.CrossEntropyLoss(torch.ones(3))
    nn.CrossEntropyLoss(x, y)
    nn.CrossEntropyLoss(model(x), "mean")  # LA512
    nn.MSELoss()
    nn.CrossEntropyLoss(model.weight)
    return nn.CrossEntropyLoss(model(x), reduction="sum")


def default(x, y, w=None):
    return nn.CrossEntropyLoss(model(x), w)


def package(x, y):
    return timm.loss.LabelSmoothingCrossEntropy(model(x), y)


def activations(x, h):
    nn.ReLU(model(x))  # LA505
    nn.ReLU(x)
    nn.ReLU(torch.rand(3))
    nn.ReLU(x.float())  # LA505
    nn.ReLU(torch.softmax(x, 1))  # LA505
    nn.ReLU(True)
    nn.Linear(model(x))
    nn.Softmax(1)
    torch.relu(model(x))
    return nn.Tanh()(model(x))
""")


def test_constants_in_the_wrong_place(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def positions(x, y):
    nn.MSELoss("mean")  # LA512
    nn.MSELoss(None, "sum")  # LA512
    nn.MSELoss(None, None, "sum")
    nn.CrossEntropyLoss("mean")  # LA512
    nn.CrossEntropyLoss(None, None, 1.0)
    nn.BCEWithLogitsLoss(None, None, None, "mean")
    nn.BCEWithLogitsLoss(None, None, None, "mean", "x")  # LA512
    nn.CrossEntropyLoss(None, "mean", "sum")  # LA512
    nn.CrossEntropyLoss(reduction=0)
    return nn.MSELoss(True)


def functions(x, y):
    F.mse_loss(model(x), y, "mean")  # LA512
    F.mse_loss(model(x), y, None, None, "mean")
    F.cross_entropy(model(x), y, "mean")  # LA512
    F.cross_entropy(model(x), y, None, "mean", "sum")  # LA512
    F.cross_entropy(model(x), y, weight="mean")
    F.cross_entropy(model(x), y, reduction="mean")
    F.binary_cross_entropy_with_logits(model(x), y, None, None, None, "mean")
    F.binary_cross_entropy_with_logits(model(x), y, None, None, None, "mean", "x")  # LA512
    return F.mse_loss(model(x), y, size_average="mean")  # LA503
""")


def test_words_for_a_reduction(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def old(x, y):
    F.mse_loss(model(x), y, size_average=False)  # LA503
    F.mse_loss(model(x), y, False)
    F.mse_loss(model(x), y, reduce=True)  # LA503
    F.mse_loss(model(x), y, reduction="elementwise_mean")  # LA503
    F.mse_loss(model(x), y, size_average=None)
    F.nll_loss2d(F.log_softmax(model(x), 1), y)  # LA503
    nn.NLLLoss2d()  # LA503
    nn.MSELoss(False)
    nn.MSELoss(size_average=True)  # LA503
    nn.MSELoss(reduction="elementwise_mean")  # LA503
    nn.MSELoss(reduction="avg")  # LA506
    F.mse_loss(model(x), y, reduction="avg")  # LA506
    F.mse_loss(model(x), y, reduction="batchmean")  # LA506
    F.kl_div(F.log_softmax(model(x), 1), y, reduction="batchmean")
    torch.nn.MSELoss(reduction="none")
    return nn.KLDivLoss(reduction="batchmean")
""")


def test_weights_of_classes(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def weights(x, y):
    nn.CrossEntropyLoss(weight=[1.0, 2.0, 3.0])  # LA508
    nn.CrossEntropyLoss(weight=(1.0, 2.0, 3.0))  # LA508
    nn.CrossEntropyLoss(weight=2.0)  # LA508
    nn.CrossEntropyLoss(weight=torch.tensor([1, 2, 3]))  # LA508
    nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2, 3]))
    nn.BCELoss(weight=torch.tensor([1, 2, 3]))
    nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1, 2, 3]))
    nn.BCEWithLogitsLoss(pos_weight=3)  # LA508
    nn.BCEWithLogitsLoss(pos_weight=True)  # LA508
    nn.MultiMarginLoss(weight=torch.tensor([1, 2, 3]))  # LA508
    nn.NLLLoss(weight=torch.tensor([1, 2, 3]))  # LA508
    F.cross_entropy(model(x), y, torch.rand(4))  # LA508
    F.cross_entropy(model(x), y, torch.rand(3))
    F.cross_entropy(model(x), y, torch.rand(4, 1))
    F.cross_entropy(x, y, torch.rand(4))
    F.binary_cross_entropy_with_logits(model(x), y, torch.rand(4))
    F.cross_entropy(model(x), y, [1.0, 2.0, 3.0])  # LA508
    F.mse_loss(model(x), y, weight=torch.rand(8))
    F.cross_entropy(model(x), y, weight=y.view(-1))
    head = nn.Linear(4, 3) if y else nn.Linear(4, 5)
    F.cross_entropy(head(x), y, torch.rand(4))
    criterion = nn.CrossEntropyLoss(weight=[1.0, 2.0, 3.0])  # LA508
    criterion(model(x), y)
    other = nn.CrossEntropyLoss(weight=torch.rand(4))  # LA508
    return other(model(x), y)
""")


def test_means_of_batches(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
from torch.utils.data import DataLoader


def loaders(data, x, y, n):
    loader = DataLoader(data, batch_size=8)
    total = 0
    for x, y in loader:
        total += F.cross_entropy(model(x), y).item()
    a = total / len(loader)  # LA702
    return a + total / len(data)  # LA702
""")


def test_totals_that_hold_graphs(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def total_graph(loader):
    total = 0
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        total += loss  # LA604
    return total


def total_number(loader):
    total = 0
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        total += loss.item()
    return total


def total_trained(loader):
    total = 0
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        total += loss
    total.backward()
    return total
""")


def test_thresholds(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def thresholds(x, y):
    out = model(x)
    loss = F.binary_cross_entropy_with_logits(out, y)
    p = torch.sigmoid(out)
    a = out > 0.5  # LA701
    b = out >= 0.5  # LA701
    c = out < 0.5  # LA701
    d = out <= 0.5  # LA701
    e = out > 0
    f = out == 0.5
    g = p > 0  # LA701
    h = p > 0.5
    i = nn.Sigmoid()(out) > 0  # LA701
    j = torch.softmax(out, 1) > 0
    k = model(y) > 0.5
    return loss


def thresholds_mse(x, y):
    out = model(x)
    F.mse_loss(out, y)
    return out > 0.5
""")
