"""Rules about building rather than computing: constructors handed tensors, softmax without an axis."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn

from lossadvisor.contracts import CONTRACTS
from lossadvisor.runtime.codes import CODES
from lossadvisor.runtime.judging.call import Suspicion
from lossadvisor.runtime.watching.report import LossFinding
from lossadvisor.runtime.watching.tally import Place

_ACTIVATIONS = (nn.Softmax, nn.LogSoftmax, nn.Softmin)
_TENSOR_OPTIONS = frozenset({"weight", "pos_weight"})
_IN_EVALUATION = frozenset({"LA101", "LA103", "LA105", "LA106"})


def initialisers() -> Iterator[FunctionType]:
    """The constructors of torch's losses and of the softmax modules, each once."""
    seen: set[FunctionType] = set()
    classes = [getattr(nn, name.rsplit(".", 1)[-1], None) for contract in CONTRACTS for name in contract.classes[:1]]
    for one in (*classes, *_ACTIVATIONS):
        function = getattr(one, "__init__", None)
        if isinstance(function, FunctionType) and function not in seen and function is not nn.Module.__init__:
            seen.add(function)
            yield function


def softmaxes() -> Iterator[FunctionType]:
    """The functions that guess an axis when none is given."""
    for name in ("softmax", "log_softmax", "softmin"):
        function = getattr(torch.nn.functional, name)
        if isinstance(function, FunctionType):
            yield function


def judge_loss(original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Suspicion | None:
    """A tensor among constructor arguments that are options: the module was built where it should be called."""
    if not args:
        return None
    module, given = args[0], args[1:]
    name = type(module).__name__
    if isinstance(module, _ACTIVATIONS):
        if any(isinstance(value, Tensor) for value in (*given, *kwargs.values())):
            return Suspicion("LA505", f"nn.{name}(tensor) builds a module and applies nothing", True, 64)
        return None
    if len(given) > 1 and isinstance(given[0], Tensor) and isinstance(given[1], Tensor):
        return Suspicion("LA501", f"nn.{name}(output, target) builds a loss and computes nothing", True, 64)
    wrong = [key for key, value in kwargs.items() if key not in _TENSOR_OPTIONS and isinstance(value, Tensor)]
    if wrong:
        return Suspicion("LA501", f"nn.{name} is built with a tensor as {wrong[0]}", True, 64)
    misplaced = _misplaced(original, args, kwargs)
    if misplaced is not None:
        return misplaced
    weight = kwargs.get("weight", given[0] if given else None)
    if isinstance(weight, (list, tuple)):
        return Suspicion("LA508", f"nn.{name} is built with a {type(weight).__name__} as weight", True, 64)
    return None


def _misplaced(original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Suspicion | None:
    """An option that landed in the place of another: a word where a flag, a number or a tensor belongs."""
    for name, value in (*zip(inspect.signature(original).parameters, args, strict=False), *kwargs.items()):
        word = isinstance(value, str) and name != "reduction"
        number = isinstance(value, (bool, int, float)) and name in _TENSOR_OPTIONS
        if word or number:
            text = f"nn.{type(args[0]).__name__} takes {value!r} as {name}"
            return Suspicion("LA512", text, True, 64, {"parameter": name})
    return None


def judge_softmax(original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Suspicion | None:
    """softmax(x) without dim: torch picks axis 0, 1 or the last by the number of axes."""
    dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
    tensor = args[0] if args else kwargs.get("input")
    if dim is not None or not isinstance(tensor, Tensor):
        return None
    rank = tensor.dim()
    axis = 0 if rank in (0, 1, 3) else 1
    return Suspicion("LA301", f"softmax without dim picks axis {axis} of {rank}", True, 64, {"axis": axis})


def evaluation_only(finding: LossFinding, place: Place, places: list[Place]) -> LossFinding:
    """LA118 instead of the input's own code, when the same loss saw clean scores wherever it trained."""
    if place.trained or finding.code not in _IN_EVALUATION:
        return finding
    training = [one for one in places if one is not place and one.loss == place.loss and one.trained]
    if not training or any(finding.code in one.signs for one in training):
        return finding
    rule = CODES["LA118"]
    text = f"{finding.message}; in training the same loss got scores"
    return replace(finding, code=rule.code, name=rule.name, severity=rule.severity, message=text, help=rule.help)
