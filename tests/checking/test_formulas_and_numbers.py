"""Activations, formulas and totals: what each check reports, and its nearest innocent neighbours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Judge = Callable[[str], None]


@pytest.mark.parametrize(("expression", "code"), [
    ("F.softmax(x)", "LA301"),
    ("F.log_softmax(x)", "LA301"),
    ("F.softmin(x)", "LA301"),
    ("F.gumbel_softmax(x)", ""),  # it has a default that is right
    ("F.softmax(x, 1)", ""),
    ("F.softmax(x, dim=-1)", ""),
    ("F.softmax(x, None)", "LA301"),
    ("nn.Softmax()(x)", "LA301"),
    ("nn.LogSoftmax()(x)", "LA301"),
    ("nn.Softmin()(x)", "LA301"),
    ("nn.Softmax(None)(x)", "LA301"),
    ("nn.Softmax(dim=None)(x)", "LA301"),
    ("nn.Softmax(1)(x)", ""),
    ("nn.Softmax(dim=y)(x)", ""),
    ("nn.Softmax2d()(x)", ""),
    ("nn.Sigmoid()(x)", ""),
])  # fmt: skip
def test_softmax_without_an_axis(expression: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def forward(x, y):
    return {expression}  # {code}
""")


@pytest.mark.parametrize(("expression", "code"), [
    ("torch.log(torch.softmax(x, 1))", "LA401"),
    ("F.softmax(x, 1).log()", "LA401"),
    ("F.softmin(x, 1).log()", "LA401"),
    ("F.gumbel_softmax(x).log()", "LA401"),
    ("nn.Softmax(1)(x).log()", "LA401"),
    ("nn.Softmin(1)(x).log()", "LA401"),
    ("nn.Softmax2d()(x).log()", "LA401"),
    ("F.softmax(x, 1)[0].log()", "LA401"),
    ("F.log_softmax(x, 1)", ""),
    ("x.log()", ""),
    ("torch.log(torch.sigmoid(x))", "LA402"),
    ("nn.Sigmoid()(x).log()", "LA402"),
    ("(1 - torch.sigmoid(x)).log()", "LA402"),
    ("F.logsigmoid(x)", ""),
    ("F.softmax(x, 1).mean(0).log()", "LA408"),
])  # fmt: skip
def test_logarithms_of_activations(expression: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def forward(x):
    return {expression}  # {code}
""")


@pytest.mark.parametrize(("expression", "code"), [
    ("F.softmax(one(x), dim=1)", "LA303"),
    ("F.softmax(one(x), dim=-1)", "LA303"),
    ("F.log_softmax(one(x), dim=-1)", "LA303"),
    ("F.softmax(one(x), dim=0)", ""),
    ("F.softmax(model(x), dim=-1)", ""),
    ("torch.sigmoid(one(x))", ""),
])  # fmt: skip
def test_softmax_over_one_unit(expression: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
one = nn.Linear(4, 1)


def forward(x):
    x = x.view(-1, 4)
    return {expression}  # {code}
""")


def test_cross_entropy_over_one_unit(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
one = nn.Linear(4, 1)


def step(x, y):
    return F.cross_entropy(one(x), y)  # LA303


def scored(x, y):
    return F.nll_loss(one(x).log_softmax(1), y)  # LA303
""")


@pytest.mark.parametrize(("formula", "code"), [
    ("x.exp() / x.exp().sum(1)", "LA404 likely"),
    ("model(x).exp() / model(x).exp().sum(1)", ""),  # two evaluations: nothing says that they are the same
    ("x.exp() / y.exp().sum(1)", ""),
    ("x.exp() * x.exp().sum(1)", ""),
    ("x.exp() - x.exp().sum(1)", ""),
    ("(x - x.max()).exp() / (x - x.max()).exp().sum(1)", ""),
])  # fmt: skip
def test_softmax_by_hand(formula: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def forward(x, y):
    return {formula}  # {code}
""")


def test_softmax_by_hand_of_scores(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def forward(x):
    scores = model(x)
    return torch.exp(scores) / torch.exp(scores).sum(1, keepdim=True)  # LA404
""")


def test_roots_of_squares(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    loss = torch.sqrt(F.mse_loss(model(x), y))  # LA407
    loss.backward()


def guarded(x, y):
    loss = torch.sqrt(F.mse_loss(model(x), y) + 1e-8)
    loss.backward()


def absolute(x, y):
    loss = torch.sqrt(F.l1_loss(model(x), y))
    loss.backward()


def reported(x, y):
    return torch.sqrt(F.mse_loss(model(x), y))


def unrecorded(x, y):
    loss = F.mse_loss(model(x), y)
    with torch.no_grad():
        root = torch.sqrt(loss)
    loss.backward()
    return root
""")


def test_binary_cross_entropy_under_autocast(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    with torch.autocast("cuda"):
        p = model(x).sigmoid()
        first = F.binary_cross_entropy(p, y)  # LA406
        return first + F.binary_cross_entropy_with_logits(model(x), y)


def outside(x, y):
    with torch.autocast("cuda"):
        p = model(x).sigmoid()
    return F.binary_cross_entropy(p.float(), y)


def kept_out(x, y):
    with torch.autocast("cuda"):
        p = model(x).sigmoid()
        with torch.autocast("cuda", enabled=False):
            first = F.binary_cross_entropy(p.float(), y)
        with torch.cuda.amp.autocast(False):
            return first + F.binary_cross_entropy(p.float(), y)


def never(x, y):
    fast = 1 > 2
    with torch.autocast("cuda", enabled=fast):
        return F.binary_cross_entropy(model(x).sigmoid(), y)  # LA403
""")


def test_thresholds(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    logits = model(x)
    loss = F.binary_cross_entropy_with_logits(logits, y)
    accuracy = ((logits > 0.5) == y).float()  # LA701
    more = (logits >= 0.5) | (logits < 0.5) | (logits <= 0.5)  # LA701 LA701 LA701
    right = (logits > 0) | (logits.sigmoid() > 0.5) | (logits == 0.5)
    below = logits.sigmoid() > 0  # LA701
    return loss, accuracy, more, right, below


def other(x, y):
    scores = model(x)
    return F.mse_loss(scores, y), scores > 0.5
""")


def test_totals(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def epoch(loader):
    total = 0
    for x, y in loader:
        loss = F.mse_loss(model(x), y)
        loss.backward()
        total += loss  # LA604
    return total


def numbers(loader):
    total = 0
    for x, y in loader:
        loss = F.mse_loss(model(x), y)
        loss.backward()
        total += loss.item()
    return total


def together(loader):
    total = 0
    for x, y in loader:
        total += F.mse_loss(model(x), y)
    total.backward()
""")


@pytest.mark.parametrize(("optimizer", "code"), [
    ("torch.optim.SGD(model.parameters(), lr=0.1)", "LA605"),
    ("torch.optim.SGD(params=model.parameters(), lr=0.1)", "LA605"),
    ("torch.optim.SGD([*model.parameters(), *criterion.parameters()], lr=0.1)", ""),
    ("torch.optim.SGD(list(model.parameters()) + list(criterion.parameters()), lr=0.1)", ""),
    ("torch.optim.SGD(criterion.parameters(), lr=0.1)", ""),
])  # fmt: skip
def test_parameters_of_a_loss(optimizer: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
class Margin(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))

    def forward(self, out, y):
        return F.cross_entropy(out * self.weight, y)


def train(loader):
    criterion = Margin()
    optimizer = {optimizer}  # {code}
    for x, y in loader:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
""")


def test_a_picked_softmax_over_the_batch(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
def step(x, y):
    p = F.softmax(model(x.view(-1, 4)), dim=0)
    return -p.gather(1, y).log().mean()  # LA302 LA401


def right(x, y):
    p = F.softmax(model(x.view(-1, 4)), dim=1)
    return torch.distributions.Categorical(p)


def wrong(x, y):
    p = F.softmax(model(x.view(-1, 4)), dim=0)
    return torch.distributions.Categorical(probs=p)  # LA302
""")


@pytest.mark.parametrize(("padding", "options", "code"), [
    ("0", "", "LA209"),
    ("0", ", ignore_index=0", ""),
    ("0", ", ignore_index=1", "LA209"),
    ("0", ", ignore_index=pad", ""),
    ("0", ", reduction='none'", ""),
    ("-100", "", ""),
    ("1", "", "LA209"),
])  # fmt: skip
def test_padded_targets(padding: str, options: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def step(x, rows, pad):
    y = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value={padding})
    return F.cross_entropy(model(x).transpose(1, 2), y{options})  # {code}
""")


@pytest.mark.parametrize(("expression", "code"), [
    ("model(x).relu().log()", "LA408"),
    ("F.relu(model(x)).log()", "LA408"),
    ("nn.ReLU()(model(x)).log()", "LA408"),
    ("(model(x).relu() + 1).log()", ""),
    ("model(x).exp().log()", ""),
    ("model(x).log()", ""),
    ("F.softmax(model(x), 1).prod(1).log()", "LA408"),
    ("F.softmax(model(x), 1).clamp(min=1e-6).log()", ""),
])  # fmt: skip
def test_logarithms_of_what_may_be_zero(expression: str, code: str, exactly_as_marked: Judge) -> None:
    exactly_as_marked(f"""\
def forward(x):
    return {expression}  # {code}
""")


def test_a_logarithm_that_is_not_trained(exactly_as_marked: Judge) -> None:
    exactly_as_marked("""\
@torch.no_grad()
def entropy(x):
    return model(x).relu().log()
""")
