"""The rows of other packages against what their losses did when they were run: `library_measurements` says how.

What a row claims has to be what was measured. A row may claim less than that: `Want.ANY`, `Shapes.OWN`, no bound.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lossadvisor.contracts import LIBRARIES, Contract, Family, Mismatch, Shapes, Want, by_id

from .library_measurements import TABLE
from .test_libraries import VERSIONS

MEASURED = json.loads(TABLE.read_text(encoding="utf-8"))
Layouts = Mapping[str, Mapping[str, Any]]
ALL = [
    (name, options, facts)
    for name, row in MEASURED["rows"].items() if isinstance(row, dict)
    for options, facts in row.items() if isinstance(facts, dict)
]  # fmt: skip
# What the experiments cannot tell apart, or what they show of another part of the loss.
_TWO_PARTS = "a part that takes scores and one that takes probabilities, until a flag is set"
UNLIKE: Mapping[str, str] = {
    "mmdet.KnowledgeDistillationKLDivLoss": "compares with the scores of a teacher",
    "mmseg.OhemCrossEntropy": "leaves out the pixels that are easy",
    "mmseg.TverskyLoss": "reads one-hot masks as the indices 0 and 1",
    "pytorch_metric_learning.P2SGradLoss": "proxies at random stand for the classes",
    "pytorch_metric_learning.SoftTripleLoss": "proxies at random stand for the classes",
    "transformers.ForCausalLMLoss": "compares with the next position",
    "kornia.PSNRLoss": "has no least value where both are equal",
    "kornia.js_div_loss_2d": "takes distributions over the pixels of a picture",
    "monai.AsymmetricUnifiedFocalLoss": "knows two classes, the background first",
    "monai.DiceCELoss": _TWO_PARTS, "monai.DiceFocalLoss": _TWO_PARTS, "monai.GeneralizedDiceFocalLoss": _TWO_PARTS,
    "monai.NACLLoss": "punishes scores that are far apart, right or wrong",
}  # fmt: skip
CASES = [case for case in ALL if case[0] not in UNLIKE]
LABELS = ("indices", "one-hot", "bits")
DEFAULTS = {name: min(row, key=len) for name, row in MEASURED["rows"].items() if isinstance(row, dict)}
FORMULAS = (Family.CROSS_ENTROPY, Family.BCE, Family.BCE_WITH_LOGITS, Family.FOCAL)
OTHER_VERSIONS = {"torchvision": "0.28.0"}  # that of the torch of the tests; the signatures are of a newer one
NAMES = [f"{name} {options}" for name, options, _ in CASES]
every_case = pytest.mark.parametrize(("name", "options", "facts"), CASES, ids=NAMES)

# What the prediction of a row may want, by the words of `words`.
WANTS: Mapping[Want, Callable[[set[str]], bool]] = {
    Want.ANY: lambda seen: True,
    Want.LOGITS: lambda seen: "logits" in seen,
    Want.BINARY_LOGITS: lambda seen: "binary logits" in seen,
    Want.MARGIN_SCORES: lambda seen: "binary logits" in seen,
    Want.PROBABILITIES: lambda seen: {"class probabilities", "element probabilities"} <= seen,
    Want.ELEMENT_PROBABILITIES: lambda seen: "element probabilities" in seen,
    Want.CLASS_PROBABILITIES: lambda seen: "class probabilities" in seen and "logits" not in seen,
    Want.REAL: lambda seen: "values" in seen,
    Want.RATE: lambda seen: "values" in seen,
    Want.EMBEDDING: lambda seen: bool(seen & {"groups", "values"}),
    Want.BOXES: lambda seen: "boxes" in seen,
}
TARGETS: Mapping[Want, Callable[[set[str]], bool]] = {
    Want.ANY: lambda kinds: True,
    Want.CLASS_INDICES: lambda kinds: bool(kinds & {"indices", "groups"}) and "one-hot" not in kinds,
    Want.CLASS_INDICES_OR_PROBABILITIES: lambda kinds: {"indices", "one-hot"} <= kinds,
    Want.UNIT_TARGET: lambda kinds: bool(kinds & {"bits", "one-hot"}) and "indices" not in kinds,
    Want.DISTRIBUTION: lambda kinds: "one-hot" in kinds and "indices" not in kinds,
    Want.REAL: lambda kinds: "values" in kinds,
    Want.RATE: lambda kinds: "values" in kinds,
    Want.BOXES: lambda kinds: "boxes" in kinds,
    Want.EMBEDDING: lambda kinds: "values" in kinds,
}
# Which layouts show what a rightly used loss costs.
SHOWN: Mapping[Want, frozenset[str]] = {
    Want.CLASS_INDICES: frozenset({"indices"}), Want.CLASS_INDICES_OR_PROBABILITIES: frozenset({"indices", "one-hot"}),
    Want.UNIT_TARGET: frozenset({"bits", "one-hot"}), Want.DISTRIBUTION: frozenset({"one-hot"}),
    Want.ANY: frozenset({"bits", "one-hot"}), Want.REAL: frozenset({"values"}), Want.RATE: frozenset(),
    Want.BOXES: frozenset({"boxes"}), Want.EMBEDDING: frozenset({"values"}),
}  # fmt: skip
SHAPES: Mapping[Shapes, Callable[[set[str]], bool]] = {
    Shapes.OWN: lambda kinds: True,
    Shapes.CLASSES: lambda kinds: "indices" in kinds and "one-hot" not in kinds,
    Shapes.CLASSES_OR_EQUAL: lambda kinds: bool(kinds & {"one-hot", "bits"}),
    Shapes.EQUAL: lambda kinds: "indices" not in kinds and bool(kinds & {"one-hot", "bits", "values", "boxes"}),
    Shapes.ROWS: lambda kinds: bool(kinds & {"groups", "indices"}),
}
FAMILIES: Mapping[Family, Callable[[set[str]], bool]] = {
    Family.CROSS_ENTROPY: lambda seen: "logits" in seen or "binary logits" in seen,
    Family.BCE: lambda seen: "element probabilities" in seen,
    Family.BCE_WITH_LOGITS: lambda seen: "binary logits" in seen,
    Family.MARGIN: lambda seen: "binary logits" in seen and "linear" in seen,
    Family.DIVERGENCE: lambda seen: "class probabilities" in seen,
    Family.FOCAL: lambda seen: bool(seen & {"logits", "binary logits", "element probabilities"}),
    Family.OVERLAP: lambda seen: bool(seen & {"logits", "binary logits", "element probabilities"}),
    Family.REGRESSION: lambda seen: "values" in seen,
    Family.LIKELIHOOD: lambda seen: "values" in seen,
    Family.IMAGE: lambda seen: "values" in seen,
    Family.BOXES: lambda seen: "boxes" in seen,
    Family.EMBEDDING: lambda seen: bool(seen & {"groups", "values"}),
}


def judged_by_scores(takes: Layouts) -> bool:
    """Whether raw scores fit any layout of labels."""
    return any(one["feeds"] == ["scores"] and one["kind"] in LABELS for one in takes.values())


def fitting(takes: Layouts) -> list[Mapping[str, Any]]:
    """The layouts of labels that fit: where raw scores do, those."""
    raw = judged_by_scores(takes)
    return [one for one in takes.values() if one["kind"] in LABELS and (not raw or one["feeds"] == ["scores"])]


def words(takes: Layouts) -> set[str]:
    """What the predictions may be."""
    seen = {one["kind"] for one in takes.values() if one["feeds"] == ["equal"]}
    for one in fitting(takes):
        seen.add(one["growth"])
        if one["feeds"] == ["scores"]:
            seen.add("logits" if one["invariant"] else "binary logits")
        else:
            seen.update(one["feeds"])
    return seen


def kinds(takes: Layouts) -> set[str]:
    """What the targets may be."""
    equal = {one["kind"] for one in takes.values() if one["feeds"] == ["equal"]}
    return equal | {one["kind"] for one in fitting(takes)}


def shown_by(takes: Layouts, target: Want) -> list[Mapping[str, Any]]:
    """The layouts that the loss is made for."""
    equal = [one for one in takes.values() if one["feeds"] == ["equal"]]
    groups = [one for one in equal if one["kind"] == "groups"]
    if target is Want.CLASS_INDICES and groups:
        return groups
    return [one for one in (*fitting(takes), *equal) if one["kind"] in SHOWN[target]]


def claimed(name: str, options: str) -> tuple[Contract, Want, Want]:
    contract, given = by_id[name], json.loads(options)
    target = contract.port("target")
    assert target is not None
    return contract, contract.want(contract.ports[0], given), contract.want(target, given)


@every_case
def test_wants(name: str, options: str, facts: Any) -> None:
    contract, prediction, target = claimed(name, options)
    assert WANTS[prediction](words(facts["takes"])), words(facts["takes"])
    assert TARGETS[target](kinds(facts["takes"])), kinds(facts["takes"])
    if options == DEFAULTS[name]:
        assert FAMILIES[contract.family](words(facts["takes"])), words(facts["takes"])


@every_case
def test_shapes_and_axes(name: str, options: str, facts: Any) -> None:
    contract, prediction, _ = claimed(name, options)
    axis = contract.ports[0].class_axis
    if options == DEFAULTS[name]:
        assert SHAPES[contract.shapes](kinds(facts["takes"])), kinds(facts["takes"])
    if prediction is Want.LOGITS and axis is not None and facts["axes"]:  # some take rows only
        assert axis in facts["axes"]
    if contract.mismatch is not Mismatch.UNKNOWN:
        assert facts["column"] == contract.mismatch.value


@every_case
def test_numbers(name: str, options: str, facts: Any) -> None:
    """The least and the greatest value, what becomes of the elements, and the formula of the family."""
    contract, _, target = claimed(name, options)
    shown = shown_by(facts["takes"], target)
    least, most = contract.value_range
    for one in shown:
        assert least is None or one["least"] >= least - 1e-5
        assert most is None or one["most"] <= most + 1e-5
    if shown and contract.reduction != "own":
        assert contract.reduction.removeprefix("batch") in {one["reduction"] for one in shown}
    if contract.plain and contract.family in FORMULAS and options == DEFAULTS[name]:
        assert any(contract.family.name in one["formulas"] for one in shown)


@every_case
def test_types_of_targets(name: str, options: str, facts: Any) -> None:
    """Where a row says that only whole numbers pass, floats do not."""
    contract, _, target = claimed(name, options)
    port = contract.port("target")
    assert port is not None
    if port.dtypes and options == DEFAULTS[name]:
        passed = {kind for one in shown_by(facts["takes"], target) for kind in one["target"]}
        assert passed <= {dtype.name.lower() for dtype in port.dtypes}


def test_the_table_is_of_these_rows_and_versions() -> None:
    assert set(MEASURED["rows"]) == {contract.id for contract in LIBRARIES}
    versions = {name: told for name, told in MEASURED["versions"].items() if told}
    assert versions == {name: VERSIONS[name] for name in versions} | OTHER_VERSIONS
    assert set(MEASURED["versions"]) - set(versions) == {"torchaudio"}  # was compiled for another torch
    assert set(UNLIKE) <= {name for name, _, _ in ALL}


def test_most_rows_were_measured() -> None:
    assert len({name for name, _, _ in ALL}) >= 130
