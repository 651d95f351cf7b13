"""The rows of other packages: their form, how they switch, and their signatures where a package is installed."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lossadvisor.contracts import (
    CONSTANTS,
    CONTRACTS,
    LIBRARIES,
    METRICS,
    PACKAGES,
    TORCH,
    Contract,
    Parameter,
    Want,
    by_id,
    by_name,
)
from lossadvisor.contracts.libraries.rows import signature

from .library_signatures import TABLE


def ids(contracts: Any) -> list[str]:
    return [contract.id for contract in contracts]


def want(contract: str, port: str = "input", unknown: tuple[str, ...] = (), **options: Any) -> Want:
    found = by_id[contract]
    at = found.port(port)
    assert at is not None
    return found.want(at, options, unknown)


def test_every_package_has_rows() -> None:
    roots = {name.partition(".")[0] for contract in LIBRARIES for name in contract.names()}
    assert roots == PACKAGES


def test_names_and_ids_are_unique() -> None:
    every = [name for contract in (*CONTRACTS, *METRICS) for name in contract.names()]
    assert [name for name, count in Counter(every).items() if count > 1] == []
    assert max(Counter(contract.id for contract in CONTRACTS).values()) == 1
    assert len(by_id) == len(CONTRACTS) == len(TORCH) + len(LIBRARIES)
    assert set(by_name) == {name for contract in CONTRACTS for name in contract.names()}


@pytest.mark.parametrize("contract", [*LIBRARIES, *METRICS], ids=ids([*LIBRARIES, *METRICS]))
def test_a_row_is_whole(contract: Contract) -> None:
    assert contract.source.startswith("https://")
    assert contract.classes or contract.functionals
    assert bool(contract.classes) == bool(contract.call)
    assert bool(contract.functionals) == bool(contract.function)
    assert contract.library.partition(".")[0] in PACKAGES | {"torchmetrics"}
    for parameters in (contract.call, contract.function):
        fed = {port.name for p in parameters if (port := contract.feeds(p))}
        assert not parameters or "input" in fed
    options = {p.name for p in (*contract.constructor, *contract.function)}
    for switch in contract.switches:
        assert contract.port(switch.port) is not None
        assert set(switch.options()) <= options
    assert contract.stable_twin is None or contract.stable_twin in by_id
    least, most = contract.value_range
    assert least is None or most is None or least < most


def test_signatures_are_read_as_python_reads_them() -> None:
    def written(
        pred: Any, gamma: Any = 2.0, n: Any = -1, *, reduction: Any = "mean", f: Any = (1,), on: Any = True
    ) -> None:
        """A function with every kind of parameter."""

    rows = signature("pred: input, gamma=2.0, n=-1, *, reduction='mean', f=..., on=True")
    assert [(p.name, p.keyword_only) for p in rows] == [
        (p.name, p.kind is p.KEYWORD_ONLY) for p in inspect.signature(written).parameters.values()
    ]
    assert [p.default for p in rows] == [None, 2.0, -1, "mean", None, True]
    assert rows[0].port == "input" and rows[0].required
    assert rows[4].opaque
    assert signature("") == ()
    assert signature("*, a=1")[0].keyword_only


def test_segmentation_models_switch_by_mode_and_from_logits() -> None:
    dice = "segmentation_models_pytorch.DiceLoss"
    assert want(dice, mode="multiclass") is Want.LOGITS
    assert want(dice, mode="binary") is Want.BINARY_LOGITS
    assert want(dice, mode="binary", from_logits=False) is Want.PROBABILITIES
    assert want(dice, "target", mode="multiclass") is Want.CLASS_INDICES
    assert want(dice, "target", mode="multilabel") is Want.UNIT_TARGET
    assert want(dice, unknown=("mode",)) is Want.EITHER_LOGITS
    assert want(dice, unknown=("from_logits",), mode="binary") is Want.ANY
    assert want("segmentation_models_pytorch.LovaszLoss", mode="binary", from_logits=False) is Want.BINARY_LOGITS
    assert CONSTANTS["segmentation_models_pytorch.losses.MULTICLASS_MODE"] == "multiclass"


def test_monai_wants_probabilities_unless_told() -> None:
    assert want("monai.DiceLoss") is Want.PROBABILITIES
    assert want("monai.DiceLoss", sigmoid=True) is Want.BINARY_LOGITS
    assert want("monai.DiceLoss", softmax=True) is Want.LOGITS
    assert want("monai.DiceLoss", unknown=("other_act",)) is Want.ANY
    assert want("monai.DiceLoss", unknown=("softmax",)) is Want.ANY
    assert want("monai.DiceLoss", unknown=("batch",)) is Want.PROBABILITIES
    assert want("monai.DiceLoss", "target", to_onehot_y=True) is Want.CLASS_INDICES
    assert want("monai.DiceCELoss") is Want.LOGITS


def test_open_mmlab_switches() -> None:
    assert want("mmdet.CrossEntropyLoss") is Want.LOGITS
    assert want("mmdet.CrossEntropyLoss", use_sigmoid=True) is Want.BINARY_LOGITS
    assert want("mmdet.FocalLoss", activated=True) is Want.ELEMENT_PROBABILITIES
    assert want("mmseg.DiceLoss", activate=False) is Want.PROBABILITIES
    assert want("mmseg.DiceLoss", use_sigmoid=False) is Want.LOGITS
    assert want("mmpretrain.LabelSmoothLoss", mode="multi_label") is Want.BINARY_LOGITS
    assert by_name["mmcls.models.losses.CrossEntropyLoss"] is by_id["mmpretrain.CrossEntropyLoss"]


def test_look_ups() -> None:
    assert by_name.get("torch.nn.CrossEntropyLoss") is by_id["cross_entropy"]
    assert by_name.get("fastai.vision.all.CrossEntropyLossFlat") is by_id["fastai.CrossEntropyLossFlat"]
    assert (
        by_name.get("timm.loss.cross_entropy.LabelSmoothingCrossEntropy") is by_id["timm.LabelSmoothingCrossEntropy"]
    )
    assert by_name.get("os.path") is None
    assert by_name.get("timm.nothing", None) is None
    assert "kornia.losses.focal_loss" in by_name
    assert 3 not in by_name
    with pytest.raises(KeyError):
        by_name["torch.nn.NoLoss"]


def test_other_packages_load_only_when_asked_for() -> None:
    code = (
        "import sys, lossadvisor.contracts as c\n"
        "c.by_name.get('torch.nn.MSELoss'); c.by_name.get('numpy.mean')\n"
        "assert not [m for m in sys.modules if 'contracts.libraries' in m]\n"
        "assert not {'torch', 'json', 'libcst', 'numpy'} & set(sys.modules)\n"
        "c.by_name['timm.loss.SoftTargetCrossEntropy']\n"
        "assert 'lossadvisor.contracts.libraries' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_unknown_attributes_of_the_package_are_errors() -> None:
    import lossadvisor.contracts as package

    with pytest.raises(AttributeError, match="no attribute 'NOTHING'"):
        package.NOTHING  # noqa: B018


ROOTS = sorted(PACKAGES | {"torchmetrics"})
SPELT_OUT = {"fastai"}  # its classes take *args and **kwargs; the rows name what passes through
Definition = ast.ClassDef | ast.FunctionDef


def definition(root: Path, name: str) -> Definition | None:
    """The source of a class or function under its qualified name, read without importing anything."""
    *modules, attribute = name.split(".")
    file = root.joinpath(*modules[1:]).with_suffix(".py")
    if not file.is_file():
        return None
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return next((n for n in body if isinstance(n, (ast.ClassDef, ast.FunctionDef)) and n.name == attribute), None)


def method(owner: ast.ClassDef, names: set[str]) -> ast.FunctionDef | None:
    return next((n for n in owner.body if isinstance(n, ast.FunctionDef) and n.name in names), None)


def disagreements(written: tuple[Parameter, ...], source: ast.FunctionDef, bound: bool) -> list[str]:
    """Where a row differs from the source: names, order, keyword-only, required, constant defaults."""
    arguments = source.args
    ordered = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(ordered) - len(arguments.defaults)) + list(arguments.defaults)
    found = [(a.arg, d, False) for a, d in zip(ordered, defaults, strict=True)][int(bound) :]
    found += [(a.arg, d, True) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    names = [p.name for p in written]
    passed_on = arguments.vararg or arguments.kwarg
    wrong = [] if passed_on or names == [name for name, _, _ in found] else [f"{names} != {[f[0] for f in found]}"]
    rows = {p.name: p for p in written}
    for name, default, keyword_only in found:
        row = rows.get(name)
        # What stands for *args is spelt out before the keywords, which then are no keywords only.
        if row is None or row.required is not (default is None) or row.keyword_only is not (
            row.keyword_only if passed_on else keyword_only
        ):
            wrong.append(name)
        elif isinstance(default, ast.Constant) and (row.opaque or row.default != default.value):
            wrong.append(f"{name}={default.value!r}, written {row.default!r}")
    return wrong


SIGNATURES = json.loads(TABLE.read_text(encoding="utf-8"))
# The versions that the table was read from, and where its newer or older relatives differ from the row.
VERSIONS = {
    "fastai": "2.8.12", "kornia": "0.9.0", "mmcls": "0.25.0", "mmdet": "3.3.0", "mmpretrain": "1.2.0",
    "mmseg": "1.2.2", "monai": "1.6.1", "pytorch_metric_learning": "2.9.0", "segmentation_models_pytorch": "0.6.0",
    "sentence_transformers": "6.2.0", "timm": "1.0.31", "torchaudio": "2.11.0", "torchmetrics": "1.9.0",
    "torchvision": "0.29.2", "transformers": "5.23.0",
}  # fmt: skip
OTHERWISE = {"mmcls.models.losses.LabelSmoothLoss", "mmcls.models.LabelSmoothLoss"}  # mmpretrain added options to it


def _parsed(text: str) -> ast.FunctionDef:
    (node,) = ast.parse(f"def f({text}): ...").body
    assert isinstance(node, ast.FunctionDef)
    return node


@pytest.mark.parametrize("name", [name for names in SIGNATURES.values() for name in names])
def test_rows_agree_with_the_source_of_the_packages(name: str) -> None:
    """Names, order, keyword-only marks and defaults, as the packages themselves write them."""
    contract = by_name.get(name) or next(one for one in METRICS if name in one.names())
    told = SIGNATURES[name.partition(".")[0]][name]
    rows = {"constructor": contract.constructor, "call": contract.call, "function": contract.function}
    assert told or name in OTHERWISE or contract.classes  # everything may be inherited
    package = name.partition(".")[0]
    for kind, text in told.items() if name not in OTHERWISE else ():
        if kind == "function" and package in SPELT_OUT:
            continue
        assert disagreements(rows[kind], _parsed(text), False) == [], kind


def test_every_row_was_found_in_its_package() -> None:
    assert set(SIGNATURES) == set(ROOTS) == set(VERSIONS)
    known = {name for names in SIGNATURES.values() for name in names}
    missing = {contract.id for contract in (*LIBRARIES, *METRICS) if known.isdisjoint(contract.names())}
    assert missing == set()


@pytest.mark.parametrize("package", ROOTS)
def test_signatures_where_the_package_is_installed(package: str) -> None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{package} is not installed")
    root = Path(spec.origin).parent
    rows = [c for c in (*LIBRARIES, *METRICS) if any(name.partition(".")[0] == package for name in c.names())]
    wrong: dict[str, list[str]] = {}
    seen = 0
    for contract in rows:
        for name in contract.names():
            source = definition(root, name) if name.partition(".")[0] == package else None
            if source is None:
                continue
            seen += 1
            found: list[str] = []
            if isinstance(source, ast.ClassDef):
                init, call = method(source, {"__init__"}), method(source, {"forward", "__call__", "update"})
                found += disagreements(contract.constructor, init, True) if init else []
                found += disagreements(contract.call, call, True) if call else []
            elif package not in SPELT_OUT:
                found += disagreements(contract.function, source, False)
            if found:
                wrong[name] = found
    assert seen >= len(rows) / 2 or package == "mmcls"
    assert not wrong
