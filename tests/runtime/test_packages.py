"""Losses of other packages in the battery: run where pip has installed the package, else by formula, else said so."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lossadvisor.contracts import LIBRARIES, Contract, by_id
from lossadvisor.findings import LossVerdict, PortReport, Verdict
from lossadvisor.runtime.battery.battery import NotValidated, validate
from lossadvisor.runtime.battery.packages import installed
from lossadvisor.runtime.battery.packages.formulas import focal
from lossadvisor.runtime.battery.project import validate_losses
from lossadvisor.runtime.battery.result import Outcome, Validation
from lossadvisor.runtime.battery.tables import as_text
from lossadvisor.runtime.signatures import double_sigmoid_floor
from lossadvisor.values import Domain, Location, Span

TIMM = """
import torch
from torch import nn

RUNS = []

class LabelSmoothingCrossEntropy(nn.Module):
    def __init__(self, smoothing=0.1):
        super().__init__()
        self.smoothing = smoothing

    def forward(self, x, target):
        RUNS.append(x.shape)
        logs = x.log_softmax(-1)
        hit = -logs.gather(-1, target[:, None])[:, 0]
        return ((1 - self.smoothing) * hit - self.smoothing * logs.mean(-1)).mean()

class PolyCrossEntropy(nn.Module):  # float32 inside, like losses that were written for half precision
    def __init__(self, epsilon=2.0, smoothing=0.0, reduction="mean"):
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x, target):
        logs = x.float().log_softmax(-1)
        hit = logs.gather(-1, target[:, None])[:, 0]
        return (-hit + self.epsilon * (1 - hit.exp())).mean()

class JsdCrossEntropy(nn.Module):
    def forward(self, output, target):
        raise AssertionError("needs three splits")
"""
SMP = """
import torch
from torch import nn

class DiceLoss(nn.Module):
    def __init__(self, mode, from_logits=True, smooth=0.0, eps=1e-7):
        super().__init__()
        self.mode, self.from_logits, self.eps = mode, from_logits, eps

    def forward(self, y_pred, y_true):
        assert self.mode == "multiclass" and y_true.dim() == 3
        p = y_pred.softmax(1) if self.from_logits else y_pred
        hot = torch.eye(p.shape[1], dtype=p.dtype)[y_true].movedim(-1, 1)
        axes = (0, 2, 3)
        return (1 - 2 * (p * hot).sum(axes) / (p + hot).sum(axes).clamp(min=self.eps)).mean()
"""


def _install(folder: Path, package: str, module: str, source: str) -> None:
    """What pip leaves behind: the package, and its metadata beside it."""
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text("")
    (folder / package / f"{module}.py").write_text(source)
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: 1.0\n")


def _forget(*packages: str) -> None:
    installed.is_installed.cache_clear()
    installed._module.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place of packages that only the test knows; nothing else counts as installed."""
    folder, here = tmp_path / "site", tmp_path / "project"
    folder.mkdir()
    here.mkdir()
    monkeypatch.setattr(installed, "_folders", lambda: [str(folder)])
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.chdir(here)
    _forget("timm", "segmentation_models_pytorch")
    yield folder
    _forget("timm", "segmentation_models_pytorch")


def named(validation: Validation, name: str) -> object:
    return next(check.measured for check in validation.checks if check.name == name)


def test_the_installed_package_itself_is_run(site: Path) -> None:
    _install(site, "timm", "loss", TIMM)
    contract = by_id["timm.LabelSmoothingCrossEntropy"]
    right = validate(contract, (), {"smoothing": 0.2}, 5)
    assert right.outcome is Outcome.OK and len(right.checks) > 10, as_text([right])
    assert right.notes == ("timm.loss.LabelSmoothingCrossEntropy itself was run: rows of scores, class indices",)
    assert len(sys.modules["timm.loss"].RUNS) > 100
    wrong = validate(contract, ("torch.nn.functional.softmax",), {"smoothing": 0.2}, 5)
    assert wrong.codes == ("LA116",) and wrong.outcome is Outcome.WRONG
    assert named(wrong, "lowest reachable value") > 1.0  # type: ignore[operator]


def test_options_of_the_code_decide_what_is_right(site: Path) -> None:
    _install(site, "segmentation_models_pytorch", "losses", SMP)
    contract, softmax = by_id["segmentation_models_pytorch.DiceLoss"], ("torch.nn.Softmax",)
    on_logits, on_probabilities = {"mode": "multiclass"}, {"mode": "multiclass", "from_logits": False}
    for options, names, codes in (
        (on_logits, (), ()), (on_probabilities, softmax, ()), (on_logits, softmax, ("LA116",)),
        (on_probabilities, (), ("LA116",)),
    ):  # fmt: skip
        found = validate(contract, names, options, 4)
        assert found.codes == codes, as_text([found])
        assert (found.outcome is Outcome.OK) is not bool(codes)
        assert found.notes == ("segmentation_models_pytorch.losses.DiceLoss itself was run: masks of class indices",)
    with pytest.raises(NotValidated, match="the code does not tell its mode"):
        validate(contract, (), {}, 4)


def test_a_gradient_that_the_package_rounds_is_no_mistake_of_the_user(site: Path) -> None:
    _install(site, "timm", "loss", TIMM)
    found = validate(by_id["timm.PolyCrossEntropy"], (), {}, 5)
    assert found.outcome is Outcome.OK, as_text([found])
    assert any("computes in float32" in check.sentence for check in found.checks)


def test_a_slow_loss_is_tried_without_its_sweeps(site: Path) -> None:
    slowly = TIMM.replace("        RUNS.append(x.shape)\n", "        __import__('time').sleep(0.11)\n")
    _install(site, "timm", "loss", slowly)
    found = validate(by_id["timm.LabelSmoothingCrossEntropy"], ("torch.softmax",), {}, 5)
    assert "one evaluation takes 0.1 s" in found.notes[1] and found.outcome is Outcome.WRONG
    assert {"lowest reachable value", "gradient kept"} <= {check.name for check in found.checks}
    assert not any(check.name.startswith(("extreme", "margin")) for check in found.checks)


def test_what_the_package_refuses_is_said(site: Path) -> None:
    _install(site, "timm", "loss", TIMM)
    with pytest.raises(NotValidated, match="timm is installed; it raises AssertionError: needs three splits"):
        validate(by_id["timm.JsdCrossEntropy"], (), {}, 5)
    with pytest.raises(NotValidated, match="timm is installed, but it has no ZlprLoss; not validated"):
        validate(by_id["timm.ZlprLoss"], (), {}, 5)
    _forget("timm")
    (site / "timm" / "loss.py").write_text("import torch\nraise RuntimeError('built for another torch')\n")
    with pytest.raises(NotValidated, match=r"it cannot be imported .RuntimeError: built for another torch"):
        validate(by_id["timm.ZlprLoss"], (), {}, 5)


def test_a_folder_of_the_project_is_no_installed_package(site: Path) -> None:
    bomb = "raise SystemExit('ran')"
    (Path("timm")).mkdir()
    Path("timm/__init__.py").write_text(bomb)
    sys.path.insert(0, "")
    try:
        with pytest.raises(NotValidated, match="timm is not installed; not validated"):
            validate(by_id["timm.ZlprLoss"], (), {}, 5)
        _install(site, "segmentation_models_pytorch", "losses", "import helper\n" + SMP)
        Path("helper.py").write_text(bomb)  # a module that the package wants and the project could slip in
        with pytest.raises(NotValidated, match="No module named 'helper'"):
            validate(by_id["segmentation_models_pytorch.DiceLoss"], (), {"mode": "multiclass"}, 4)
    finally:
        sys.path.remove("")
    bare = site / "timm"  # in the right place, without the metadata of an installation
    bare.mkdir()
    (bare / "__init__.py").write_text(bomb)
    _forget("timm")
    with pytest.raises(NotValidated, match="timm is not installed"):
        validate(by_id["timm.ZlprLoss"], (), {}, 5)


@pytest.mark.parametrize(
    ("name", "chain", "floor"),
    [
        ("timm.SoftTargetCrossEntropy", ("torch.softmax",), None),
        ("segmentation_models_pytorch.SoftBCEWithLogitsLoss", ("torch.sigmoid",), "bits"),
        ("torchvision.sigmoid_focal_loss", ("torch.sigmoid",), None),
        ("fastai.CrossEntropyLossFlat", ("torch.softmax",), None),
    ],
)
def test_the_formula_stands_in_where_nothing_is_installed(
    site: Path, name: str, chain: tuple[str, ...], floor: str | None
) -> None:
    right, wrong = (validate(by_id[name], names, {}, 6) for names in ((), chain))
    assert right.outcome is Outcome.OK, as_text([right])
    assert wrong.outcome is Outcome.WRONG and wrong.codes == ("LA116",), as_text([wrong])
    library = by_id[name].library
    for found in (right, wrong):
        assert found.notes[0] == (
            f"{library} is not installed: the formula that its contract states was tried, not the package"
        )
        assert "value against a float64 reference" not in {check.name for check in found.checks}
    if floor == "bits":
        lowest = named(wrong, "lowest reachable value")
        assert double_sigmoid_floor(1.0) < lowest < double_sigmoid_floor(0.0)  # type: ignore[operator]


def test_the_focal_formula_at_worked_points() -> None:
    import torch

    z, t = torch.zeros(2, dtype=torch.float64), torch.tensor([1.0, 0.0], dtype=torch.float64)
    even = 0.25 * 0.6931471805599453  # (1 - 1/2)^2 log 2
    assert focal(z, t, None, 2.0).tolist() == pytest.approx([even, even])
    assert focal(z, t, 0.25, 2.0).tolist() == pytest.approx([0.25 * even, 0.75 * even])
    assert focal(z, t, None, 0.0).tolist() == pytest.approx([0.6931471805599453] * 2)


def test_what_nothing_stands_for_is_in_the_table(site: Path) -> None:
    span = Span("train.py", None, Location(7, 5), Location(7, 20))
    port = PortReport(Domain.PROBABILITIES, chain=("torch.nn.Conv2d", "torch.softmax"), classes=4)
    name = "segmentation_models_pytorch.DiceLoss"
    loss = LossVerdict(
        span, by_id[name].classes[0], name, Verdict.FINDING, ("LA116",), port, PortReport(Domain.INDICES),
        {"mode": "multiclass"},
    )  # fmt: skip
    (found,) = validate_losses([loss])
    assert found.outcome is Outcome.SKIPPED and found.as_json()["verdict"] == "skipped"
    assert as_text([found]).splitlines() == [
        "train.py:7:5: segmentation_models_pytorch.losses.DiceLoss(mode=multiclass)",
        "  note: segmentation_models_pytorch is not installed; not validated",
        "  note: check reports LA116",
        "  note: by the closed form of its contract, not by a run: with 4 even classes a perfect prediction still costs"
        " 0.525 (0 with logits)",
        "  verdict: not validated",
        "",
        "0 losses validated: 0 right, 0 wrong, 1 not validated",
    ]


HERE = [contract for contract in LIBRARIES if installed.is_installed(contract.library.partition(".")[0])]


@pytest.mark.parametrize("contract", HERE, ids=[contract.id for contract in HERE])
def test_no_loss_of_an_installed_package_is_called_wrong_on_its_right_chain(contract: Contract) -> None:
    options = {"mode": "multiclass"} if contract.library == "segmentation_models_pytorch" else {}
    try:
        found = validate(contract, None, options, 5)
    except NotValidated as error:
        assert "not validated" in str(error)
        return
    assert found.outcome is Outcome.OK, as_text([found])
