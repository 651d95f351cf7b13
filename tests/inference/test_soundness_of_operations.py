"""What an operation must not claim: each case was once refuted by running such a program."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain, Grad
from tests.inference.reveal import domain, domains, reveal

_SIGN = """
model = nn.Sequential(nn.Linear(4, 3), {layer})
loss = F.hinge_embedding_loss(model(x), torch.sign(model(x)))
"""


@pytest.mark.parametrize("layer", ["nn.Dropout(0.3)", "nn.ReLU()", "nn.Sequential(nn.ReLU(), nn.Tanh())", "nn.GELU()"])
def test_sign_of_what_may_be_zero_is_not_plus_or_minus_one(layer: str) -> None:
    assert domain(_SIGN.format(layer=layer), "target") is Domain.UNKNOWN


def test_sign_of_scores_is_plus_or_minus_one() -> None:
    assert domain(_SIGN.format(layer="nn.Identity()"), "target") is Domain.SIGNS


def test_logit_undoes_a_sigmoid_whatever_went_into_it() -> None:
    program = "loss = F.cross_entropy(torch.sigmoid(torch.softmax(nn.Linear(4, 3)(x), 1)).logit(), y)"
    assert domain(program) is Domain.REAL


@pytest.mark.parametrize("then", ["sqrt()", "relu()", "exp()"])
def test_the_count_of_indices_is_no_size_of_an_axis(then: str) -> None:
    assert reveal(f"loss = F.mse_loss(nn.Linear(4, 3)(x).argmax(1).float().{then}, y)").classes is None


def test_indices_do_not_stay_indices_when_a_small_number_is_added() -> None:
    assert domain("loss = F.mse_loss(nn.Linear(4, 3)(x).argmax(1) - 1e-7, y)") is Domain.UNKNOWN
    assert domain("loss = F.mse_loss(nn.Linear(4, 3)(x).argmax(1) - 0, y)") is Domain.INDICES


def test_a_long_list_keeps_its_length() -> None:
    assert reveal("loss = F.mse_loss(x, torch.tensor([[0.5] * 2] * 70))", "target").shape == (70, 2)
    assert reveal("loss = F.mse_loss(x, torch.tensor([0.5] * 5000))", "target").shape == (None,)


def test_the_largest_along_the_class_axis_has_no_classes() -> None:
    fact = reveal("loss = F.mse_loss(F.softmax(nn.Linear(4, 3)(x), -1).amax(2), y)")
    assert (fact.domain, fact.axis, fact.classes) == (Domain.UNIT_INTERVAL, None, None)


def test_a_negation_without_gradient_has_none() -> None:
    program = """
    h = nn.Linear(4, 3)(x)
    with torch.no_grad():
        h = -h
    loss = F.mse_loss(h, y)
    """
    assert reveal(program).grad is Grad.DETACHED


def test_products_of_indices_have_no_classes() -> None:
    program = """
    i = nn.Linear(4, 3)(x).argmax(1)
    loss = F.mse_loss(i * (1 - i), y)
    """
    assert reveal(program).classes is None


@pytest.mark.parametrize("asking", ["h = h.requires_grad_()", "h.requires_grad_(True)", "h.requires_grad = True"])
def test_a_detached_tensor_that_asks_for_a_gradient(asking: str) -> None:
    assert reveal(f"h = nn.Linear(4, 3)(x).detach()\n{asking}\nloss = F.mse_loss(h, y)").grad is Grad.UNKNOWN


def test_one_of_two_tensors_is_written_into() -> None:
    program = """
    h = nn.Linear(4, 3)(x)
    if unknown:
        h = torch.sigmoid(h)
    h[0] = 7.0
    loss = F.mse_loss(h, y)
    """
    assert domains(program) == {Domain.UNKNOWN}
    assert len({fact.trail for fact in _facts(program)}) == 2


def _facts(program: str) -> list[object]:
    from tests.inference.reveal import seen

    return [fact for one in seen(program) for fact in one.facts]


def test_a_container_chosen_by_a_condition_is_changed_only_there() -> None:
    program = """
    def main(unknown, x, y):
        a = {"act": nn.Identity()}
        b = {"act": nn.Identity()}
        chosen = a if unknown else b
        chosen["act"] = nn.Sigmoid()
        loss = F.mse_loss(a["act"](nn.Linear(4, 3)(x)), y)
    """
    assert domains(program) == {Domain.UNIT_INTERVAL, Domain.SCORES}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("nn.Identity", {Domain.SIGNED_UNIT}),
        ("nn.Module", {Domain.SIGNED_UNIT}),
        ("(nn.ReLU, nn.Sigmoid)", {Domain.SCORES}),
        ("nn.Hardtanh", {Domain.SCORES}),
        ("Unseen", {Domain.SCORES, Domain.SIGNED_UNIT}),
    ],
)
def test_isinstance_of_a_layer(kind: str, expected: set[Domain]) -> None:
    program = f"""
    layer = nn.Identity()
    if isinstance(layer, {kind}):
        layer = nn.Tanh()
    loss = F.mse_loss(layer(nn.Linear(4, 3)(x)), y)
    """
    assert domains(program) == expected


def test_every_element_of_an_unknown_choice_of_lists_is_an_alternative() -> None:
    program = """
    h = nn.Linear(4, 3)(x)
    for act in [torch.sigmoid] if unknown else [torch.tanh]:
        h = act(h)
    loss = F.mse_loss(h, y)
    """
    assert domains(program) == {Domain.UNIT_INTERVAL, Domain.SIGNED_UNIT, Domain.SCORES}


def test_a_sum_of_known_terms() -> None:
    program = """
    heads = [nn.Linear(4, 3) for _ in range(2)]
    loss = F.mse_loss(sum(head(x) for head in heads), y)
    """
    assert domain(program) is Domain.SCORES


def test_something_unknown_may_bring_a_gradient() -> None:
    assert reveal("loss = F.mse_loss(unseen(x) + nn.Linear(4, 3)(x).detach(), y)").grad is Grad.UNKNOWN
    assert reveal("loss = F.mse_loss(2 * nn.Linear(4, 3)(x).detach(), y)").grad is Grad.DETACHED


_WEIGHTS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 4))
        self.rnn = nn.LSTM(4, 4)
    def forward(self, x):
        return {value}
net = Net()
{line}
x = torch.randn(8, 4)
loss = F.mse_loss(net(x), y)
"""


@pytest.mark.parametrize("value", ["F.linear(x, self.weight)", "self.rnn(x)[0]"])
def test_frozen_weights_bring_no_gradient(value: str) -> None:
    assert reveal(_WEIGHTS.format(value=value, line="")).grad is Grad.FLOWS
    assert reveal(_WEIGHTS.format(value=value, line="net.requires_grad_(False)")).grad is Grad.DETACHED


@pytest.mark.parametrize("value", ["F.linear(x, self.weight)", "x @ self.weight.t()", "torch.matmul(x, self.weight.T)"])
def test_products_of_weights_where_no_gradient_is_recorded(value: str) -> None:
    program = _WEIGHTS.format(value=value, line="").replace("loss =", "with torch.no_grad():\n    h = net(x)\nloss =")
    assert reveal(program.replace("F.mse_loss(net(x), y)", "F.mse_loss(h, y)")).grad is not Grad.FLOWS


def test_a_product_with_other_weights_has_other_classes() -> None:
    assert reveal("loss = F.mse_loss(torch.matmul(nn.Linear(4, 3)(x), w), y)").classes is None


@pytest.mark.parametrize(
    ("joined", "shape"),
    [
        ("torch.hstack([h[:, :2], h[:, 2:]])", (8, None)),
        ("torch.vstack([h, h])", (None, 3)),
        ("torch.hstack([h[:, 0], h[:, 1]])", None),
    ],
)
def test_the_axis_of_hstack_and_vstack(joined: str, shape: tuple[int | None, ...] | None) -> None:
    program = f"h = nn.Linear(4, 3)(torch.randn(8, 4))\nloss = F.mse_loss({joined}, y)"
    assert reveal(program).shape == shape


@pytest.mark.parametrize(
    ("before", "test", "after"),
    [("hidden = None", "hidden is not None", "hidden = h"), ("first = True", "not first", "first = False")],
)
def test_what_a_turn_binds_is_seen_by_the_next(before: str, test: str, after: str) -> None:
    program = f"""
    net = nn.Linear(4, 3)
    def train(loader, y):
        {before}
        for x in loader:
            h = net(x)
            if {test}:
                h = torch.sigmoid(h)
            {after}
            loss = F.mse_loss(h, y)
    """
    assert domains(program) == {Domain.SCORES, Domain.UNIT_INTERVAL}


def test_a_loop_that_may_be_left_may_skip_its_else() -> None:
    program = """
    def train(items, x, y):
        h = nn.Linear(4, 3)(x)
        for one in items:
            if one:
                break
        else:
            h = torch.sigmoid(h)
        loss = F.mse_loss(h, y)
    """
    assert domains(program) == {Domain.SCORES, Domain.UNIT_INTERVAL}


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("transformers.AutoModelForCausalLM.from_pretrained('a')", ".logits"),
        ("torchvision.models.segmentation.fcn_resnet50()", "['out']"),
        ("torchvision.models.resnet18()", ""),
    ],
)
def test_no_gradient_comes_from_a_known_model_under_no_grad(model: str, part: str) -> None:
    program = f"""
    import torchvision, transformers
    teacher = {model}
    with torch.no_grad():
        wanted = teacher(x){part}
    loss = F.mse_loss(teacher(x){part}, wanted)
    """
    assert reveal(program, "target").grad is Grad.DETACHED
    assert reveal(program).grad is Grad.FLOWS


_STARRED = """
made = {made}
loss = F.mse_loss(made, y)
"""


@pytest.mark.parametrize(
    "made",
    [
        "torch.zeros(*unknown)",
        "torch.zeros(4, *unknown)",
        "nn.Linear(4, 3)(x).reshape(-1, *unknown[2:])",
        "nn.Linear(4, 3)(x).view(*unknown, 3)",
        "nn.Linear(4, 3)(x).permute(0, *unknown)",
        "nn.Linear(4, 3)(x).expand(2, *unknown)",
    ],
)
def test_starred_sizes_are_any_number_of_sizes(made: str) -> None:
    assert reveal(_STARRED.format(made=made)).shape is None


@pytest.mark.parametrize(("part", "expected"), [
    ("[:4]", Domain.UNIT_INTERVAL),
    ("[::2]", Domain.UNIT_INTERVAL),
    ("[x > 0]", Domain.UNIT_INTERVAL),
    (".chunk(2)[0]", Domain.UNIT_INTERVAL),
    (".split(4, dim=-1)[0]", Domain.UNIT_INTERVAL),
    ("[:]", Domain.PROBABILITIES),
    ("[None]", Domain.PROBABILITIES),
    ("[...]", Domain.PROBABILITIES),
])  # fmt: skip
def test_a_part_of_the_only_axis_sums_to_less(part: str, expected: Domain) -> None:
    assert domain(f"loss = F.mse_loss(nn.Linear(6, 4)(x).flatten().softmax(-1){part}, y)") is expected
    rows = Domain.PROBABILITIES if ", dim=-1" not in part else Domain.UNIT_INTERVAL
    assert domain(f"loss = F.mse_loss(nn.Linear(6, 4)(torch.rand(8, 6)).softmax(-1){part}, y)") is rows


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("(h.softmax(1), h)", {Domain.PROBABILITIES}),  # it is this one that can be unpacked
        ("h.softmax(1)", {Domain.PROBABILITIES, Domain.UNIT_INTERVAL}),
        ("(h.softmax(1), h, h)", {Domain.UNIT_INTERVAL}),
    ],
)
def test_a_tuple_beside_a_tensor_is_what_is_unpacked(other: str, expected: set[Domain]) -> None:
    program = f"""
    h = nn.Linear(4, 3)(x)
    out, _ = {other} if unknown else h.sigmoid()
    loss = F.mse_loss(out, y)
    """
    assert domains(program) == expected
