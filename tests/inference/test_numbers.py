"""Numbers of Python: what math makes of them, and what they do to the shape and dtype of tensors."""

from __future__ import annotations

import pytest

from lossadvisor.values import Dtype, Shape
from tests.inference.reveal import reveal


@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        ("math.sqrt(n)", Dtype.FLOAT),
        ("math.sqrt(16)", Dtype.FLOAT),
        ("math.pi", Dtype.FLOAT),
        ("1 / math.sqrt(n)", Dtype.FLOAT),
        ("float(n)", Dtype.FLOAT),
        ("len(n)", Dtype.INTEGER),
        ("len(n) + 1", Dtype.INTEGER),
        ("-len(n)", Dtype.INTEGER),
        ("len(n) / 2", Dtype.FLOAT),
        ("math.floor(n)", Dtype.INTEGER),
        ("n", Dtype.UNKNOWN),
    ],
)
def test_kinds_of_numbers(number: str, dtype: Dtype) -> None:
    program = f"import math\ndef step(x, n):\n    return F.mse_loss(x, torch.tensor([{number}]))\n"
    assert reveal(program, "target").dtype is dtype


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("y * math.sqrt(n)", (6, 1)),
        ("y / len(n)", (6, 1)),
        ("y * n", None),
        ("y[:, 0].outer(y[:, 0])", (6, 6)),
        ("y @ y.T", (6, 6)),
        ("torch.mm(y, torch.randn(1, 4))", (6, 4)),
        ("torch.matmul(torch.randn(2, 3, 6), y)", (2, 3, 1)),
        ("y.repeat(1, 5)", (6, 5)),
        ("y.repeat(2, 1, 3)", (2, 6, 3)),
        ("y.expand(-1, 7)", (6, 7)),
        ("y.sum(axis=1)", (6,)),
        ("y.sum(*axes)", None),
        ("torch.max(y, torch.tensor(1.0))", (6, 1)),
        ("y.item()", ()),
    ],
)
def test_shapes(expression: str, expected: Shape) -> None:
    program = f"import math\ny = torch.randn(6, 1)\ndef step(x, n, axes):\n    return F.mse_loss(x, {expression})\n"
    assert reveal(program, "target").shape == expected
