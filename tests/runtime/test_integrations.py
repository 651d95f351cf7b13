"""The adapters with the real libraries on tiny models."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

pytest_plugins = ["pytester"]

DATA = TensorDataset(torch.randn(64, 4, generator=torch.Generator().manual_seed(0)), torch.arange(64) % 3)


@pytest.mark.parametrize("wrong", [True, False], ids=["guilty", "right"])
def test_lightning(wrong: bool, tmp_path: Path) -> None:
    lightning = pytest.importorskip("lightning.pytorch")
    from lossadvisor.runtime.integrations.lightning import LossWatch

    class Net(lightning.LightningModule):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.last, self.criterion = nn.Linear(4, 3), nn.CrossEntropyLoss()

        def training_step(self, batch: list[Tensor], index: int) -> Tensor:
            scores = self.last(batch[0])
            return self.criterion(scores.softmax(1) if wrong else scores, batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    watching = LossWatch(quiet=True, first=3)
    trainer = lightning.Trainer(
        max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=tmp_path, callbacks=[watching],
    )  # fmt: skip
    trainer.fit(Net(), DataLoader(DATA, batch_size=8))
    assert watching.report.codes == (("LA101",) if wrong else ())
    (place,) = watching.report.sites
    assert (place.calls, place.looked) == (16, 3)
    assert place.span.filename.endswith("test_integrations.py")
    assert "__signature__" not in vars(F.cross_entropy)  # the taps are off again


@pytest.mark.parametrize("wrong", [True, False], ids=["guilty", "right"])
def test_transformers(wrong: bool, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from lossadvisor.runtime.integrations.transformers import LossWatch

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(4, 3)

        def forward(self, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
            scores = self.last(x)
            return {"loss": F.cross_entropy(scores.softmax(1) if wrong else scores, labels), "logits": scores}

    rows = [{"x": x, "labels": y} for x, y in DATA]
    watching = LossWatch(quiet=True, first=2)
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path), num_train_epochs=1, per_device_train_batch_size=16, report_to=[], use_cpu=True,
        save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    transformers.Trainer(Net(), arguments, train_dataset=rows, callbacks=[watching]).train()
    assert watching.report.codes == (("LA101",) if wrong else ())
    assert [(one.calls, one.looked) for one in watching.report.sites] == [(4, 2)]


SUITE = """
import torch
import torch.nn.functional as F

def step(wrong):
    z = torch.nn.Linear(3, 4)(torch.randn(8, 3))
    F.cross_entropy(z.softmax(1) if wrong else z, torch.randint(0, 4, (8,))).backward()

def test_right(loss_watch):
    step(False)

def test_guilty(loss_watch):
    step(True)
    assert loss_watch.report.codes == ("LA101",)

def test_expected(loss_watch):
    loss_watch.expect("LA101")
    step(True)

def test_missing(loss_watch):
    loss_watch.expect("LA105")
    step(False)

def test_without_the_fixture():
    step(True)
"""


def test_pytest_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    plugin = "lossadvisor.runtime.integrations.pytest_plugin"
    installed = any(point.value == plugin for point in entry_points(group="pytest11"))
    done = pytester.runpytest_inprocess(*(() if installed else ("-p", plugin)))
    done.assert_outcomes(passed=5, errors=2)
    done.stdout.fnmatch_lines(["*LA101 softmax-before-cross-entropy*", "*expected LA105, which did not show*"])
