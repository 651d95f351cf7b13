"""The target against its contract: dtype, range, meaning; told before torch raises or a device assert hides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from lossadvisor.contracts import Want
from lossadvisor.runtime import lineage
from lossadvisor.runtime.judging.call import Call, Suspicion
from lossadvisor.runtime.predicates import Measured
from lossadvisor.values import Dtype


def judge(call: Call) -> Iterator[Suspicion]:
    """Suspicions about the target of the call."""
    port = call.port("target")
    target, prediction = call.target, call.prediction
    if port is None or target is None or prediction is None or not target.numel():
        return
    if target.requires_grad and call.graph and prediction.requires_grad:
        yield Suspicion("LA207", "the target requires a gradient: it is pulled towards the prediction", False, 64)
    if _swapped(call, prediction, target):
        text = "the first argument holds labels and the second the model's output: they are exchanged"
        yield Suspicion("LA502", text, True, prediction.numel())
        return
    want = call.contract.want(port, call.constants())
    judge_want = _BY_WANT.get(want)
    if judge_want is not None:
        yield from judge_want(call, prediction, target)


def _swapped(call: Call, prediction: Tensor, target: Tensor) -> bool:
    """Labels where the output belongs: the graph hangs on the second argument and the first holds whole numbers."""
    if call.contract.id in ("mse", "l1", "smooth_l1", "huber") or prediction.requires_grad:
        return False
    if not target.is_floating_point() or not (target.requires_grad or not prediction.is_floating_point()):
        return False
    return call.measured(_name(call, "prediction")).integral and not call.measured(_name(call, "target")).integral


def _name(call: Call, role: str) -> str:
    port = call.port(role)
    return "" if port is None else port.name


def _seen(call: Call) -> Measured:
    axis = call.class_axis()
    return call.measured(_name(call, "target"), axis)


def _classes(call: Call, prediction: Tensor) -> int:
    axis = call.class_axis()
    weight = call.tensor("linear_weight")
    if axis is None and weight is not None and weight.dim() == 2:
        return weight.shape[0]
    return prediction.shape[axis] if axis is not None and prediction.dim() else 0


def _indices(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    """Targets of cross_entropy, nll_loss and multi_margin_loss."""
    same = target.shape == prediction.shape
    if target.is_floating_point() and same and call.contract.id == "cross_entropy" and prediction.dim() > 0:
        yield from _soft(call)
        return
    rest = _without_class_axis(prediction, call.class_axis())
    if target.is_floating_point():
        if _seen(call).integral:
            text = f"class indices arrive as {target.dtype}, shape {tuple(target.shape)}"
            yield Suspicion("LA201", text, True, target.numel(), {"dtype": str(target.dtype)})
        return
    if call.class_axis() is None:  # features: the loss owns the layer that makes scores of them
        if target.dtype != torch.bool and tuple(target.shape) == tuple(prediction.shape[:-1]):
            yield from _range(call, prediction, target)
        return
    if tuple(target.shape) != rest and prediction.dim() > 1:
        yield from _shapes(call, prediction, target, rest)
        return
    if target.dtype != torch.bool:
        yield from _range(call, prediction, target)
        yield from _padding(call, target)


def _soft(call: Call) -> Iterator[Suspicion]:
    """Floating targets of the shape of the input are read as class probabilities."""
    seen, axis = _seen(call), call.class_axis()
    sums = None if axis is None else seen.along(axis)
    if sums is None:
        return
    numbers: dict[str, object] = {"row_sums": (sums.least_sum, sums.greatest_sum), "maximum": seen.maximum}
    if seen.binary() and not (sums.least_sum == sums.greatest_sum == 1):
        if sums.greatest_sum > 1:
            text = f"rows of the target hold up to {sums.greatest_sum:.0f} ones: several labels per sample"
            yield Suspicion("LA206", text, True, seen.elements, numbers)
    elif seen.integral and seen.maximum > 1:
        text = f"whole numbers up to {seen.maximum:.0f} as floats of the input's shape are read as probabilities"
        yield Suspicion("LA201", text, True, seen.elements, numbers)


def _without_class_axis(prediction: Tensor, axis: int | None) -> tuple[int, ...]:
    shape = list(prediction.shape)
    if axis is not None and shape:
        del shape[axis]
    return tuple(shape)


def _shapes(call: Call, prediction: Tensor, target: Tensor, rest: tuple[int, ...]) -> Iterator[Suspicion]:
    numbers: dict[str, object] = {"input": tuple(prediction.shape), "target": tuple(target.shape)}
    last = (*prediction.shape[:-1],)
    if prediction.dim() > 2 and tuple(target.shape) == last and tuple(target.shape) != rest:
        text = f"classes stand on the last axis of {tuple(prediction.shape)}; the loss reads them from axis 1"
        yield Suspicion("LA305", text, True, target.numel(), numbers)
        return
    text = f"target has shape {tuple(target.shape)}, class indices for {tuple(prediction.shape)} have {rest}"
    if target.shape == prediction.shape and call.measured(_name(call, "target")).binary():
        text = f"integer one-hot target of shape {tuple(target.shape)}; class indices are wanted"
    yield Suspicion("LA202", text, True, target.numel(), numbers)


def _range(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    classes, ignore = _classes(call, prediction), call.arguments.get("ignore_index", -100)
    if not classes:
        return
    kept = target[target != ignore] if isinstance(ignore, int) else target
    if not kept.numel():
        return
    low, high = (int(number) for number in torch.stack(list(torch.aminmax(kept))).tolist())
    if low < 0 or high >= classes:
        text = f"class indices run from {low} to {high}, the input has {classes} classes (0 to {classes - 1})"
        numbers: dict[str, object] = {"lowest": low, "highest": high, "classes": classes, "ignore_index": ignore}
        yield Suspicion("LA208", text, True, target.numel(), numbers)


def _padding(call: Call, target: Tensor) -> Iterator[Suspicion]:
    """Sequences of one batch that end in runs of one value, of different lengths, which stands nowhere else."""
    base = target._base
    rows = base if base is not None and base.dim() == 2 and base.numel() == target.numel() else target
    if rows.dim() != 2 or rows.shape[0] < 2 or rows.shape[1] < 3 or call.contract.id not in ("cross_entropy", "nll"):
        return
    value = rows[:, -1].mode().values
    same = rows == value
    tails = same.flip(1).long().cumprod(1).sum(1)
    counts = torch.stack([value, same.sum(), tails.sum(), (tails > 0).sum(), tails.min(), tails.max()]).tolist()
    padding, everywhere, at_ends, padded, least, most = (int(count) for count in counts)
    if everywhere != at_ends or padded * 2 < len(rows) or least == most or most < 2:
        return
    if padding != call.arguments.get("ignore_index", -100):
        text = f"{padded} of {len(rows)} sequences end in runs of {padding}, which is not ignore_index: it counts"
        numbers: dict[str, object] = {
            "padding": padding,
            "longest_run": most,
            "share_of_targets": at_ends / rows.numel(),
        }
        yield Suspicion("LA209", text, False, 8 * len(rows), numbers)


def _unit(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    """Targets of the binary cross entropies."""
    if not target.is_floating_point():
        text = f"the target is {target.dtype}; binary cross entropy wants floats"
        yield Suspicion("LA203", text, call.contract.id in ("bce", "bce_with_logits"), target.numel())
    seen = _seen(call)
    if seen.kind is not Dtype.BOOL and (seen.minimum < 0 or seen.maximum > 1):
        text = f"targets run from {seen.minimum:.4g} to {seen.maximum:.4g}, outside [0, 1]: the loss has no lower bound"
        yield Suspicion("LA204", text, True, seen.elements, {"minimum": seen.minimum, "maximum": seen.maximum})


def _signs(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    """Targets of losses that read -1 and +1."""
    seen = _seen(call)
    if seen.binary() and seen.zeros > 0:
        text = f"{seen.zeros:.0%} of the labels are 0; the loss knows -1 and +1"
        yield Suspicion("LA205", text, True, seen.elements, {"share_of_zeros": seen.zeros})


def _index_list(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    """MultiLabelMarginLoss: a multi-hot row is read as the class indices 0 and 1."""
    seen = _seen(call)
    if seen.binary() and seen.elements and seen.shape[-1] > 2:
        text = "the target holds only 0 and 1: a multi-hot row is read as a list of the classes 0 and 1"
        yield Suspicion("LA213", text, False, seen.elements)


def _distribution(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    """KLDivLoss without log_target."""
    seen = _seen(call)
    if seen.minimum < 0:
        text = f"the target goes down to {seen.minimum:.4g}; probabilities are wanted (log_target is False)"
        yield Suspicion("LA111", text, True, seen.elements, {"minimum": seen.minimum})
    elif seen.maximum > 1.01:
        text = f"the target goes up to {seen.maximum:.4g}; probabilities are wanted"
        yield Suspicion("LA111", text, True, seen.elements, {"maximum": seen.maximum})


def _log_distribution(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    """KLDivLoss with log_target."""
    seen = _seen(call)
    if seen.maximum > 0.01:
        text = f"log_target is True and the target goes up to {seen.maximum:.4g}: it is not in log space"
        yield Suspicion("LA111", text, True, seen.elements, {"maximum": seen.maximum})


def _real(call: Call, prediction: Tensor, target: Tensor) -> Iterator[Suspicion]:
    """Regression on class labels: whole-number targets against probabilities."""
    made = lineage.maker(prediction)
    if made is None or made.op != "softmax" or prediction.shape != target.shape:
        return
    seen = _seen(call)
    if seen.binary() and any(s.least_sum == s.greatest_sum == 1 and s.size > 1 for s in seen.axes):
        text = "a regression loss compares softmax outputs with one-hot labels: its gradient fades for sure mistakes"
        yield Suspicion("LA212", text, True, seen.elements)


_BY_WANT: dict[Want, Callable[[Call, Tensor, Tensor], Iterator[Suspicion]]] = {
    Want.CLASS_INDICES: _indices,
    Want.CLASS_INDICES_OR_PROBABILITIES: _indices,
    Want.UNIT_TARGET: _unit,
    Want.SIGN_TARGET: _signs,
    Want.INDEX_LIST: _index_list,
    Want.DISTRIBUTION: _distribution,
    Want.LOG_DISTRIBUTION: _log_distribution,
    Want.REAL: _real,
}
