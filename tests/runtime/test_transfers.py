"""The linter's transfer table against torch: each operation is run on tensors of each domain it may meet.

Whatever domain the table promises for the result has to hold for the numbers; promising nothing is always allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.runtime import satisfies
from lossadvisor.transfers.apply import apply
from lossadvisor.transfers.model import Affine, Becomes, Cast, Clamped, Cut, Detached, Mapped, Normalised, Operation
from lossadvisor.transfers.table import FUNCTIONS, METHODS
from lossadvisor.values import Domain, Dtype, Fact, Grad

_Z = torch.randn(64, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3
_BITS = (_Z > 0).double()
INPUTS: dict[Domain, Tensor] = {
    Domain.SCORES: _Z,
    Domain.REAL: _Z + 1,
    Domain.RECTIFIED: _Z.relu(),
    Domain.NON_NEGATIVE: _Z.square(),
    Domain.PROBABILITIES: _Z.softmax(1),
    Domain.LOG_PROBABILITIES: _Z.log_softmax(1),
    Domain.UNIT_INTERVAL: _Z.sigmoid(),
    Domain.LOG_UNIT_INTERVAL: F.logsigmoid(_Z),
    Domain.SIGNED_UNIT: _Z.tanh(),
    Domain.ONE_HOT: F.one_hot(_Z.argmax(1), 5).double(),
    Domain.MULTI_HOT: _BITS,
    Domain.SIGNS: 2 * _BITS - 1,
}
_AXIS = {Domain.PROBABILITIES: 1, Domain.LOG_PROBABILITIES: 1, Domain.ONE_HOT: 1}
# Operations whose other arguments the table does not give a default for.
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "pow": {"exponent": 2},
    "prelu": {"weight": torch.tensor(0.25, dtype=torch.float64)},
    "normalize": {},
}
_ZERO_FREE = frozenset({"sign", "sgn", "sign_"})  # the sign of 0 is 0; floats that a layer made are never exactly 0
_BEYOND = frozenset({"embedding", "layer_norm", "batch_norm", "instance_norm", "group_norm"})
_EFFECTS = (Normalised, Becomes, Mapped, Cut, Detached, Cast, Clamped)


def _callable(name: str) -> Callable[..., Any] | None:
    found: Any = torch
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found if callable(found) else None


def _unary() -> list[tuple[str, Operation]]:
    rows = {**FUNCTIONS, **{"torch.Tensor." + name: operation for name, operation in METHODS.items()}}
    chosen = []
    for name, operation in rows.items():
        last = name.rsplit(".", 1)[-1]
        single = operation.parameters[:1] in (("input",), ("logits",)) and "other" not in operation.parameters
        if isinstance(operation.effect, _EFFECTS) and single and last not in _BEYOND and not isinstance(
            operation.effect, Affine
        ):  # fmt: skip
            chosen.append((name, operation))
    return chosen


UNARY = _unary()


def _options(name: str, operation: Operation) -> dict[str, Any]:
    if isinstance(operation.effect, Normalised):
        return {"dim": 1}
    if isinstance(operation.effect, Clamped):
        return {"min": 0, "max": 1}
    return _ARGUMENTS.get(name.rsplit(".", 1)[-1].rstrip("_"), {})


@pytest.mark.parametrize(("name", "operation"), UNARY, ids=[name for name, _ in UNARY])
def test_promised_domain_holds(name: str, operation: Operation) -> None:
    function = _callable(name)
    assert function is not None, f"torch has no {name}"
    options = _options(name, operation)
    for domain, tensor in INPUTS.items():
        fact = Fact(domain, axis=_AXIS.get(domain), dtype=Dtype.FLOAT, grad=Grad.FLOWS)
        if name.endswith(".byte") and float(tensor.min()) < 0:
            continue  # negative numbers wrap around in uint8
        promised = apply(operation, fact, {key: value for key, value in options.items() if not torch.is_tensor(value)})
        result = function(tensor.clone(), **options)
        if name.rsplit(".", 1)[-1] in _ZERO_FREE and bool((tensor == 0).any()):
            continue
        if promised.domain in (Domain.SCORES, Domain.REAL):
            assert result.is_floating_point(), f"{name} of {domain.value}: promised {promised.domain.value}"
            continue
        if promised.axis is None and result.is_floating_point():
            result = result[~result.isnan()]  # outside the domain of the function itself: sqrt(-1)
        assert satisfies(result, promised.domain, promised.axis), f"{name} of {domain.value}: {promised.domain.value}"


def test_enough_operations_are_covered() -> None:
    assert len(UNARY) > 60
    assert {"torch.softmax", "torch.nn.functional.log_softmax", "torch.sigmoid", "torch.Tensor.exp"} <= {
        name for name, _ in UNARY
    }


@pytest.mark.parametrize(("name", "operation"), UNARY, ids=[name for name, _ in UNARY])
def test_promised_gradient_holds(name: str, operation: Operation) -> None:
    """Where the table says that no gradient flows, none does; where it says it flows, one comes back."""
    function = _callable(name)
    assert function is not None
    leaf = _Z.clone().requires_grad_()
    options = _options(name, operation)
    result = function(leaf * 1, **options)
    promised = apply(operation, Fact(Domain.SCORES, dtype=Dtype.FLOAT, grad=Grad.FLOWS), {}).grad
    if promised in (Grad.CUT, Grad.DETACHED):
        if result.requires_grad:
            (gradient,) = torch.autograd.grad(result.sum(), leaf)
            assert float(gradient.abs().max()) == 0
    elif promised is Grad.FLOWS and result.is_floating_point():
        weights = torch.linspace(1, 2, result.numel(), dtype=torch.float64).view_as(result)
        (gradient,) = torch.autograd.grad((result * weights).nan_to_num(posinf=0, neginf=0).sum(), leaf)
        assert float(gradient.nan_to_num().abs().max()) > 0
