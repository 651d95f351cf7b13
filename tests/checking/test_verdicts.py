"""The verdict on each loss call, and what it tells of the arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.config import Layer, Settings
from lossadvisor.engine.run import analyse
from lossadvisor.findings import LossVerdict, Verdict
from lossadvisor.values import Domain, Dtype

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nmodel = nn.Linear(4, 3)\n"


def verdicts(tmp_path: Path, program: str) -> list[LossVerdict]:
    (tmp_path / "program.py").write_text(HEAD + program)
    settings = Settings(root=tmp_path, layers=(Layer(select=("ALL",)),), cache=False, jobs=1)
    return sorted(analyse(["."], settings, tmp_path).losses, key=lambda loss: loss.span)


@pytest.mark.parametrize(("call", "verdict", "codes"), [
    ("F.cross_entropy(model(x), y)", Verdict.CONSISTENT, ()),
    ("F.cross_entropy(model(x).softmax(1), y)", Verdict.FINDING, ("LA101",)),
    ("F.cross_entropy(model(x).log_softmax(1), y)", Verdict.FINDING, ("LA102",)),
    ("F.cross_entropy(x, y)", Verdict.UNKNOWN, ()),
    ("F.cross_entropy(x.softmax(1) if y else model(x), y)", Verdict.FINDING, ("LA101",)),
    ("F.mse_loss(model(x), y)", Verdict.CONSISTENT, ()),
    ("F.mse_loss(x, y)", Verdict.UNKNOWN, ()),
    ("F.mse_loss(model(x).argmax(1), y)", Verdict.FINDING, ("LA601",)),
    ("F.binary_cross_entropy(model(x).sigmoid(), y)", Verdict.FINDING, ("LA403",)),
    ("F.nll_loss(model(x).log_softmax(1), y)", Verdict.CONSISTENT, ()),
    ("F.cosine_embedding_loss(model(x), model(x), y)", Verdict.CONSISTENT, ()),
])  # fmt: skip
def test_one_call(call: str, verdict: Verdict, codes: tuple[str, ...], tmp_path: Path) -> None:
    (found,) = verdicts(tmp_path, f"def step(x, y):\n    return {call}\n")
    assert (found.verdict, found.codes) == (verdict, codes)
    assert (found.reason is None) is (verdict is not Verdict.UNKNOWN)


def test_a_note_that_is_not_selected_leaves_the_proof(tmp_path: Path) -> None:
    text = "def step(x, y):\n    return F.cross_entropy(model(x).log_softmax(1), y)\n"
    (tmp_path / "program.py").write_text(HEAD + text)
    settings = Settings(root=tmp_path, layers=(Layer(select=("LA2",)),), cache=False, jobs=1)
    report = analyse(["."], settings, tmp_path)
    assert report.findings == ()
    (found,) = report.losses
    assert (found.verdict, found.codes) == (Verdict.FINDING, ("LA102",))


def test_what_is_told_of_the_arguments(tmp_path: Path) -> None:
    first, second = verdicts(tmp_path, """\
def step(x, y):
    a = F.cross_entropy(model(x.view(-1, 4)).softmax(1), F.one_hot(y, 3).float(), label_smoothing=0.1)
    return a + F.mse_loss(x, y)
""")  # fmt: skip
    assert (first.loss, first.contract) == ("torch.nn.functional.cross_entropy", "cross_entropy")
    assert first.options == {"label_smoothing": 0.1}
    assert (first.input.domain, first.input.axis, first.input.classes) == (Domain.PROBABILITIES, 1, 3)
    assert (first.input.dtype, first.input.shape) == (Dtype.FLOAT, (None, 3))
    assert [name.rsplit(".", 1)[-1] for name in first.input.chain] == ["Linear", "softmax"]
    assert (first.target.domain, first.target.dtype) == (Domain.ONE_HOT, Dtype.FLOAT)
    assert [entry.span.start.row for entry in first.trace] == [6]
    assert (second.input.domain, second.target.domain) == (Domain.UNKNOWN, Domain.UNKNOWN)
    assert second.reason == "the parameter x of step" and second.trace == ()


def test_the_best_known_evaluation_of_a_place_is_told(tmp_path: Path) -> None:
    (found,) = verdicts(tmp_path, """\
def loss_of(out, y):
    return F.cross_entropy(out, y)


def known(x, y):
    return loss_of(model(x), y)


def unknown(x, y):
    return loss_of(x, y)
""")  # fmt: skip
    assert (found.verdict, found.input.domain) == (Verdict.CONSISTENT, Domain.SCORES)


def test_a_finding_belongs_to_its_loss_alone(tmp_path: Path) -> None:
    found = verdicts(tmp_path, """\
def step(x, y):
    p = model(x).softmax(1)
    return F.cross_entropy(p, y) + F.nll_loss(p.log(), y) + F.mse_loss(p, y)
""")  # fmt: skip
    assert [loss.codes for loss in found] == [("LA101",), ("LA401",), ()]


def test_a_shared_helper_is_judged_at_the_guilty_call(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(HEAD + """\
def loss_of(out, y):
    return F.cross_entropy(out, y)


def innocent(x, y):
    return loss_of(model(x), y)


def guilty(x, y):
    return loss_of(model(x).softmax(1), y)
""")  # fmt: skip
    settings = Settings(root=tmp_path, cache=False, jobs=1)
    (finding,) = analyse(["."], settings, tmp_path).findings
    assert (finding.code, finding.span.start.row) == ("LA101", 14)
    rows = [(entry.span.start.row, entry.message) for entry in finding.trace]
    assert rows[0] == (6, "the loss is computed here, as cross_entropy") and rows[-1][0] == 14


def test_a_loss_made_elsewhere_is_in_the_trail(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(HEAD + """\
criterion = nn.CrossEntropyLoss()


def step(x, y):
    return criterion(model(x).softmax(1), y)
""")  # fmt: skip
    (finding,) = analyse(["."], Settings(root=tmp_path, cache=False, jobs=1), tmp_path).findings
    assert (finding.trace[0].span.start.row, finding.trace[0].message) == (5, "CrossEntropyLoss is made here")


@pytest.mark.parametrize(("call", "verdict"), [
    ("F.mse_loss(x.float(), model(x))", Verdict.UNKNOWN),  # labels, perhaps
    ("F.mse_loss(x / 2 + y, model(x))", Verdict.UNKNOWN),
    ("F.mse_loss(0.9 * model(y).max(1)[0].detach() + x, model(x))", Verdict.CONSISTENT),
    ("F.cross_entropy(torch.randn(2, 3), y)", Verdict.CONSISTENT),
    ("F.cross_entropy(torch.rand(2, 3), y)", Verdict.CONSISTENT),
    ("F.binary_cross_entropy(torch.rand_like(x), y)", Verdict.CONSISTENT),
    ("F.nll_loss(torch.rand(2, 3), y)", Verdict.UNKNOWN),
    ("F.cross_entropy(torch.zeros(2, 3), y)", Verdict.UNKNOWN),
    ("F.cross_entropy(30 * ((x > 0) * model(x) + (1 - (x > 0).float()) * model(y)), y)", Verdict.CONSISTENT),
    ("F.cross_entropy(x.softmax(1) * model(x), y)", Verdict.UNKNOWN),
    ("F.cross_entropy(nn.Embedding(9, 3)(x), y)", Verdict.CONSISTENT),
    ("F.cross_entropy(F.dropout(nn.Embedding(9, 3)(x)), y)", Verdict.UNKNOWN),
    ("F.cross_entropy(model(x) @ model(y).t() / 0.1, y)", Verdict.CONSISTENT),
    ("F.cross_entropy(torch.einsum('nc,mc->nm', [model(x), model(y).detach()]) / x, y)", Verdict.CONSISTENT),
    ("F.cross_entropy(model(x).softmax(1) @ model(y), y)", Verdict.UNKNOWN),
    ("F.cross_entropy(F.normalize(x, dim=1) @ F.normalize(y, dim=1).T / 0.2, y)", Verdict.CONSISTENT),
    ("F.cross_entropy(F.normalize(x, dim=1) @ y.T / 0.2, y)", Verdict.UNKNOWN),
    ("F.binary_cross_entropy(torch.mm(model(x), model(y).t()), y)", Verdict.UNKNOWN),
])  # fmt: skip
def test_numbers_of_no_special_meaning(call: str, verdict: Verdict, tmp_path: Path) -> None:
    (found,) = verdicts(tmp_path, f"def step(x, y):\n    return {call}\n")
    assert (found.verdict, found.codes) == (verdict, ())


def test_a_parameter_is_what_its_annotation_says(tmp_path: Path) -> None:
    (found,) = verdicts(tmp_path, """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(x)


def step(net: Net, x, y):
    return F.cross_entropy(net(x), y)
""")  # fmt: skip
    assert found.verdict is Verdict.CONSISTENT


@pytest.mark.parametrize(("call", "verdict"), [
    ("F.mse_loss(torch.cat([model(x), model(x).sigmoid()]), y)", Verdict.CONSISTENT),
    ("F.mse_loss(torch.cat([model(x), z]), y)", Verdict.UNKNOWN),
    ("F.cross_entropy(torch.cat([(model(x) * model(y)).sum(1, keepdim=True), model(x) @ q]), y)", Verdict.CONSISTENT),
    ("F.cross_entropy(torch.cat([model(x), model(x).sigmoid()]), y)", Verdict.UNKNOWN),
    ("F.cross_entropy(torch.where(z, model(x), -1e9), y)", Verdict.CONSISTENT),
    ("F.binary_cross_entropy(torch.where(z, model(x).sigmoid(), 7.0), y)", Verdict.UNKNOWN),
    ("F.mse_loss(model(x).type_as(y), y)", Verdict.CONSISTENT),
    ("F.mse_loss(z.type_as(model(x)), y)", Verdict.UNKNOWN),
])  # fmt: skip
def test_tensors_that_are_joined(call: str, verdict: Verdict, tmp_path: Path) -> None:
    (found,) = verdicts(tmp_path, f"q = model(torch.randn(2, 4)).detach().t()\ndef step(x, y, z):\n    return {call}\n")
    assert (found.verdict, found.codes) == (verdict, ())


@pytest.mark.parametrize("callers", [
    ("criterion(x, y)", "criterion(model(x), y)", "criterion(x, y.argmax(1))"),
    ("criterion(model(x), y)", "criterion(x, y)"),
    ("criterion(x, y.argmax(1))", "criterion(model(x), y.argmax(1))", "criterion(model(x), y)"),
])  # fmt: skip
def test_the_call_of_which_most_is_known_speaks(callers: tuple[str, ...], tmp_path: Path) -> None:
    head = "def criterion(out, target):\n    return F.cross_entropy(out, target)\n\n\n"
    functions = "\n\n".join(f"def step{n}(x, y):\n    return {call}\n" for n, call in enumerate(callers))
    (found,) = verdicts(tmp_path, head + functions)
    assert (found.verdict, found.input.domain) == (Verdict.CONSISTENT, Domain.SCORES)


def test_a_known_target_proves_nothing_of_the_prediction(tmp_path: Path) -> None:
    (found,) = verdicts(tmp_path, "def step(x, y):\n    return F.mse_loss(input=y, target=model(x))\n")
    assert (found.verdict, found.input.domain, found.target.domain) == (
        Verdict.UNKNOWN, Domain.UNKNOWN, Domain.SCORES
    )  # fmt: skip
