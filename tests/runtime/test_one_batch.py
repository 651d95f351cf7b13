"""`lossadvisor.runtime.check` on one batch, and `watch(on_finding=...)`: who is told, and who is interrupted."""

from __future__ import annotations

import io

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lossadvisor.findings import Severity
from lossadvisor.runtime import check, watch
from lossadvisor.runtime.watching.watch import LossProblem

Z = torch.randn(12, 4, generator=torch.Generator().manual_seed(0))
Y = torch.arange(12) % 4


@pytest.mark.parametrize(
    ("loss", "arguments", "options", "codes"),
    [
        (nn.CrossEntropyLoss(), (Z, Y), {}, ()),
        (nn.CrossEntropyLoss(), (Z.softmax(1), Y), {}, ("LA101",)),
        (F.cross_entropy, (Z.softmax(1), Y), {"label_smoothing": 0.1}, ("LA101",)),
        (F.nll_loss, (Z, Y), {}, ("LA109",)),
        (F.kl_div, (Z.log_softmax(1), Z.softmax(1)), {"reduction": "batchmean"}, ()),
        (F.kl_div, (Z.softmax(1), Z.softmax(1)), {"reduction": "batchmean"}, ("LA110",)),
        (nn.GaussianNLLLoss(), (Z, Z, -Z.abs()), {}, ("LA114",)),
        (lambda z, y: F.cross_entropy(z.softmax(1), y) + F.mse_loss(z, z + 1), (Z, Y), {}, ("LA101",)),
        (F.cross_entropy, (Z, Y + 1), {}, ("LA208",)),
    ],
)
def test_one_batch(loss, arguments, options, codes) -> None:  # type: ignore[no-untyped-def]
    state = torch.get_rng_state()
    report = check(loss, *arguments, **options)
    assert report.codes == codes, report.text()
    assert report.fails() is bool(codes)
    assert torch.equal(torch.get_rng_state(), state)
    assert "__signature__" not in vars(F.cross_entropy), "the taps are off again"


def test_what_the_loss_raises_and_what_it_never_calls_is_noted() -> None:
    out_of_range = check(F.cross_entropy, Z, Y + 1)
    assert out_of_range.notes == ("the loss raised IndexError: Target 4 is out of bounds.",)
    own = check(lambda z, y: (z * y[:, None]).mean(), Z, Y)
    assert own.codes == () and own.notes == ("no loss of torch was called; nothing could be judged",)


def step(z: Tensor) -> Tensor:
    return F.cross_entropy(z.softmax(1), Y)


def test_raise_stops_at_the_first_guilty_call_and_leaves_no_tap() -> None:
    weights = Z.clone().requires_grad_()
    steps = 0
    with pytest.raises(LossProblem) as caught, watch(on_finding="raise"):
        for _ in range(5):
            steps += 1
            step(weights).backward()
    assert steps == 1 and weights.grad is None, "before the loss was computed"
    assert caught.value.finding.code == "LA101" and "test_one_batch.py" in str(caught.value)
    assert "__signature__" not in vars(F.cross_entropy)


def test_raise_spares_notes_unless_they_shall_fail() -> None:
    with watch(on_finding="raise") as seen:
        F.cross_entropy(Z.log_softmax(1), Y)
    assert seen.report.codes == ("LA102",)
    with pytest.raises(LossProblem, match="LA102"), watch(on_finding="raise", fail_on=Severity.NOTE):
        F.cross_entropy(Z.log_softmax(1), Y)
    with watch(on_finding="raise", fail_on=Severity.ERROR) as seen, pytest.warns(UserWarning, match="size_average"):
        F.mse_loss(Z, Z + 1, size_average=True)  # a warning
    assert seen.report.codes == ("LA503",)


def test_warn_tells_each_finding_once_and_report_keeps_quiet() -> None:
    told = io.StringIO()
    with watch(on_finding="warn", stream=told):
        for _ in range(4):
            step(Z)
    assert told.getvalue().count("LA101 softmax-before-cross-entropy") == 1
    quiet = io.StringIO()
    with watch(stream=quiet) as seen:
        step(Z)
    assert quiet.getvalue() == "" and seen.report.codes == ("LA101",)


def test_a_judge_that_fails_reaches_the_report_and_not_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    from lossadvisor.runtime.judging import judge

    def broken(call: object) -> object:
        raise ZeroDivisionError("a judge of mine")

    monkeypatch.setattr(judge, "JUDGES", (broken, *judge.JUDGES))
    with watch(on_finding="raise") as seen:
        F.mse_loss(Z, Z + 1)
    assert any("ZeroDivisionError: a judge of mine" in error for error in seen.report.errors)
