"""Safe fixes: what they write, and where they keep away."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import analyse, text_after, write

HEAD = """import torch
import torch.nn.functional as F
from torch import nn

net = nn.Linear(8, 3)
"""


def after(folder: Path, body: str, *, unsafe: bool = False) -> str:
    text = text_after(folder, HEAD + body, unsafe=unsafe)
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("torch.log(F.softmax(net(x), dim=1))", "F.log_softmax(net(x), dim=1)"),
        ("torch.softmax(net(x), 1).log()", "torch.log_softmax(net(x), 1)"),
        ("net(x).softmax(-1).log()", "net(x).log_softmax(-1)"),
        ("torch.log(nn.Softmax(dim=1)(net(x)))", "nn.LogSoftmax(dim=1)(net(x))"),
        ("torch.log((F.softmax(net(x), dim=1)))", "F.log_softmax(net(x), dim=1)"),
        ("-torch.log(torch.sigmoid(net(x)))", "-F.logsigmoid(net(x))"),
        ("torch.log(1 - torch.sigmoid(net(x) + 1))", "F.logsigmoid(-(net(x) + 1))"),
        ("(1 - net(x).sigmoid()).log()", "F.logsigmoid(-net(x))"),
        ("torch.log(F.sigmoid(input=net(x)))", "F.logsigmoid(net(x))"),
    ],
)
def test_logarithms(tmp_path: Path, before: str, expected: str) -> None:
    body = "\n\ndef f(x):\n    return {}\n"
    assert after(tmp_path, body.format(before)) == body.format(expected)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("nn.MSELoss(size_average=False)", 'nn.MSELoss(reduction="sum")'),
        ("nn.MSELoss(size_average=True)", 'nn.MSELoss(reduction="mean")'),
        ("nn.MSELoss(reduce=False)", 'nn.MSELoss(reduction="none")'),
        ("nn.MSELoss(size_average=False, reduce=True)", 'nn.MSELoss(reduction="sum")'),
        ("nn.MSELoss(size_average=False, reduce=False)", 'nn.MSELoss(reduction="none")'),
        ("nn.MSELoss(reduce=False, reduction='mean')", "nn.MSELoss(reduction='none')"),
        ("nn.MSELoss(reduction='sum', size_average=True,)", "nn.MSELoss(reduction='mean',)"),
        ("nn.L1Loss(reduction='elementwise_mean')", "nn.L1Loss(reduction='mean')"),
        ("nn.NLLLoss2d()", "nn.NLLLoss()"),
        ("nn.NLLLoss2d(size_average=False)", 'nn.NLLLoss(reduction="sum")'),
    ],
)
def test_reductions(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, f"criterion = {before}\n") == f"criterion = {expected}\n"


def test_a_constant_under_the_logarithm_goes_only_when_told(tmp_path: Path) -> None:
    body = "\n\ndef f(x, y):\n    return F.nll_loss(torch.log({}), y)\n"
    guarded = body.format("F.softmax(net(x), dim=1) + 1e-10")
    assert after(tmp_path, guarded) == guarded
    assert after(tmp_path, guarded, unsafe=True) == body.replace("torch.log({})", "F.log_softmax(net(x), dim=1)")


def test_a_reduction_that_a_variable_decides_stays(tmp_path: Path) -> None:
    body = "AVERAGE = False\ncriterion = nn.MSELoss(size_average=AVERAGE)\n"
    assert after(tmp_path, body) == body


def test_the_mean_of_a_divergence_is_only_shown(tmp_path: Path) -> None:
    """Spelled out it would be a finding of LA504."""
    body = "criterion = nn.KLDivLoss(size_average=True)\n"
    assert after(tmp_path, body, unsafe=True) == body


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("nn.CrossEntropyLoss(net(x), y)", "nn.CrossEntropyLoss()(net(x), y)"),
        ("nn.MSELoss(net(x), y, reduction='sum')", "nn.MSELoss(reduction='sum')(net(x), y)"),
        ("nn.Softmax(net(x))", "nn.Softmax(dim=-1)(net(x))"),
        ("nn.ReLU(net(x))", "nn.ReLU()(net(x))"),
        ("nn.Sigmoid( net(x) )", "nn.Sigmoid()( net(x) )"),
    ],
)
def test_constructors(tmp_path: Path, before: str, expected: str) -> None:
    body = "\n\ndef f(x, y):\n    return {}\n"
    assert after(tmp_path, body.format(before)) == body.format(expected)


def test_the_axis_is_written_where_the_number_of_dimensions_is_known(tmp_path: Path) -> None:
    flat = "\n\ndef f():\n    x = torch.randn(4, 8)\n    return F.softmax(net(x))\n"
    assert after(tmp_path, flat) == flat.replace("F.softmax(net(x))", "F.softmax(net(x), dim=1)")
    deep = flat.replace("(4, 8)", "(2, 4, 8)")
    assert after(tmp_path, deep) == deep.replace("F.softmax(net(x))", "F.softmax(net(x), dim=0)")
    unknown = "\n\ndef f(x):\n    return F.softmax(net(x))\n"
    assert after(tmp_path, unknown) == unknown
    assert "dim=1" in after(tmp_path, unknown, unsafe=True)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("  # noqa: LA101", ""),
        ("  # noqa: LA101, E501", "  # noqa: E501"),
        ("  # type: ignore  # noqa: LA101", "  # type: ignore"),
        ("  # noqa: LA101  # pragma: no cover", "  # pragma: no cover"),
        ("  # lossadvisor: ignore[LA101] for a reason", ""),
        ("  # noqa: E501", "  # noqa: E501"),
        ("  # noqa: LA101, LA102", ""),
    ],
)
def test_comments_that_suppress_nothing(tmp_path: Path, comment: str, expected: str) -> None:
    assert after(tmp_path, f"value = 1{comment}\n") == f"value = 1{expected}\n"


def test_a_comment_on_a_row_of_its_own_takes_the_row_along(tmp_path: Path) -> None:
    assert after(tmp_path, "# lossadvisor: ignore[LA101] why\nvalue = 1\n") == "value = 1\n"


def test_an_import_is_added_where_it_is_missing(tmp_path: Path) -> None:
    text = '"""A program."""\nfrom torch import log, sigmoid\n\n\ndef f(x):\n    return log(sigmoid(x))\n'
    assert text_after(tmp_path, text, unsafe=False) == (
        '"""A program."""\nfrom torch import log, sigmoid\nimport torch.nn.functional as F\n\n\n'
        "def f(x):\n    return F.logsigmoid(x)\n"
    )


def test_no_import_where_the_name_is_taken(tmp_path: Path) -> None:
    text = "from torch import log, sigmoid\n\nF = 3\n\n\ndef f(x):\n    return log(sigmoid(x))\n"
    assert text_after(tmp_path, text) == text


def test_a_comment_inside_is_not_lost(tmp_path: Path) -> None:
    body = "\n\ndef f(x):\n    return torch.log(  # stable?\n        torch.sigmoid(net(x)))\n"
    write(tmp_path, {"example.py": HEAD + body})
    assert [one.code for one in analyse(tmp_path).findings] == ["LA402"]
    assert after(tmp_path, body, unsafe=True) == body


def test_pages_are_mended_like_programs(tmp_path: Path) -> None:
    code = "import torch\ny = torch.log(torch.sigmoid(torch.nn.Linear(3, 3)(torch.randn(2, 3))))\n"
    write(tmp_path, {"page.md": f"```python\n{code}```\n"})
    found = [one for one in analyse(tmp_path).findings if one.code == "LA402"]
    assert [one.fix is not None and one.fix.applicability.value for one in found] == ["safe"]
