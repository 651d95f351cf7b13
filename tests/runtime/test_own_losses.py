"""Losses of one's own: what they want is found by experiment, and a broken one is told from a sound one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lossadvisor.runtime.battery.infer import NotInferred, infer
from lossadvisor.runtime.battery.own import NotImported, load, validate_own
from lossadvisor.runtime.battery.result import Outcome


def focal(scores: Tensor, target: Tensor) -> Tensor:
    log_p = scores.log_softmax(1)
    each = -log_p.gather(1, target[:, None])[:, 0]
    return ((1 - (-each).exp()) ** 2 * each).mean()


def on_probabilities(p: Tensor, target: Tensor) -> Tensor:
    if bool((p < 0).any()) or bool((p > 1).any()):
        raise ValueError("probabilities are wanted")
    return -p.gather(1, target[:, None]).clamp(min=1e-12).log().mean()


def brier(p: Tensor, bits: Tensor) -> Tensor:
    return ((p.sigmoid() - bits) ** 2).mean()


def batch_dependent(scores: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(scores - scores.mean(0), target)


@pytest.mark.parametrize(
    ("loss", "wants", "target", "contract"),
    [
        (nn.CrossEntropyLoss(), "scores", "indices", "cross_entropy"),
        (nn.NLLLoss(), "log-probabilities", "indices", "nll"),
        (nn.BCEWithLogitsLoss(), "scores", "bits", "bce_with_logits"),
        (nn.BCELoss(), "element probabilities", "bits", "bce"),
        (nn.KLDivLoss(reduction="batchmean"), "log-probabilities", "distribution", "kl_div"),
        (nn.SoftMarginLoss(), "scores", "signs", "soft_margin"),
        (nn.MSELoss(), "scores", "values", "mse"),
        (nn.L1Loss(), "scores", "values", "mse"),
        (focal, "scores", "indices", "cross_entropy"),
        (on_probabilities, "probabilities", "indices", "nll"),
        (brier, "scores", "bits", "bce_with_logits"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or (value if isinstance(value, str) else type(value).__name__),
)
def test_contract_is_inferred(loss, wants: str, target: str, contract: str) -> None:  # type: ignore[no-untyped-def]
    found, _, _ = infer(loss)
    assert (found.wants, found.target, found.contract) == (wants, target, contract)
    assert found.bounded
    assert found.batch_consistent


def test_equality_with_torch_and_reductions_are_noticed() -> None:
    assert infer(nn.CrossEntropyLoss())[0].same_as_torch
    assert not infer(focal)[0].same_as_torch
    assert infer(nn.CrossEntropyLoss())[0].reduction == "a mean"
    assert infer(nn.CrossEntropyLoss(reduction="sum"))[0].reduction == "a sum"
    assert infer(nn.CrossEntropyLoss(reduction="none"))[0].reduction == "one value per sample"
    assert infer(nn.CrossEntropyLoss())[0].shift_invariant
    assert not infer(batch_dependent)[0].batch_consistent


def test_nonsense_is_refused_in_one_line() -> None:
    with pytest.raises(NotInferred, match="accepts none"):
        infer(lambda scores, target: -F.cross_entropy(scores, target))
    with pytest.raises(NotInferred):
        infer(lambda scores, target: 1.0)


MODULE = '''
import torch
from torch import nn

class Sharp(nn.Module):
    def forward(self, scores, target):
        return nn.functional.cross_entropy(scores.softmax(1), target)

class Needy(nn.Module):
    def __init__(self, classes):
        super().__init__()

def make():
    return nn.CrossEntropyLoss()

def bare(scores, target):
    return nn.functional.cross_entropy(scores, target)

ready = nn.BCEWithLogitsLoss()
number = 3
'''


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "sample_losses.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("attribute", ["Sharp", "make", "bare", "ready", "nn.MSELoss"])
def test_import_of_classes_factories_functions_and_objects(module: Path, attribute: str) -> None:
    assert callable(load(f"sample_losses:{attribute}", module))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sample_losses", "package.module:factory"),
        ("sample_losses:absent", "has no absent"),
        ("no_such_module:x", "importing no_such_module failed"),
        ("sample_losses:Needy", r"calling Needy\(\) failed"),
        ("sample_losses:number", r"calling number\(\) failed"),
    ],
)
def test_failures_are_one_clear_line(module: Path, name: str, words: str) -> None:
    with pytest.raises(NotImported, match=words) as caught:
        load(name, module)
    assert "\n" not in str(caught.value)


def test_validation_of_own_losses(module: Path) -> None:
    good = validate_own("sample_losses:make", module)
    assert good.outcome is Outcome.OK and good.contract == "cross_entropy"
    assert any("wants scores with indices" in note for note in good.notes)
    sharp = validate_own("sample_losses:Sharp", module)
    assert any("is not equal to cross_entropy" in note for note in sharp.notes)
    assert sharp.codes == ("LA101",)
    assert sharp.outcome is Outcome.WRONG
    lowest = next(check for check in sharp.checks if check.name == "lowest reachable value")
    assert lowest.measured == pytest.approx(1.4612, abs=1e-3)


def test_torch_is_asked_once_per_value() -> None:
    calls = []

    def counted(scores: Tensor, target: Tensor) -> Tensor:
        calls.append(1)
        return F.cross_entropy(scores, target)

    infer(counted)
    assert len(calls) < 400
    assert torch.is_grad_enabled()
