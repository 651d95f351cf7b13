"""Products with weights are learnt maps; products of what networks have made compare it."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from lossadvisor.values.marks import Similar
from tests.inference.reveal import domain, reveal

_NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(100, 16)
        self.body = nn.GRU(16, 16)
        self.head = nn.Linear(16, 7)
        self.matrix = nn.Parameter(torch.empty(16, 100))

    def forward(self, x):
        out, _ = self.body(self.items(x))
        return {result}


def loss(x, y):
    return F.{loss}(Net()(x), y)
"""


@pytest.mark.parametrize(
    "result",
    [
        "out @ self.items.weight.t()",
        "torch.matmul(out, self.items.weight[1:].transpose(0, 1))",
        "torch.mm(out, self.matrix) / 0.1",
        "torch.einsum('nd,dc->nc', out, self.matrix)",
        "torch.einsum('nd,dc->nc', [out, self.matrix])",
        "x.float() @ self.head.weight.t() + self.head.bias",
        "out.matmul(self.matrix.detach())",
        "(out.relu() @ self.matrix)[..., :5]",
    ],
)
def test_a_product_with_weights_makes_scores(result: str) -> None:
    assert domain(_NET.format(result=result, loss="cross_entropy")) is Domain.SCORES


@pytest.mark.parametrize(
    "result",
    [
        "out @ self.matrix.softmax(0)",
        "out @ self.matrix.exp()",
        "out @ F.normalize(self.items.weight).t()",
        "out * self.matrix",
        "self.items.weight @ self.matrix",
    ],
)
def test_what_is_no_learnt_map(result: str) -> None:
    assert domain(_NET.format(result=result, loss="cross_entropy")) is not Domain.SCORES


def test_the_trail_starts_at_the_product() -> None:
    fact = reveal(_NET.format(result="out.sigmoid() @ self.matrix", loss="binary_cross_entropy"))
    assert [step.op for step in fact.trail if step.op is not None] == ["torch.matmul"]


@pytest.mark.parametrize(
    ("result", "compares"),
    [
        ("(out * self.items(x)).sum(-1)", True),
        ("torch.mul(out, self.items(x)).sum(dim=1)", True),
        ("torch.sum(out * self.items(x), dim=1) / 0.1", True),
        ("torch.bmm(out, self.items(x).transpose(1, 2)).diagonal(dim1=1, dim2=2)", True),
        ("torch.div(out @ self.items(x).t(), 0.07)", True),
        ("out * self.items(x)", False),
        ("(out.softmax(-1) * self.items(x)).sum(-1)", False),
        ("(out * self.items(x)).norm(dim=-1)", False),
        ("self.head((out * self.items(x)).sum(-1))", False),
        ("(out * x).sum(-1)", False),
    ],
)
def test_inner_products(result: str, compares: bool) -> None:
    fact = reveal(_NET.format(result=result, loss="cross_entropy"))
    assert any(isinstance(mark, Similar) for mark in fact.marks) is compares
