"""Losses with parameters of their own, and who is asked for parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.events import CriterionCalled, ParametersAsked
from lossadvisor.interpreter.freezing import frozen
from lossadvisor.interpreter.values import (
    Cls,
    Dict,
    External,
    Identity,
    Layer,
    Obj,
    Opaque,
    Seq,
    Tensor,
    Value,
    options,
)
from lossadvisor.project import NodePlace
from lossadvisor.transfers import LAYERS
from lossadvisor.transfers.model import Affine
from lossadvisor.values import Grad
from lossadvisor.values.marks import OfLoss, Weights

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

ASKING = frozenset({"parameters", "named_parameters", "modules", "named_modules", "children", "named_children"})
PARAMETERS = "parameters"
_METRIC = "pytorch_metric_learning.losses."
# Losses of libraries that hold class weights or proxies to be learnt. Sources: the page of AdaptiveLogSoftmaxWithLoss,
# https://kevinmusgrave.github.io/pytorch-metric-learning/losses/ ("requires an optimizer").
OWNING = frozenset({
    "torch.nn.AdaptiveLogSoftmaxWithLoss", "torch.nn.modules.adaptive.AdaptiveLogSoftmaxWithLoss",
    *(_METRIC + name for name in (
        "ArcFaceLoss", "CosFaceLoss", "LargeMarginSoftmaxLoss", "SphereFaceLoss", "SubCenterArcFaceLoss",
        "NormalizedSoftmaxLoss", "ProxyAnchorLoss", "ProxyNCALoss", "SoftTripleLoss",
    )),
})  # fmt: skip
_DEPTH = 6


def asked(machine: Machine, module: Obj | Layer | Seq | Dict, name: str, node: cst.Call | None) -> Opaque | None:
    """Note that a module is asked for its parts; what `parameters()` gives is known by its module."""
    if name not in ASKING:
        return None
    machine.events.append(ParametersAsked(module))
    return Opaque("the parameters of a module", (PARAMETERS, Identity(module))) if name == PARAMETERS else None


def called(machine: Machine, criterion: Obj | Layer, result: Value, node: cst.Call | None) -> None:
    """Note a call of something with parameters of its own that gave a loss."""
    if node is None or not any(_is_loss(single) for _, single in options(result)):
        return
    own = tuple(owned(criterion))
    if own:
        machine.events.append(CriterionCalled(machine.place(node), criterion, own, machine.chosen))


def _is_loss(value: Value) -> bool:
    match value:
        case Tensor(fact):
            return any(isinstance(mark, OfLoss) for mark in fact.marks)
        case Seq(items=[first, *_], kind="tuple"):
            return _is_loss(first)
        case _:
            return False


def owned(criterion: Obj | Layer) -> Iterator[Value]:
    """The parameters and learnt layers that a criterion makes itself; nothing of what it is given, or has frozen."""
    if isinstance(criterion, Layer):
        if criterion.name in OWNING and not frozen(criterion):
            yield criterion
        return
    if frozen(criterion) or not _is_module(criterion.cls):
        return
    for value in criterion.attrs.values():
        match value:
            case Tensor(fact) if fact.grad is Grad.FLOWS and not fact.trail and fact.marks <= {Weights()}:
                yield value
            case Layer(name=name, place=NodePlace() as place) if not frozen(value):
                row = LAYERS.get(name)
                inside = place.fragment.document is criterion.cls.fragment.document
                if row is not None and isinstance(row.operation.effect, Affine) and inside:
                    yield value
            case _:
                continue


def _is_module(cls: Cls) -> bool:
    return any(isinstance(one, External) and one.name.endswith("nn.Module") for one in cls.linear or ())


def reached(modules: Iterable[Value]) -> set[int]:
    """The identities of modules and of everything inside of them."""
    found: set[int] = set()
    waiting = [(one, 0) for one in modules]
    while waiting:
        value, depth = waiting.pop()
        for _, single in options(value):
            if id(single) in found:
                continue
            found.add(id(single))
            match single:
                case Obj(attrs=attrs) | Layer(attrs=attrs):
                    inner = list(attrs.values())
                case Seq(items=items):
                    inner = list(items)
                case Dict(items=named):
                    inner = list(named.values())
                case _:
                    continue
            if depth <= _DEPTH:
                waiting += [(one, depth + 1) for one in inner]
    return found
