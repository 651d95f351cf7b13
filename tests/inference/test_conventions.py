"""What Lightning and transformers do with a model and its loss: self(x), training_step, labels=."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from lossadvisor.checking import examine
from lossadvisor.findings import Confidence
from lossadvisor.source.document import Document
from tests.inference.reveal import HEADER, ROOT

_MAIN = "main.py"
_LIT = """
{imported}

class Base({base}):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(8, 3)
        self.criterion = nn.CrossEntropyLoss(reduction={reduction!r})
{setting}
    def forward(self, x):
        return self.net(x)

class Lit(Base):
    def {method}(self, batch, index):
        x, y = batch
{body}
"""


def _found(text: str) -> list[tuple[str, Confidence]]:
    findings = examine([Document(_MAIN, ROOT / _MAIN, HEADER + text)]).findings
    return [(finding.code, finding.confidence) for finding in findings]


def _lit(
    body: str,
    *,
    reduction: str = "none",
    imported: str = "import lightning as L",
    base: str = "L.LightningModule",
    setting: str = "",
    method: str = "training_step",
) -> list[tuple[str, Confidence]]:
    text = _LIT.format(
        imported=imported, base=base, reduction=reduction, setting=indent(dedent(setting), "    "), method=method,
        body=indent(dedent(body).strip("\n"), "        "),
    )  # fmt: skip
    return _found(text)


_RAISES = [("LA506", Confidence.CERTAIN)]


@pytest.mark.parametrize("body", [
    "return self.criterion(self(x), y)",
    "loss = self.criterion(self(x), y)\nreturn {'loss': loss, 'n': len(x)}",
    "loss = self.criterion(self.forward(x), y)\nself.log('loss', loss.mean())\nreturn loss",
])  # fmt: skip
def test_lightning_calls_backward_on_what_training_step_returns(body: str) -> None:
    assert _lit(body) == _RAISES


@pytest.mark.parametrize("imported, base", [
    ("from lightning import LightningModule", "LightningModule"),
    ("import lightning.pytorch as pl", "pl.LightningModule"),
    ("import pytorch_lightning as pl", "pl.LightningModule"),
    ("from pytorch_lightning.core.lightning import LightningModule", "LightningModule"),
])  # fmt: skip
def test_the_names_of_the_base_class(imported: str, base: str) -> None:
    assert _lit("return self.criterion(self(x), y)", imported=imported, base=base) == _RAISES


def test_a_branch_that_reduces_leaves_a_doubt() -> None:
    found = _lit("loss = self.criterion(self(x), y)\nif index > 2:\n    loss = loss.mean()\nreturn loss")
    assert found == [("LA506", Confidence.LIKELY)]
    assert _lit("loss = self.criterion(self(x), y)\nif index > 2:\n    return None\nreturn loss.mean()") == []


@pytest.mark.parametrize("change", [
    {"reduction": "mean"},
    {"base": "nn.Module"},  # some other framework, or the user's own loop
    {"method": "validation_step"},
    {"method": "compute_loss"},
    {"setting": "automatic_optimization = False\n"},
    {"setting": "@property\ndef automatic_optimization(self):\n    return False\n"},
    {"setting": "def training_step_end(self, out):\n    return out.mean()\n"},
])  # fmt: skip
def test_what_lightning_does_not_train_as_it_is(change: dict[str, str]) -> None:
    assert _lit("return self.criterion(self(x), y)", **change) == []


def test_self_is_forward() -> None:
    assert _lit("return self.criterion(self(x).softmax(1), y)", reduction="mean") == [("LA101", Confidence.CERTAIN)]


_MODEL = """
from transformers import {auto}

def step(ids, labels, mask):
    model = {auto}.from_pretrained("base")
{body}
"""


def _model(body: str, auto: str = "AutoModelForSequenceClassification") -> list[str]:
    return [code for code, _ in _found(_MODEL.format(auto=auto, body=indent(body, "    ")))]


@pytest.mark.parametrize("body", [
    "out = model(input_ids=ids, labels=labels)\nout.loss.backward()\nreturn out.logits.softmax(-1)",
    "out = model(ids, labels=labels)\nout[0].backward()\nreturn out[1].argmax(-1)",
    "out = model(ids, labels=labels)\nloss, logits = out[:2]\nreturn loss + F.cross_entropy(logits, labels)",
    "out = model(ids, attention_mask=mask)\nreturn F.cross_entropy(out.logits, labels)",
])  # fmt: skip
def test_with_labels_the_loss_is_inside(body: str) -> None:
    assert _model(body) == []


@pytest.mark.parametrize("body, code", [
    ("out = model(ids)\nreturn F.cross_entropy(out.logits.softmax(-1), labels)", "LA101"),
    ("out = model(ids)\nreturn F.cross_entropy(out['logits'].softmax(-1), labels)", "LA101"),
    ("out = model(ids)\nreturn F.nll_loss(out.logits, labels)", "LA109"),
    ("out = model(ids, labels=labels)\nreturn F.cross_entropy(out, labels)", "LA509"),
])  # fmt: skip
def test_the_output_object_holds_logits(body: str, code: str) -> None:
    assert _model(body) == [code]
