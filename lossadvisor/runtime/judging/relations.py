"""What concerns the whole call: shapes against each other, options, a cut graph, arguments that are no tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from lossadvisor.runtime import lineage
from lossadvisor.runtime.judging.call import Call, Suspicion

# Losses that compare element by element, where shapes have to agree.
_ELEMENTWISE = frozenset(
    ["mse", "l1", "smooth_l1", "huber", "kl_div", "soft_margin", "hinge_embedding", "poisson_nll", "gaussian_nll"]
)
_CLASS_WEIGHTED = frozenset({"cross_entropy", "nll", "multi_margin"})


def judge(call: Call) -> Iterator[Suspicion]:
    """Suspicions about shapes, options and the graph of the call."""
    yield from _structure(call)
    yield from _options(call)
    prediction, target = call.prediction, call.target
    if prediction is None or target is None:
        return
    yield from _broadcast(call, prediction, target)
    yield from _moved_by_view(call, prediction)
    yield from _cut(call, prediction)


def _structure(call: Call) -> Iterator[Suspicion]:
    port = call.port("prediction")
    value = None if port is None else call.arguments.get(port.name)
    if port is None or value is None or isinstance(value, (Tensor, float, int)):
        return
    if isinstance(value, (tuple, list, Mapping)) or hasattr(value, "logits") or hasattr(value, "keys"):
        text = f"the loss is handed a {type(value).__name__}, not a tensor"
        yield Suspicion("LA509", text, True, 64, {"type": type(value).__name__})


def _options(call: Call) -> Iterator[Suspicion]:
    options = call.arguments
    old = [name for name in ("size_average", "reduce") if options.get(name) is not None]
    if old or options.get("reduction") == "elementwise_mean":
        text = f"deprecated: {', '.join(old) or 'reduction=elementwise_mean'}"
        yield Suspicion("LA503", text, True, 64)
    if call.contract.id == "kl_div" and options.get("reduction") == "mean" and not old:
        yield _kl_mean(call)
    weight, prediction = options.get("weight"), call.prediction
    if weight is None or prediction is None or call.contract.id not in _CLASS_WEIGHTED:
        return
    axis = call.class_axis()
    classes = prediction.shape[axis] if axis is not None and prediction.dim() else None
    if not isinstance(weight, Tensor):
        yield Suspicion("LA508", f"weight is a {type(weight).__name__}, not a tensor", True, 64)
    elif not weight.is_floating_point():
        yield Suspicion("LA508", f"weight is {weight.dtype}, not a float tensor", True, 64)
    elif classes is not None and tuple(weight.shape) != (classes,):
        yield Suspicion("LA508", f"weight has shape {tuple(weight.shape)} for {classes} classes", True, 64)


def _kl_mean(call: Call) -> Suspicion:
    prediction = call.prediction
    per_row = 0 if prediction is None or not prediction.dim() else prediction.numel() // max(prediction.shape[0], 1)
    text = f"reduction='mean' divides the divergence by {per_row} more than 'batchmean' does"
    return Suspicion("LA504", text, per_row > 1, 64 if per_row > 1 else 0, {"divided_by": per_row})


def _broadcast(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    if call.contract.id not in _ELEMENTWISE or prediction.shape == target.shape:
        return
    try:
        wide = torch.broadcast_shapes(prediction.shape, target.shape)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return
    if min(prediction.numel(), target.numel()) <= 1:
        return
    text = f"input {tuple(prediction.shape)} against target {tuple(target.shape)} compares {tuple(wide)} pairs"
    pairs = 1
    for size in wide:
        pairs *= size
    yield Suspicion("LA304", text, pairs > max(prediction.numel(), target.numel()), max(pairs, 1), {"compared": pairs})


def _moved_by_view(call: Call, prediction: Tensor) -> Iterator[Suspicion]:
    """(N, C, H, W) viewed as (-1, C): pixels and classes are mixed up although every size fits."""
    before = lineage.reshaped_from(prediction)
    if before is None or prediction.dim() != 2 or len(before) < 3 or call.class_axis() is None:
        return
    classes = prediction.shape[1]
    spatial = 1
    for size in before[2:]:
        spatial *= size
    if before[1] == classes and before[-1] != classes and spatial > 1 and before[0] * spatial == prediction.shape[0]:
        text = f"{before} was viewed as {tuple(prediction.shape)}: rows mix pixels and classes"
        yield Suspicion("LA305", text, True, prediction.numel(), {"before": before, "after": tuple(prediction.shape)})


def _cut(call: Call, prediction: Tensor) -> Iterator[Suspicion]:
    """A prediction that requires a gradient but holds decisions, or that was rounded on the way."""
    if not call.graph or not prediction.numel():
        return
    made = lineage.maker(prediction)
    if made is not None and made.op in ("round", "floor", "ceil", "sign", "trunc"):
        yield Suspicion("LA601", f"{made.op} stands before the loss: its gradient is zero", True, prediction.numel())
    elif prediction.is_leaf and prediction.requires_grad and not isinstance(prediction, torch.nn.Parameter):
        port = call.port("prediction")
        seen = call.measured("" if port is None else port.name, call.class_axis())
        if seen.integral and seen.elements > 1 and seen.spread > 0:
            text = "the prediction holds whole numbers and was made to require a gradient: no model stands behind it"
            yield Suspicion("LA601", text, False, seen.elements)
