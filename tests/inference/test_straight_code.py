"""Names, operators, containers, branches and loops inside one function."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain, Dtype, Grad
from tests.inference.reveal import domain, domains, reveal, seen


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lin(x)", Domain.SCORES),
        ("F.softmax(lin(x), dim=1)", Domain.PROBABILITIES),
        ("lin(x).softmax(-1)", Domain.PROBABILITIES),
        ("torch.softmax(input=lin(x), dim=1)", Domain.PROBABILITIES),
        ("nn.Softmax(dim=1)(lin(x))", Domain.PROBABILITIES),
        ("F.log_softmax(lin(x), 1)", Domain.LOG_PROBABILITIES),
        ("F.log_softmax(lin(x), 1).exp()", Domain.PROBABILITIES),
        ("torch.log(F.softmax(lin(x), 1))", Domain.LOG_PROBABILITIES),
        ("torch.sigmoid(lin(x))", Domain.UNIT_INTERVAL),
        ("1 - torch.sigmoid(lin(x))", Domain.UNIT_INTERVAL),
        ("torch.sigmoid(lin(x)) * torch.sigmoid(lin(y))", Domain.UNIT_INTERVAL),
        ("F.logsigmoid(lin(x))", Domain.LOG_UNIT_INTERVAL),
        ("torch.tanh(lin(x))", Domain.SIGNED_UNIT),
        ("F.relu(lin(x))", Domain.RECTIFIED),
        ("F.dropout(lin(x), 0.5)", Domain.DROPPED),
        ("F.dropout(lin(x), 0.0)", Domain.SCORES),
        ("nn.Dropout(p=0)(lin(x))", Domain.SCORES),
        ("F.softplus(lin(x))", Domain.NON_NEGATIVE),
        ("F.cosine_similarity(lin(x), lin(y))", Domain.SIGNED_UNIT),
        ("lin(x) / 0.07", Domain.SCORES),
        ("lin(x) + 1", Domain.SCORES),
        ("-lin(x)", Domain.SCORES),
        ("lin(x).view(-1, 3)", Domain.SCORES),
        ("lin(x).squeeze(-1)[mask]", Domain.SCORES),
        ("lin(x)[:, 0]", Domain.SCORES),
        ("F.softmax(lin(x), 1)[:, 1]", Domain.UNIT_INTERVAL),
        ("F.softmax(lin(x), 1).gather(1, y)", Domain.UNIT_INTERVAL),
        ("torch.clamp(lin(x), 0, 1)", Domain.UNIT_INTERVAL),
        ("torch.sigmoid(lin(x)).clamp(1e-6, 1 - 1e-6)", Domain.UNIT_INTERVAL),
        ("torch.rand(3, 4)", Domain.UNKNOWN),
        ("x", Domain.UNKNOWN),
        ("anything(lin(x))", Domain.UNKNOWN),
        ("(lambda z: z.softmax(1))(lin(x))", Domain.PROBABILITIES),
        ("(out := lin(x))", Domain.SCORES),
        ("torch.cat([torch.sigmoid(lin(x)), torch.sigmoid(lin(y))])", Domain.UNIT_INTERVAL),
        ("torch.stack([lin(x), lin(y)], 1)", Domain.SCORES),
        ("lin(x).to('cuda').contiguous().float()", Domain.SCORES),
    ],
)
def test_expressions(expression: str, expected: Domain) -> None:
    program = f"""
    lin = nn.Linear(8, 3)
    def step(x, y, mask):
        return F.cross_entropy({expression}, y)
    """
    assert domain(program) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("y.float()", Dtype.FLOAT),
        ("y.long()", Dtype.INTEGER),
        ("y.to(torch.float32)", Dtype.FLOAT),
        ("y.to(dtype=torch.long)", Dtype.INTEGER),
        ("y.type(torch.LongTensor)", Dtype.INTEGER),
        ("y.long() * 1.0", Dtype.FLOAT),
        ("y.long() / 2", Dtype.FLOAT),
        ("y.long() + 1", Dtype.INTEGER),
        ("y.long() * scale", Dtype.UNKNOWN),
        ("y.long().to(x.dtype)", Dtype.UNKNOWN),
        ("y.long().type(x.type())", Dtype.UNKNOWN),
        ("y.long().to(dtype=x.dtype)", Dtype.UNKNOWN),
        ("y.long().to(x.device)", Dtype.INTEGER),
        ("F.one_hot(y, 3)", Dtype.INTEGER),
        ("F.one_hot(y, 3).float()", Dtype.FLOAT),
        ("y > 0", Dtype.BOOL),
        ("(y > 0).float()", Dtype.FLOAT),
        ("torch.zeros(4)", Dtype.FLOAT),
        ("torch.zeros(4, dtype=torch.long)", Dtype.INTEGER),
        ("torch.arange(4)", Dtype.INTEGER),
        ("y.argmax(1)", Dtype.INTEGER),
    ],
)
def test_dtypes_of_targets(expression: str, expected: Dtype) -> None:
    program = f"""
    lin = nn.Linear(8, 3)
    def step(x, y, scale):
        return F.cross_entropy(lin(x), {expression})
    """
    assert reveal(program, "target").dtype is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("F.softmax(lin(x), dim=1)", 1),
        ("F.softmax(lin(x), -1)", -1),
        ("torch.softmax(lin(x), 0)", 0),
        ("nn.LogSoftmax(dim=2)(lin(x))", 2),
    ],
)
def test_axis(expression: str, expected: int) -> None:
    program = f"""
    lin = nn.Linear(8, 3)
    def step(x, y):
        return F.cross_entropy({expression}, y)
    """
    assert reveal(program).axis == expected


def test_classes_come_from_the_last_layer() -> None:
    program = """
    WIDTH, CLASSES = 16, 7
    net = nn.Sequential(nn.Linear(8, WIDTH), nn.ReLU(), nn.Linear(WIDTH, CLASSES))
    def step(x, y):
        return F.cross_entropy(net(x), y)
    """
    fact = reveal(program)
    assert (fact.domain, fact.classes, fact.dtype, fact.grad) == (Domain.SCORES, 7, Dtype.FLOAT, Grad.FLOWS)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("out = a(x)\n    out = out.softmax(1)", {Domain.PROBABILITIES}),
        ("out, other = a(x), a(x).sigmoid()", {Domain.SCORES}),
        ("other, out = a(x), a(x).sigmoid()", {Domain.UNIT_INTERVAL}),
        ("pair = (a(x), a(x).sigmoid())\n    out = pair[1]", {Domain.UNIT_INTERVAL}),
        ("pair = (a(x), a(x).sigmoid())\n    out = pair[-2]", {Domain.SCORES}),
        ("first, *rest = [a(x), a(x).sigmoid(), a(x).softmax(1)]\n    out = rest[-1]", {Domain.PROBABILITIES}),
        ("d = {'logits': a(x), 'probs': a(x).softmax(1)}\n    out = d['logits']", {Domain.SCORES}),
        (
            "d = dict(logits=a(x))\n    d['probs'] = d['logits'].softmax(1)\n    out = d['probs']",
            {Domain.PROBABILITIES},
        ),
        ("d = {}\n    d.update(p=a(x).softmax(1))\n    out = d.get('p')", {Domain.PROBABILITIES}),
        ("outs = []\n    outs.append(a(x).softmax(1))\n    out = outs[0]", {Domain.PROBABILITIES}),
        (
            "if flag:\n        out = a(x)\n    else:\n        out = a(x).softmax(1)",
            {Domain.SCORES, Domain.PROBABILITIES},
        ),
        ("out = a(x)\n    if flag:\n        out = out.softmax(1)", {Domain.SCORES, Domain.PROBABILITIES}),
        ("out = a(x)\n    if False:\n        out = out.softmax(1)", {Domain.SCORES}),
        ("out = a(x)\n    if flag:\n        out = out.softmax(1)\n    if not flag:\n        out = out.softmax(1)",
         {Domain.PROBABILITIES}),
        ("out = a(x) if flag else a(x).softmax(1)", {Domain.SCORES, Domain.PROBABILITIES}),
        ("for _ in range(3):\n        out = a(x)", {Domain.SCORES}),
        ("for layer in [a, nn.Softmax(1)]:\n        x = layer(x)\n    out = x", {Domain.PROBABILITIES}),
        ("for name, f in {'s': torch.sigmoid}.items():\n        out = f(a(x))", {Domain.UNIT_INTERVAL}),
        ("for i, f in enumerate([torch.sigmoid]):\n        out = f(a(x))", {Domain.UNIT_INTERVAL}),
        ("outs = [f(a(x)) for f in (torch.sigmoid, torch.tanh)]\n    out = outs[0]", {Domain.UNIT_INTERVAL}),
        ("while True:\n        out = a(x).softmax(1)\n        break", {Domain.PROBABILITIES}),
        ("try:\n        out = a(x).softmax(1)\n    except RuntimeError:\n        raise", {Domain.PROBABILITIES}),
        ("with torch.no_grad():\n        out = a(x).softmax(1)", {Domain.PROBABILITIES}),
        ("match flag:\n        case 'p':\n            out = a(x).softmax(1)\n        case _:\n            out = a(x)",
         {Domain.SCORES, Domain.PROBABILITIES}),
        ("assert flag == 'p'\n    out = a(x).softmax(1) if flag == 'p' else a(x)", {Domain.PROBABILITIES}),
    ],
)  # fmt: skip
def test_statements(body: str, expected: set[Domain]) -> None:
    program = "a = nn.Linear(8, 3)\ndef step(x, y, flag):\n    " + body + "\n    return F.cross_entropy(out, y)\n"
    assert domains(program) == expected


def test_a_long_chain_of_choices_keeps_its_alternatives() -> None:
    modes = "\n    ".join(f"elif mode == 'm{i}':\n        out = a(x)" for i in range(9))
    program = (
        "a = nn.Linear(8, 3)\ndef step(x, y, mode):\n    out, logits = a(x), True\n"
        "    if mode == 'p':\n        out = a(x)\n"
        f"    {modes}\n    elif mode == 's':\n        out, logits = a(x).sigmoid(), False\n"
        "    if logits:\n        return F.binary_cross_entropy_with_logits(out, y)\n"
        "    return F.binary_cross_entropy(out, y)\n"
    )
    assert domains(program) == {Domain.SCORES, Domain.UNIT_INTERVAL}
    by_loss = {one.loss.rsplit(".", 1)[-1]: one.domains for one in seen(program)}
    assert by_loss == {
        "binary_cross_entropy_with_logits": {Domain.SCORES},
        "binary_cross_entropy": {Domain.UNIT_INTERVAL},
    }
