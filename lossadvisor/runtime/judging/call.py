"""One observed call of a loss, its arguments bound to the contract's parameters, and the suspicions it raises."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cache
from typing import Any

import torch
from torch import Tensor

from lossadvisor.contracts import Contract
from lossadvisor.contracts.model import Constant, Port
from lossadvisor.late import dataclass
from lossadvisor.runtime.predicates import Measured, measure


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One broken rule as one call shows it.

    `proof` says that a single call settles it (an operation named by the graph, a value that is impossible otherwise);
    else the same sign must hold in every sampled call until `weight` (elements or rows seen) adds up to ENOUGH.
    """

    code: str
    sentence: str
    proof: bool
    weight: int
    numbers: Mapping[str, object] = field(default_factory=dict)


ENOUGH = 64
"""So many elements or rows must show a sign before it is believed: a chance below 2^-64 for signs of even odds."""


@dataclass(frozen=True)
class Call:
    """A loss call: `arguments` by parameter name as written or by default; `graph` tells whether autograd records.

    `unknown` names options whose values could not be told; the contract then says what all possibilities share.
    """

    contract: Contract
    arguments: Mapping[str, Any]
    graph: bool
    unknown: tuple[str, ...] = ()
    _measured: dict[tuple[str, int | None], Measured] = field(default_factory=dict, compare=False)

    def port(self, role: str) -> Port | None:
        """The first port of that role."""
        return next((port for port in self.contract.ports if port.role == role), None)

    def tensor(self, name: str) -> Tensor | None:
        """The argument of that name if it is a plain tensor whose numbers can be read."""
        value = self.arguments.get(name)
        return value if isinstance(value, Tensor) and readable(value) else None

    @property
    def prediction(self) -> Tensor | None:
        """The tensor at the prediction port."""
        port = self.port("prediction")
        return None if port is None else self.tensor(port.name)

    @property
    def target(self) -> Tensor | None:
        """The tensor at the target port."""
        port = self.port("target")
        return None if port is None else self.tensor(port.name)

    def constants(self) -> dict[str, Constant]:
        """The options with constant values, in the form the contracts ask for."""
        kinds = (bool, int, float, str, type(None))
        return {name: value for name, value in self.arguments.items() if isinstance(value, kinds)}

    def measured(self, name: str, axis: int | None = None) -> Measured:
        """The numbers of argument `name`, measured once per call."""
        key = (name, axis)
        if key not in self._measured:
            tensor = self.arguments[name]
            self._measured[key] = measure(tensor, None if axis is None else [axis, tensor.dim() - 1, 0])
        return self._measured[key]

    def class_axis(self) -> int | None:
        """The class axis of the prediction, where its contract has one: 0 for a single sample without a batch axis."""
        port, tensor = self.port("prediction"), self.prediction
        if port is None or tensor is None or port.class_axis is None or not tensor.dim():
            return None
        axis = port.class_axis
        return axis % tensor.dim() if -tensor.dim() <= axis < tensor.dim() else 0


def readable(tensor: Tensor) -> bool:
    """Whether looking at the numbers is possible and harmless: no fake, functorch, meta or other wrapped tensors."""
    if type(tensor) not in (Tensor, torch.nn.Parameter) or tensor.device.type == "meta":
        return False
    functorch = getattr(torch._C, "_functorch", None)
    if functorch is not None and functorch.is_functorch_wrapped_tensor(tensor):
        return False
    return not (tensor.is_sparse or tensor.is_quantized or tensor.is_nested)


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def bind(
    contract: Contract, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Call | None:
    """The call as the function will see it, or None when the arguments do not fit its signature."""
    try:
        bound = _signature(function).bind(*args, **kwargs)
    except TypeError:
        return None
    bound.apply_defaults()
    return Call(contract, dict(bound.arguments), torch.is_grad_enabled())
