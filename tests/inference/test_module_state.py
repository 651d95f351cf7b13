"""What the lines of a module do to values before a function that uses them is looked at."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain, Grad
from tests.inference.reveal import domain, domains, reveal

_NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.last = nn.Identity()

    def forward(self, x):
        return self.last(self.fc(x))

model = Net()
{lines}
def train(x, y):
    return F.mse_loss(model(x), y)
"""


@pytest.mark.parametrize(
    "lines",
    [
        "def swap(net):\n    net.last = nn.Sigmoid()\nswap(model)",
        "def swap(size, net):\n    setattr(net, 'last', nn.Sigmoid())\nswap(3, net=model)",
        "def inner(net):\n    net.last = nn.Sigmoid()\ndef swap(net):\n    inner(net)\nother = swap(model)",
        "head = model\nhead.last = nn.Sigmoid()",
        "nets = {'a': model}\nnets['a'].last = nn.Sigmoid()",
        "nets = [model]\nfirst = nets[0]\nfirst.last = nn.Sigmoid()",
        "model = nn.Sequential(model)\nmodel += nn.Sequential(nn.Sigmoid())",
        "layers = [model]\nlayers += [nn.Sigmoid()]\nmodel = nn.Sequential(*layers)",
        "def wrap():\n    global model\n    model = nn.Sequential(model, nn.Sigmoid())\nwrap()",
    ],
)
def test_every_line_that_may_change_a_value_has_run(lines: str) -> None:
    assert domain(_NET.format(lines=lines)) is Domain.UNIT_INTERVAL


def test_a_line_below_the_running_one_has_not_run() -> None:
    program = """
    model = nn.Linear(4, 3)
    loss = F.mse_loss(model(x), y)
    model = nn.Sequential(model, nn.Sigmoid())
    """
    assert domain(program) is Domain.SCORES


def test_a_function_from_another_file_changes_what_it_is_given() -> None:
    files = {
        "surgery.py": "import torch.nn as nn\ndef swap(net):\n    net[1] = nn.Sigmoid()\n",
        "main.py": """
        import torch.nn as nn
        import torch.nn.functional as F
        import surgery
        model = nn.Sequential(nn.Linear(4, 3), nn.Identity())
        surgery.swap(model)
        def train(x, y):
            return F.mse_loss(model(x), y)
        """,
    }
    assert domain(files) is Domain.UNIT_INTERVAL


def test_a_name_that_a_function_binds_anew_may_be_either() -> None:
    program = """
    act = torch.sigmoid
    def helper(t):
        global act
        out = act(t)
        act = torch.tanh
        return out
    net = nn.Linear(4, 3)
    def train(x, y):
        return F.mse_loss(helper(helper(net(x))), y)
    """
    assert domains(program) == {Domain.UNIT_INTERVAL, Domain.SIGNED_UNIT}


def test_a_name_that_waits_to_be_bound_is_what_a_function_binds_it_to() -> None:
    program = """
    model = None
    def main(x, y):
        global model
        model = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid())
        step(x, y)
    def step(x, y):
        return F.mse_loss(model(x), y)
    """
    assert domain(program) is Domain.UNIT_INTERVAL


_NAMED = """
from collections import OrderedDict
model = nn.Sequential(OrderedDict([("fc", nn.Linear(4, 3)), ("act", nn.ReLU())]))
{line}
loss = F.mse_loss(model(x), y)
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("model.act = nn.Sigmoid()", Domain.UNIT_INTERVAL),
        ("setattr(model, 'act', nn.Sigmoid())", Domain.UNIT_INTERVAL),
        ("model._modules['act'] = nn.Sigmoid()", Domain.UNIT_INTERVAL),
        ("model.add_module('act', nn.Sigmoid())", Domain.UNIT_INTERVAL),
        ("model.add_module('more', nn.Sigmoid())", Domain.UNIT_INTERVAL),
        ("model.more = nn.Sigmoid()", Domain.UNIT_INTERVAL),
        ("model.fc = nn.Sequential(model.fc, nn.Tanh())", Domain.RECTIFIED),
        ("model.append(nn.Sigmoid())\nmodel.act = nn.Tanh()", Domain.UNIT_INTERVAL),
        ("model = model[1:]\nmodel.act = nn.Sigmoid()", Domain.UNIT_INTERVAL),
        ("model.fc, model.act = model.act, model.fc", Domain.UNKNOWN),
        ("model.forward = lambda t: t", Domain.UNKNOWN),
    ],
)
def test_children_of_a_sequential_by_name(line: str, expected: Domain) -> None:
    assert domain(_NAMED.format(line=line)) is expected


def test_a_part_assigned_in_a_class_of_sequential_is_its_last_child() -> None:
    program = """
    class Net(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Linear(4, 3))
            self.act = nn.Sigmoid()
    loss = F.mse_loss(Net()(x), y)
    """
    assert domain(program) is Domain.UNIT_INTERVAL


@pytest.mark.parametrize(
    "made",
    ["copy.deepcopy(model)", "copy.deepcopy([model])[0]", "copy.deepcopy({'a': model})['a']", "copy.copy(model)"],
)
def test_a_copy_is_changed_apart(made: str) -> None:
    program = f"""
    import copy
    model = nn.Sequential(nn.Linear(4, 3), nn.Identity())
    other = {made}
    other[1] = nn.Sigmoid()
    loss = F.mse_loss(model(x), other(x))
    """
    assert domain(program) is Domain.SCORES
    assert domain(program, "target") is Domain.UNIT_INTERVAL


def test_freezing_a_copy_leaves_the_original_learning() -> None:
    program = """
    import copy
    model = nn.Linear(4, 3)
    teacher = copy.deepcopy(model)
    for p in teacher.parameters():
        p.requires_grad = False
    x = torch.randn(8, 4)
    loss = F.mse_loss(model(x), teacher(x))
    """
    assert reveal(program).grad is Grad.FLOWS
    assert reveal(program, "target").grad is Grad.DETACHED


def test_the_elements_of_a_generator_in_order() -> None:
    program = """
    def both(t):
        yield t
        yield t.sigmoid().detach()
    loss = F.mse_loss([one for one in both(nn.Linear(4, 3)(x))][1], y)
    """
    assert (domain(program), reveal(program).grad) == (Domain.UNIT_INTERVAL, Grad.DETACHED)


def test_one_of_several_tensors_flows_only_if_all_do() -> None:
    program = """
    def some(t, n):
        for i in range(n):
            yield t
            yield t.detach()
    def main(x, y, n):
        loss = F.mse_loss(list(some(nn.Linear(4, 3)(x), n))[n], y)
    """
    assert (domain(program), reveal(program).grad) == (Domain.SCORES, Grad.UNKNOWN)


def test_layers_of_a_range_that_is_empty() -> None:
    program = """
    model = nn.Sequential(nn.Sigmoid())
    model = nn.Sequential(nn.Linear(4, 3), *[model[i] for i in range(len(model) - 1)])
    loss = F.mse_loss(model(x), y)
    """
    assert domain(program) is Domain.SCORES


def test_an_optional_import_that_is_used_is_there() -> None:
    program = """
    try:
        import torch.nn.functional as G
    except ImportError:
        G = None
    loss = F.mse_loss(G.sigmoid(nn.Linear(4, 3)(x)), y)
    """
    assert domain(program) is Domain.UNIT_INTERVAL


def test_a_recursion_that_is_not_followed_is_unknown() -> None:
    program = """
    def twice(t, n):
        return t if n == 0 else torch.tanh(twice(torch.sigmoid(t), n - 1))
    loss = F.mse_loss(twice(nn.Linear(4, 3)(x), {n}), y)
    """
    assert domain(program.format(n=0)) is Domain.SCORES
    assert domain(program.format(n=1)) is Domain.SIGNED_UNIT
    same = """
    def fall(t, n):
        return t if n == 0 else fall(torch.sigmoid(t), n - 1)
    loss = F.mse_loss(fall(nn.Linear(4, 3)(x), 5), y)
    """
    assert domain(same) in (Domain.UNKNOWN, Domain.UNIT_INTERVAL)


@pytest.mark.parametrize(
    ("line", "grad"),
    [
        ("for p in model.parameters():\n    p.requires_grad = False", Grad.DETACHED),
        ("", Grad.FLOWS),
    ],
)
def test_a_frozen_layer_behind_a_choice_of_values(line: str, grad: Grad) -> None:
    program = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.last = nn.Linear(4, 3), nn.Linear(3, 2)

    def forward(self, x):
        h = self.fc(x)
        return self.last(h.tanh() if self.training else h.relu())

model = Net()
{line}
def train(x, y):
    return F.mse_loss(model(x), y)
"""
    assert reveal(program).grad is grad
