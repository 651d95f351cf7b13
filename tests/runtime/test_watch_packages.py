"""Losses of other packages under watch: judged by their own contracts and by the options that the module holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lossadvisor.runtime import WatchReport, watch
from tests.runtime.test_packages import SMP, TIMM

FOCAL = """
import torch.nn.functional as F

def sigmoid_focal_loss(inputs, targets, alpha=0.25, gamma=2, reduction="none"):
    p = inputs.sigmoid()
    cost = F.binary_cross_entropy_with_logits(inputs, targets, reduction="none")
    return ((1 - (p * targets + (1 - p) * (1 - targets))) ** gamma * cost).mean()
"""
NAMES = ("timm", "segmentation_models_pytorch", "torchvision")


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in NAMES]:
        del sys.modules[name]


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, module, source in (
        ("timm", "loss", TIMM), ("segmentation_models_pytorch", "losses", SMP), ("torchvision", "ops", FOCAL),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / f"{module}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    _forget()
    yield
    _forget()


def run(loss, activate: bool, steps: int = 6, **schedule) -> WatchReport:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    net = nn.Conv2d(2, 4, 1)
    with watch(first=steps, **schedule) as seen:
        for _ in range(steps):
            z = net(torch.randn(3, 2, 4, 4))
            loss(z.softmax(1) if activate else z, torch.randint(0, 4, (3, 4, 4))).backward()
    return seen.report


def test_options_of_the_module_decide(packages: None) -> None:
    from segmentation_models_pytorch.losses import DiceLoss  # type: ignore[import-not-found]

    on_logits, on_probabilities = DiceLoss("multiclass"), DiceLoss("multiclass", from_logits=False)
    for loss, activate, codes in (
        (on_logits, False, ()), (on_logits, True, ("LA116",)), (on_probabilities, True, ()),
        (on_probabilities, False, ("LA116",)),
    ):  # fmt: skip
        report = run(loss, activate)
        assert report.codes == codes and report.errors == (), report.text()
        (place,) = report.sites
        assert (place.loss, place.calls, place.looked) == ("segmentation_models_pytorch.losses.DiceLoss", 6, 6)
        assert place.span.filename.endswith("test_watch_packages.py"), "the place of the user's call"
    on_probabilities.from_logits = nn.Identity()  # what it wants cannot be told any more
    assert run(on_probabilities, False).codes == ()


def test_functions_and_the_losses_of_torch_inside_them(packages: None) -> None:
    from torchvision.ops import sigmoid_focal_loss  # type: ignore[import-not-found]

    def focal(z: Tensor, y: Tensor) -> Tensor:
        hot = torch.eye(4)[y].movedim(-1, 1)
        return sigmoid_focal_loss(z, hot)  # type: ignore[no-any-return]

    assert run(focal, False).codes == ()
    guilty = run(focal, True)
    assert guilty.codes == ("LA116",) and len(guilty.sites) == 1, guilty.text()


def test_packages_imported_in_the_middle_are_watched_from_the_next_backward_on(packages: None) -> None:
    def smoothed(z: Tensor, y: Tensor) -> Tensor:
        from timm.loss import LabelSmoothingCrossEntropy  # type: ignore[import-not-found]

        return LabelSmoothingCrossEntropy(0.1)(z.mean((2, 3)), y[:, 0, 0])  # type: ignore[no-any-return]

    report = run(smoothed, True)
    assert report.codes == ("LA116",), report.text()
    assert report.sites[0].calls == 5


def test_taps_on_packages_are_gone_afterwards_and_change_nothing(packages: None) -> None:
    from segmentation_models_pytorch.losses import DiceLoss

    code, loss = DiceLoss.forward.__code__, DiceLoss("multiclass")
    z, y = torch.randn(3, 4, 4, 4), torch.randint(0, 4, (3, 4, 4))
    plain = loss(z, y)
    with watch():
        assert DiceLoss.forward.__code__ is not code
        assert torch.equal(loss(z, y), plain)
    assert DiceLoss.forward.__code__ is code
