"""The rows of torch.nn against the signatures of the installed torch."""

from __future__ import annotations

import inspect
import re
import warnings
from typing import Any

import pytest
import torch

from lossadvisor.contracts import TORCH, Contract, Parameter
from lossadvisor.values import Dtype

GONE = {"torch.nn.functional.nll_loss2d"}  # old code still calls it
EMPTY = inspect.Parameter.empty
BY_ID = {contract.id: contract for contract in TORCH}


def resolve(name: str) -> Any:
    parts = name.split(".")
    found: Any = torch
    for part in parts[1:]:
        found = getattr(found, part)
    return found


def described(parameters: tuple[Parameter, ...]) -> list[tuple[str, object, bool]]:
    return [
        (p.name, "opaque" if p.opaque else EMPTY if p.required else p.default, p.keyword_only) for p in parameters
    ]


def actual(callable_: Any) -> list[tuple[str, object, bool]]:
    rows = []
    for p in inspect.signature(callable_).parameters.values():
        constant = isinstance(p.default, (bool, int, float, str)) or p.default in (None, EMPTY)
        rows.append((p.name, p.default if constant else "opaque", p.kind is p.KEYWORD_ONLY))
    return rows


def canonical(contract: Contract) -> str:
    return contract.functionals[0]


def ids(contracts: Any) -> list[str]:
    return [contract.id for contract in contracts]


def test_every_loss_class_of_torch_has_a_row() -> None:
    known = {name for contract in TORCH for name in contract.classes}
    assert {f"torch.nn.{name}" for name in dir(torch.nn) if name.endswith(("Loss", "WithLoss"))} <= known


def test_every_functional_loss_has_a_row() -> None:
    known = {name for contract in TORCH for name in contract.functionals}
    words = re.compile(r"_loss$|^kl_div$|cross_entropy")
    names = {name for name in dir(torch.nn.functional) if words.search(name)}
    assert len(names) > 20
    assert {f"torch.nn.functional.{name}" for name in names} <= known


def test_every_loss_operator_of_torch_has_a_row() -> None:
    known = {operator.name for contract in TORCH for operator in contract.operators}
    words = re.compile(r"^(?!_|miopen|cudnn).*(_loss$|^kl_div$|cross_entropy)|^kl_div$")
    assert {f"torch.{name}" for name in dir(torch) if words.search(name)} == known


@pytest.mark.parametrize("contract", TORCH, ids=ids(TORCH))
def test_constructor(contract: Contract) -> None:
    assert described(contract.constructor) == actual(resolve(contract.classes[0]))


@pytest.mark.parametrize("contract", TORCH, ids=ids(TORCH))
def test_forward(contract: Contract) -> None:
    assert described(contract.call) == actual(resolve(contract.classes[0]).forward)[1:]


WITH_FUNCTION = [contract for contract in TORCH if contract.functionals]


@pytest.mark.parametrize("contract", WITH_FUNCTION, ids=ids(WITH_FUNCTION))
def test_functional(contract: Contract) -> None:
    assert described(contract.function) == actual(resolve(canonical(contract)))


@pytest.mark.parametrize("contract", TORCH, ids=ids(TORCH))
def test_aliases_are_the_same_object(contract: Contract) -> None:
    builtins = {operator.name for operator in contract.operators}
    assert builtins <= set(contract.functionals)
    for names in (contract.classes, contract.functionals):
        for name in set(names) - builtins - GONE:
            owner = next(n for n in names if n.rsplit(".", 1)[1] == name.rsplit(".", 1)[1])
            assert resolve(name) is resolve(owner)


def test_names_that_are_gone_are_gone() -> None:
    for name in GONE:
        with pytest.raises(AttributeError):
            resolve(name)


def test_the_legacy_class_is_a_subclass_with_the_same_forward() -> None:
    assert issubclass(torch.nn.NLLLoss2d, torch.nn.NLLLoss)
    assert torch.nn.NLLLoss2d.forward is torch.nn.NLLLoss.forward


WITH_OPERATOR = [(contract, operator) for contract in TORCH for operator in contract.operators]


@pytest.mark.parametrize(("contract", "operator"), WITH_OPERATOR, ids=[o.name for _, o in WITH_OPERATOR])
def test_operators_match_their_schema(contract: Contract, operator: Any) -> None:
    name = operator.name.removeprefix("torch.")
    schemas = [s for s in torch._C._jit_get_schemas_for_operator(f"aten::{name}") if "out" not in s.overload_name]
    schema = schemas[0]
    rows = [
        ("input" if a.name == "self" else a.name, a.default_value if a.has_default_value() else EMPTY, a.kwarg_only)
        for a in schema.arguments
    ]
    assert described(operator.parameters) == [
        (n, pytest.approx(d) if isinstance(d, float) else d, k) for n, d, k in rows
    ]
    assert contract.parameters(operator.name) is operator.parameters
    assert resolve(operator.name) is not resolve(canonical(contract))


@pytest.mark.parametrize("contract", TORCH, ids=ids(TORCH))
def test_deprecated_parameters_warn(contract: Contract) -> None:
    expected = {p.name for p in contract.constructor} & {"size_average", "reduce"}
    assert set(contract.deprecated) == expected
    for name in expected:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            resolve(contract.classes[0])(**{name: True})
        assert any("deprecated" in str(w.message) for w in caught)


@pytest.mark.parametrize("contract", TORCH, ids=ids(TORCH))
def test_default_reduction(contract: Contract) -> None:
    written = [p.default for p in (*contract.constructor, *contract.function) if p.name == "reduction"]
    assert set(written) <= {contract.reduction}
    assert contract.reduction in contract.reductions
    assert written or contract.id == "adaptive_log_softmax"


@pytest.mark.parametrize("contract", TORCH, ids=ids(TORCH))
def test_every_port_is_fed(contract: Contract) -> None:
    fed = {port for p in (*contract.call, *contract.function) if (port := contract.feeds(p))}
    assert fed == set(contract.ports)
    predictions = [port for port in contract.ports if port.role == "prediction"]
    assert len(predictions) == 1
    assert all(port.dtypes in ((), (Dtype.FLOAT,)) for port in predictions)
    assert contract.feeds(contract.call[0]) == predictions[0]
