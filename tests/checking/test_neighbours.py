"""Guilty programs and their nearest innocent neighbours: outputs, activations and their order."""

from __future__ import annotations

from collections.abc import Callable

Judge = Callable[[str], None]


def test_labels_that_a_model_shifts(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
from transformers import BertForMaskedLM, GPT2LMHeadModel

model, lm = BertForMaskedLM.from_pretrained("b"), GPT2LMHeadModel.from_pretrained("gpt2")


def masked(x):
    return model(input_ids=x[:, :-1], labels=x[:, 1:]).loss


def nothing(x):
    return lm(x[:, :-1], labels=None).loss + lm(labels=x[:, 1:]).loss


def same(x):
    return lm(input_ids=x, labels=x).loss


def strange(x, z):
    return lm(input_ids=x[:, :-1], labels=z[:, 1:]).loss


def both(x):
    model(x[:, :-1], labels=x[:, 1:])
    return lm(x[:, :-1], labels=x[:, 1:]).loss  # LA211
""")


def test_whole_outputs(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(x), x


class Named(Net):
    def forward(self, x):
        return {"out": self.fc(x)}


class Single(Net):
    def forward(self, x):
        return (self.fc(x),)


net, named, single = Net(), Named(), Single()


def step(x, y):
    return F.cross_entropy(net(x), y)  # LA509


def names(x, y):
    return F.cross_entropy(named(x), y)  # LA509


def of_one(x, y):
    return F.cross_entropy(single(x), y)


def as_target(x, y):
    return F.mse_loss(model(x), net(y))


def numbered(x, y):
    return F.cross_entropy({0: model(x)}, y)


def empty(y):
    return F.cross_entropy({}, y)


def either(x, y, flag):
    return F.cross_entropy(net(x) if flag else model(x), y)


def both(x, y, flag):
    return F.cross_entropy(net(x) if flag else named(x), y)  # LA509 likely


def elsewhere(x, y):
    return torchvision.ops.sigmoid_focal_loss(net(x), y)
""")


def test_labels_in_the_place_of_outputs(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def indices(x, y):
    return F.cross_entropy(y.long(), model(x))  # LA502


def ones(x):
    return F.binary_cross_entropy_with_logits(torch.ones(8, 3), model(x))  # LA502


def floats(x, y):
    return F.binary_cross_entropy_with_logits(y.detach().float(), model(x))  # LA502 likely


def of_unknown_type(x, y):
    return F.binary_cross_entropy_with_logits(y.detach(), model(x))


def halves(x, y):
    return F.binary_cross_entropy_with_logits(y.half(), model(x))  # LA502 likely


def after_an_activation(x, y):
    return F.binary_cross_entropy(y.float(), torch.sigmoid(model(x)))  # LA502 likely


def logarithms(x, y):
    return F.nll_loss(y.long(), torch.log_softmax(model(x), 1))  # LA502


def probabilities(x, y):
    return F.cross_entropy(y.long(), torch.softmax(model(x), 1))  # LA502


def logarithms_of_one(x, y):
    return F.cross_entropy(y.long(), F.logsigmoid(model(x)))  # LA502


def without_an_order(x, y):
    return F.mse_loss(y.float(), model(x))


def of_a_teacher(x, y):
    return F.binary_cross_entropy_with_logits(y.float(), model(x).detach())


def of_two_models(x, y):
    return F.binary_cross_entropy_with_logits(model(x), torch.sigmoid(model(y)))


def more_than_a_cast(x, y):
    return F.binary_cross_entropy_with_logits((y + 1).float(), model(x))
""")


def test_a_divergence_the_wrong_way_round(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def swapped(x, z):
    return F.kl_div(torch.softmax(model(x), 1).detach(), torch.log_softmax(model(z), 1), reduction="batchmean")  # LA502


def logarithms_as_targets(x, z):
    teacher = torch.softmax(model(x), 1).detach()
    return F.kl_div(teacher, torch.log_softmax(model(z), 1), reduction="batchmean", log_target=True)  # LA110


def of_a_teacher(x, z):
    teacher = torch.log_softmax(model(z), 1).detach()
    return F.kl_div(torch.log_softmax(model(x), 1), teacher, reduction="batchmean")  # LA111


def probabilities(x, z):
    return F.kl_div(torch.softmax(model(x), 1), torch.softmax(model(z), 1).detach(), reduction="batchmean")  # LA110


def both_wrong(x, z):
    teacher = torch.log_softmax(model(z), 1).detach()
    return F.kl_div(torch.softmax(model(x), 1), teacher, reduction="batchmean")  # LA110 LA111
""")


def test_one_unit(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
head = nn.Linear(4, 1)


def classes(x, y):
    return F.cross_entropy(head(x), y)  # LA303


def a_number(x, y):
    return F.mse_loss(head(x), y) + F.binary_cross_entropy_with_logits(head(x), y)


def rows(x):
    return F.softmax(head(x), dim=-1)  # LA303


def rows_or_positions(x):
    return F.relu(head(x)), F.softmax(head(x), dim=1), F.softmax(head(x), dim=0)


def surely_rows():
    return F.softmax(head(torch.rand(8, 4)), dim=1)  # LA303


def positions():
    return F.softmax(head(torch.rand(8, 5, 4)), dim=1)


def logarithms(x, y):
    return F.nll_loss(F.log_softmax(head(x), dim=1), y)  # LA303


def distances(x, y):
    return F.mse_loss(F.softmax(head(x), dim=1), y)  # LA303


def one_probability(x, y):
    return F.mse_loss(torch.sigmoid(head(x)), y)


def chosen(x, y, flag):
    other = nn.Linear(4, 1) if flag else nn.Linear(4, 3)
    return F.cross_entropy(other(x), y)


def as_target(x):
    return F.cross_entropy(model(x), F.softmax(head(x), 1))


def after_another_loss(x, y):
    F.mse_loss(head(x), y)
    return F.cross_entropy(head(x), y)  # LA303
""")


def test_softmax_without_an_axis(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def functions(x):
    F.softmax(model(x), dim=None)  # LA301
    torch.relu(x)
    F.relu(x)
    F.gumbel_softmax(x)
    return F.log_softmax(model(x))  # LA301


def layers():
    nn.Softmax()  # LA301
    nn.Softmax(None)  # LA301
    nn.Softmax(dim=None)  # LA301
    nn.LogSoftmax()  # LA301
    nn.Softmin()  # LA301
    nn.Softmax(1)
    nn.Softmax2d()
    nn.ReLU()
""")


def test_a_guarded_logarithm_in_a_loss(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def probabilities(x, y):
    return F.nll_loss(torch.log(torch.softmax(model(x), 1) + 1e-8), y)  # LA401 likely


def divergence(x, y):
    return F.kl_div(torch.log(torch.softmax(model(x), 1) + 1e-8), y.softmax(1), reduction="batchmean")  # LA401 likely


def target(x, y):
    teacher = torch.log(torch.softmax(model(y), 1) + 1e-8)
    return F.kl_div(F.log_softmax(model(x), 1), teacher.detach(), reduction="batchmean", log_target=True)


def scaled(x, y):
    return F.nll_loss(torch.log(torch.softmax(model(x), 1) * 0.9), y)


def of_one(x, y):
    return F.nll_loss(torch.log(torch.sigmoid(model(x)) + 1e-8), y)


def distance(x, y):
    return F.l1_loss(torch.log(torch.softmax(model(x), 1) + 1e-8), y)


def root(x, y):
    return F.nll_loss(torch.sqrt(torch.softmax(model(x), 1) + 1e-8), y)  # LA108


def after_another_loss(x, y):
    F.mse_loss(model(x), y)
    return F.nll_loss(torch.log(torch.softmax(model(x), 1) + 1e-8), y)  # LA401 likely
""")


def test_logarithms_of_a_sigmoid(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def ways(x):
    torch.log(torch.sigmoid(model(x)))  # LA402
    torch.log(torch.special.expit(model(x)))  # LA402
    torch.log(torch.sigmoid_(model(x)))  # LA402
    torch.log(model(x).sigmoid_())  # LA402
    torch.log(torch.tanh(model(x)))
    return F.logsigmoid(model(x))
""")


def test_rectified_logarithms(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def ways(x):
    torch.log(F.relu(model(x)))  # LA408
    torch.log(torch.relu_(model(x)))  # LA408
    torch.log(nn.ReLU()(model(x)))  # LA408
    return torch.log(F.relu(model(x)) + 1)
""")


def test_scores_that_are_cut_before_a_log_softmax(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
class Net(nn.Module):
    def __init__(self, last):
        super().__init__()
        self.hidden, self.last, self.out = nn.Linear(4, 8), last, nn.LogSoftmax(dim=1)

    def forward(self, x):
        return self.out(self.last(F.relu(self.hidden(x))))


def train(x, y):
    F.nll_loss(Net(nn.Linear(8, 3))(x), y).backward()
    F.nll_loss(Net(nn.Sequential(nn.Linear(8, 3), nn.ReLU()))(x), y).backward()  # LA104
    F.nll_loss(Net(nn.Sequential(nn.Linear(8, 3), nn.Dropout()))(x), y).backward()  # LA104
    F.nll_loss(Net(nn.Sequential(nn.ReLU(), nn.Linear(8, 3)))(x), y).backward()
    F.nll_loss(Net(nn.Sequential(nn.Linear(8, 3), nn.ReLU(), nn.Linear(3, 3)))(x), y).backward()
""")


def test_mixtures_that_can_be_zero(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
one, other, gate = nn.Linear(4, 3), nn.Linear(4, 3), nn.Linear(4, 1)


def train(x, y):
    share = torch.sigmoid(gate(x))
    p, q = one(x).softmax(1), other(x).softmax(1)
    F.nll_loss(torch.log(share * p + (1 - share) * q), y).backward()  # LA408
    F.nll_loss(torch.log((share * p + (1 - share) * q).clamp(min=1e-8)), y).backward()
    F.nll_loss(torch.log(share * p + (1 - share) * q + 1e-8), y).backward()
    F.nll_loss(torch.log(share * p + 0.1), y).backward()
    F.nll_loss(torch.log(share * p + torch.ones(3)), y).backward()
""")


def test_activations_by_other_names(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def probabilities(x, y):
    return F.binary_cross_entropy(torch.special.expit(model(x)), y)  # LA403


def scores(x, y):
    return F.binary_cross_entropy_with_logits(torch.special.expit(model(x)), y)  # LA105


def signed(x, y):
    return F.binary_cross_entropy_with_logits(torch.tanh(model(x)), y)  # LA105


def squashed(x, y):
    return F.binary_cross_entropy_with_logits(3 * torch.tanh(model(x)), y)
""")
