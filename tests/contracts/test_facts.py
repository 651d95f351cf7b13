"""Shapes, kinds of element, ranges and reductions of the rows of torch, measured."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.contracts import TORCH, Autocast, Contract, Mismatch, Shapes
from lossadvisor.values import Dtype

from . import cells

pytestmark = pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")  # kl_div's default
MEASURED = [contract for contract in TORCH if contract.id in cells._CALLS]
WITH_TARGET = [contract for contract in MEASURED if any(port.role == "target" for port in contract.ports)]
KINDS = {Dtype.FLOAT: torch.float64, Dtype.INTEGER: torch.int64, Dtype.BOOL: torch.bool}


def ids(contracts: list[Contract]) -> list[str]:
    return [contract.id for contract in contracts]


def function(contract: Contract) -> Any:
    return getattr(F, contract.functionals[0].rsplit(".", 1)[1])


def passes(contract: Contract, arguments: dict[str, Any]) -> bool:
    name = contract.ports[0].name
    point = arguments[name].clone().requires_grad_()
    try:
        function(contract)(**{**arguments, name: point}).backward()
    except (RuntimeError, ValueError, NotImplementedError, TypeError, IndexError):
        return False
    return True


def as_kind(contract: Contract, target: Tensor, kind: Dtype) -> Tensor:
    if contract.id == "cross_entropy" and kind is Dtype.FLOAT:
        return cells.HOT
    return target.to(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("contract", WITH_TARGET, ids=ids(WITH_TARGET))
def test_kinds_of_target(contract: Contract, kind: Dtype) -> None:
    port = next(port for port in contract.ports if port.role == "target")
    arguments = cells.right(contract, {})
    arguments[port.name] = as_kind(contract, arguments[port.name], kind)
    assert passes(contract, arguments) == (not port.dtypes or kind in port.dtypes)


@pytest.mark.parametrize("contract", MEASURED, ids=ids(MEASURED))
def test_predictions_are_floats(contract: Contract) -> None:
    name = contract.ports[0].name
    arguments = cells.right(contract, {})
    assert passes(contract, arguments)
    assert arguments[name].dtype.is_floating_point
    assert contract.ports[0].dtypes == (Dtype.FLOAT,)


def column_against_row(contract: Contract) -> dict[str, Any]:
    """The right call with one side as a column and the other as a row."""
    row = torch.linspace(0.1, 0.9, 6, dtype=torch.float64)
    if contract.shapes is Shapes.TRIPLET:
        return {"anchor": torch.rand(6, 1, 2), "positive": torch.rand(1, 6, 2), "negative": torch.rand(1, 6, 2)}
    if contract.id == "cosine_embedding":
        return {"input1": torch.rand(6, 3), "input2": torch.rand(6, 3), "target": torch.ones(6, 1)}
    if contract.id == "margin_ranking":
        return {"input1": row[:, None], "input2": row[:, None], "target": row.sign()}
    if contract.shapes in {Shapes.CLASSES, Shapes.CLASSES_OR_EQUAL} or contract.id == "multi_margin":
        return {"input": torch.rand(6, 4), "target": torch.zeros(6, 1, dtype=torch.int64)}
    found = {"input": row[:, None], "target": row.long() if contract.id == "multilabel_margin" else row}
    return {**found, "var": row[:, None]} if contract.id == "gaussian_nll" else found


SHAPED = [contract for contract in MEASURED if contract.shapes is not Shapes.SEQUENCE]


@pytest.mark.parametrize("contract", SHAPED, ids=ids(SHAPED))
def test_a_column_against_a_row(contract: Contract) -> None:
    extra = {"reduction": "batchmean"} if contract.id == "kl_div" else {}  # the default warns for its own reason
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            function(contract)(**column_against_row(contract), **extra)
            found = Mismatch.WARNS if caught else Mismatch.SILENT
        except (RuntimeError, ValueError):
            found = Mismatch.RAISES
    assert found is contract.mismatch


def test_losses_with_a_head_of_their_own_refuse_columns() -> None:
    features, target = torch.rand(6, 8), torch.zeros(6, 1, dtype=torch.int64)
    for contract in TORCH:
        if contract.id == "linear_cross_entropy":
            with pytest.raises((RuntimeError, ValueError)):
                F.linear_cross_entropy(features, torch.rand(4, 8), target)
            assert contract.mismatch is Mismatch.RAISES
        if contract.id == "adaptive_log_softmax":
            with pytest.raises((RuntimeError, ValueError)):
                torch.nn.AdaptiveLogSoftmaxWithLoss(8, 6, [2])(features, target)
            assert contract.mismatch is Mismatch.RAISES


@pytest.mark.parametrize("contract", MEASURED, ids=ids(MEASURED))
def test_reductions(contract: Contract) -> None:
    arguments = cells.right(contract, {})
    for reduction in ("none", "mean", "sum", "batchmean", "average"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                function(contract)(**arguments, reduction=reduction)
                known = True
            except ValueError:
                known = False
        assert known == (reduction in contract.reductions), reduction


@pytest.mark.parametrize("contract", MEASURED, ids=ids(MEASURED))
def test_right_calls_stay_in_the_value_range(contract: Contract) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each = function(contract)(**cells.right(contract, {}), reduction="none")
    least, most = contract.value_range
    total = each.sum(-1) if contract.id == "kl_div" else each
    assert bool(total.isfinite().all())
    assert float(total.min()) >= (-math.inf if least is None else least) - 1e-6
    assert float(total.max()) <= (math.inf if most is None else most) + 1e-6


def test_the_named_bounds_are_reached() -> None:
    by_id = {contract.id: contract for contract in TORCH}
    saturated = F.binary_cross_entropy(torch.zeros(1), torch.ones(1))
    assert float(saturated) == by_id["bce"].value_range[1]
    opposite = F.cosine_embedding_loss(torch.ones(1, 3), -torch.ones(1, 3), torch.ones(1))
    assert float(opposite) == pytest.approx(by_id["cosine_embedding"].value_range[1])
    exact = F.gaussian_nll_loss(torch.zeros(1), torch.zeros(1), torch.zeros(1))
    assert float(exact) == pytest.approx(by_id["gaussian_nll"].value_range[0])


SPOKEN = [contract for contract in MEASURED if contract.autocast is not Autocast.UNKNOWN]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="the rows speak of autocast on CUDA")
@pytest.mark.parametrize("contract", SPOKEN, ids=ids(SPOKEN))
def test_autocast(contract: Contract) -> None:
    arguments = {
        name: value.cuda().half() if value.is_floating_point() else value.cuda()
        for name, value in cells.right(contract, {}).items()
    }
    with torch.autocast("cuda", dtype=torch.float16):
        if contract.autocast is Autocast.RAISES:
            with pytest.raises(RuntimeError, match="autocast"):
                function(contract)(**arguments)
        else:
            assert (function(contract)(**arguments).dtype is torch.float32) == (contract.autocast is Autocast.FLOAT32)
