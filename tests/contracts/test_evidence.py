"""The evidence of a misuse: present only for misuses, right in its numbers, readable in its sentence."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.contracts import CONTRACTS, TORCH, Relation, numbers, relation
from lossadvisor.contracts.evidence import evidence
from lossadvisor.values import Domain

TARGET = torch.tensor([0])
EVERY = [
    (contract, port, domain, options)
    for contract in CONTRACTS
    for port in contract.ports
    for domain in Domain
    for options in ({}, *({s.option: s.equals} for s in contract.switches if not s.differs))
    if evidence(contract.id, domain, 10, port=port.name, options=options)
]


def told(contract: str, domain: Domain, classes: int | None = None, **more: Any) -> dict[str, Any]:
    found = evidence(contract, domain, classes, **more)
    assert found is not None
    return found


def corner(classes: int) -> Tensor:
    return F.one_hot(TARGET, classes).double()


def test_there_is_evidence_for_many_cells_of_many_packages() -> None:
    assert len({(c.id, p.name, d) for c, p, d, _ in EVERY}) > 80
    assert len({c.library for c, *_ in EVERY}) >= 8


@pytest.mark.parametrize(("contract", "port", "domain", "options"), EVERY, ids=lambda v: getattr(v, "id", None))
def test_evidence_is_given_for_violations_only(contract: Any, port: Any, domain: Any, options: Any) -> None:
    assert relation(contract.want(port, options), domain) is Relation.VIOLATES


@pytest.mark.parametrize(("contract", "port", "domain", "options"), EVERY, ids=lambda v: getattr(v, "id", None))
@pytest.mark.parametrize("classes", [None, 1, 2, 1000])
def test_every_text_is_one_sentence(contract: Any, port: Any, domain: Any, options: Any, classes: Any) -> None:
    found = told(contract.id, domain, classes, port=port.name, options=options)
    text = found["text"]
    assert re.fullmatch(r"[a-z][^\n]{20,140}[^.\s]", text), text
    assert not re.search(r"nan|inf\b|None|e-\d\d", text)


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_cross_entropy_on_probabilities(classes: int) -> None:
    found = told("cross_entropy", Domain.PROBABILITIES, classes)
    floor = float(F.cross_entropy(corner(classes), TARGET))
    assert found["floor"] == pytest.approx(floor, abs=1e-4)
    assert found["ceiling"] == pytest.approx(floor + 1, abs=1e-4)
    assert found["chance"] == pytest.approx(float(F.cross_entropy(torch.zeros(1, classes), TARGET)), abs=1e-4)
    assert found["text"] == f"with {classes} classes the loss cannot fall below {floor:.3f} (0 with logits)"


def test_cross_entropy_on_tanh_and_sigmoid() -> None:
    tanh = told("cross_entropy", Domain.SIGNED_UNIT, 10)
    assert tanh["floor"] == pytest.approx(float(F.cross_entropy(2 * corner(10) - 1, TARGET)), abs=1e-4)
    sigmoid = told("cross_entropy", Domain.UNIT_INTERVAL, 10)
    assert sigmoid["ceiling"] == pytest.approx(float(F.cross_entropy(1 - corner(10), TARGET)), abs=1e-4)


def test_label_smoothing_moves_both_floors() -> None:
    for contract, option in (("cross_entropy", "label_smoothing"), ("timm.LabelSmoothingCrossEntropy", "smoothing")):
        found = told(contract, Domain.PROBABILITIES, 10, options={option: 0.2})
        wrong = F.cross_entropy(corner(10), TARGET, label_smoothing=0.2)
        assert found["floor"] == pytest.approx(float(wrong), abs=1e-4)
        assert found["floor_right"] == pytest.approx(0.8669, abs=1e-4)
    default = told("timm.LabelSmoothingCrossEntropy", Domain.PROBABILITIES, 10)
    assert default["floor_right"] == pytest.approx(0.5003, abs=1e-4)


def test_a_switched_cross_entropy_is_judged_as_binary() -> None:
    found = told("mmseg.CrossEntropyLoss", Domain.UNIT_INTERVAL, 10, options={"use_sigmoid": True})
    assert found == told("bce_with_logits", Domain.UNIT_INTERVAL, 10)
    assert "with 10 classes" in told("mmseg.CrossEntropyLoss", Domain.PROBABILITIES, 10)["text"]


def test_dice_and_focal() -> None:
    many = {"mode": "multiclass"}
    dice = told("segmentation_models_pytorch.DiceLoss", Domain.PROBABILITIES, 4, options=many)
    assert dice["floor_balanced"] == pytest.approx(0.5246, abs=1e-4)
    assert evidence("monai.DiceLoss", Domain.PROBABILITIES, 4) is None
    assert told("monai.DiceLoss", Domain.PROBABILITIES, 4, options={"softmax": True}) == dice
    focal = told("torchvision.sigmoid_focal_loss", Domain.UNIT_INTERVAL)
    assert (focal["floor_negative"], focal["floor_positive"]) == pytest.approx((0.1300, 0.0057), abs=1e-4)
    bare = told("torchvision.sigmoid_focal_loss", Domain.UNIT_INTERVAL, options={"alpha": -1})
    assert (bare["floor_negative"], bare["floor_positive"]) == pytest.approx((0.1733, 0.0227), abs=1e-4)


def test_kl_div_depends_on_its_flag() -> None:
    uniform = torch.full((1, 10), 0.1)
    flag = told("kl_div", Domain.PROBABILITIES, 10, port="target", options={"log_target": True})
    measured = F.kl_div(uniform.log(), uniform, log_target=True, reduction="batchmean")
    assert flag["at_equality"] == pytest.approx(float(measured), abs=1e-3)
    assert evidence("kl_div", Domain.PROBABILITIES, 10, port="target") is None
    assert evidence("kl_div", Domain.LOG_PROBABILITIES, 10, port="target", options={"log_target": True}) is None


def test_sentences_about_targets() -> None:
    bytes_ = F.binary_cross_entropy_with_logits(torch.tensor([5.0]), torch.tensor([255.0]))
    assert f"{float(bytes_):.2f}" in told("bce_with_logits", Domain.BYTES)["text"]
    assert told("hinge_embedding", Domain.MULTI_HOT, options={"margin": 2.0})["floor"] == 2.0
    assert told("margin_ranking", Domain.MULTI_HOT, options={"margin": 0.5})["value"] == 0.5
    ranking = F.margin_ranking_loss(torch.ones(3), torch.zeros(3), torch.zeros(3), margin=0.5)
    assert float(ranking) == 0.5


def test_unknown_things_have_no_evidence() -> None:
    assert evidence("no_such_contract", Domain.PROBABILITIES, 10) is None
    assert evidence("cross_entropy", Domain.SCORES, 10) is None
    assert evidence("cross_entropy", Domain.PROBABILITIES, 10, port="no_such_port") is None
    assert evidence("timm.JsdCrossEntropy", Domain.PROBABILITIES, 10) is None  # another formula


def test_plain_rows_of_torch_are_those_whose_formula_was_checked() -> None:
    plain = {contract.id for contract in TORCH if contract.plain}
    assert plain == {"cross_entropy", "nll", "bce", "bce_with_logits", "soft_margin", "multilabel_soft_margin"}


def test_every_formula_says_what_it_is() -> None:
    functions = [f for _, f in inspect.getmembers(numbers, inspect.isfunction) if f.__module__ == numbers.__name__]
    assert len(functions) > 15
    assert all(f.__doc__ and len(f.__doc__) > 30 for f in functions)
