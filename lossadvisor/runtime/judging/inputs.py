"""The prediction against its contract: the matrix (want, measured domain) -> code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch

from lossadvisor.contracts import Want
from lossadvisor.contracts.model import Port
from lossadvisor.runtime import lineage
from lossadvisor.runtime.judging.call import Call, Suspicion
from lossadvisor.runtime.judging.meaning import Meaning, meaning
from lossadvisor.runtime.predicates import Measured
from lossadvisor.runtime.signatures import double_sigmoid_floor, double_softmax_floor
from lossadvisor.values import Domain

D = Domain
_LOGS = {"nll": ("LA108", "LA109"), "kl_div": ("LA110", "LA110"), "ctc": ("LA112", "LA112")}

# What a port wants -> domain measured -> code. Log-probability ports depend on the loss and stand in _LOGS.
CODES: dict[Want, dict[Domain, str]] = {
    Want.LOGITS: {
        D.PROBABILITIES: "LA101", D.LOG_PROBABILITIES: "LA102", D.UNIT_INTERVAL: "LA103", D.SIGNED_UNIT: "LA103",
        D.RECTIFIED: "LA104", D.DROPPED: "LA104",
    },
    Want.BINARY_LOGITS: {
        D.UNIT_INTERVAL: "LA105", D.LOG_UNIT_INTERVAL: "LA105", D.PROBABILITIES: "LA106", D.LOG_PROBABILITIES: "LA106",
        D.RECTIFIED: "LA104", D.DROPPED: "LA104",
    },
    Want.ELEMENT_PROBABILITIES: {
        D.PROBABILITIES: "LA106", D.SCORES: "LA107", D.REAL: "LA107", D.SIGNED_UNIT: "LA107", D.RECTIFIED: "LA107",
        D.DROPPED: "LA107", D.SIMILARITY: "LA107", D.LOG_PROBABILITIES: "LA107", D.LOG_UNIT_INTERVAL: "LA107",
        D.UNIT_INTERVAL: "LA403",
    },
    Want.MARGIN_SCORES: {D.PROBABILITIES: "LA113", D.UNIT_INTERVAL: "LA113"},
    Want.LOG_RATE: {D.NON_NEGATIVE: "LA115", D.RECTIFIED: "LA115"},
    Want.RATE: {D.SCORES: "LA115", D.REAL: "LA115"},
    Want.VARIANCE: {
        D.SCORES: "LA114", D.REAL: "LA114", D.SIGNED_UNIT: "LA114", D.LOG_PROBABILITIES: "LA114",
        D.LOG_UNIT_INTERVAL: "LA114",
    },
}  # fmt: skip
# Domain that reaches a port for log-probabilities -> place of the code in _LOGS.
_LOG_WANT = {
    D.PROBABILITIES: 0, D.UNIT_INTERVAL: 0, D.NON_NEGATIVE: 1, D.SCORES: 1, D.REAL: 1, D.LOG_UNIT_INTERVAL: 1,
    D.RECTIFIED: 1, D.SIGNED_UNIT: 1, D.DROPPED: 1, D.SIMILARITY: 1,
}  # fmt: skip
_SQUASHED = frozenset({D.PROBABILITIES, D.UNIT_INTERVAL, D.LOG_PROBABILITIES, D.LOG_UNIT_INTERVAL})
_LOG_SLACK = 0.05
"""Log-probabilities with an epsilon inside the logarithm end this much above 0 at most."""
_SQUASHED_OR_CUT = frozenset({D.PROBABILITIES, D.UNIT_INTERVAL, D.RECTIFIED, D.DROPPED})
_NOT_PROBABLE = frozenset({D.SCORES, D.REAL, D.LOG_PROBABILITIES, D.LOG_UNIT_INTERVAL})
# What a port of another package's loss wants -> domains that break it: the cells of the rule library-loss-domain,
# with REAL (values measured outside [0, 1]) beside SCORES.
PACKAGES: dict[Want, frozenset[Domain]] = {
    Want.LOGITS: _SQUASHED_OR_CUT | {D.SIGNED_UNIT},
    Want.BINARY_LOGITS: _SQUASHED_OR_CUT | {D.LOG_PROBABILITIES, D.LOG_UNIT_INTERVAL},
    Want.EITHER_LOGITS: _SQUASHED_OR_CUT,
    Want.PROBABILITIES: _NOT_PROBABLE,
    Want.ELEMENT_PROBABILITIES: _NOT_PROBABLE,
    Want.CLASS_PROBABILITIES: _NOT_PROBABLE,
    Want.MARGIN_SCORES: frozenset({D.PROBABILITIES, D.UNIT_INTERVAL}),
}
_BETWEEN_0_AND_1 = frozenset({Want.ELEMENT_PROBABILITIES, Want.PROBABILITIES, Want.CLASS_PROBABILITIES})
_ONLY_BY_GRAPH = frozenset({"LA102", "LA403", "LA115"})
"""Codes for which numbers alone say too little, except where they are impossible (a proof)."""


def code_of(contract: str, want: Want, domain: Domain) -> str | None:
    """The rule broken when a port of `contract` that wants `want` is handed `domain`; None: no claim."""
    if want is Want.LOG_PROBABILITIES:
        place = _LOG_WANT.get(domain)
        return None if place is None or contract not in _LOGS else _LOGS[contract][place]
    if contract == "multilabel_soft_margin" and domain in _SQUASHED:
        return "LA113"
    return CODES.get(want, {}).get(domain)


def _package_code(want: Want, domain: Domain) -> str | None:
    return "LA116" if domain in PACKAGES.get(want, ()) else None


def judge(call: Call) -> Iterator[Suspicion]:
    """Suspicions about every floating prediction-side port of the call."""
    axis = call.class_axis()
    for port in call.contract.ports:
        tensor = call.tensor(port.name)
        if port.role == "target" or tensor is None or not tensor.numel() or not tensor.is_floating_point():
            continue
        own_axis = axis if port.role == "prediction" else None
        seen = call.measured(port.name, own_axis)
        want = call.contract.want(port, call.constants(), call.unknown)
        found = _impossible(want, seen) or meaning(tensor, seen, own_axis)
        if found is not None:
            yield from _compare(call, port, found, own_axis)
        if port.role == "prediction":
            yield from _stability(call, tensor)
            yield from _single_unit(call, tensor, axis)


def _impossible(want: Want, seen: Measured) -> Meaning | None:
    """Numbers that the port cannot take at all, whatever made them."""
    low, high = seen.minimum, seen.maximum
    outside = want in _BETWEEN_0_AND_1 and not seen.in_unit()
    if outside or (want in (Want.VARIANCE, Want.RATE) and low < 0):
        text = f"the values run from {low:.4g} to {high:.4g}"
        return Meaning(D.REAL, None, True, seen.elements, text, None, {"minimum": low, "maximum": high})
    return None


def _compare(call: Call, port: Port, found: Meaning, axis: int | None) -> Iterator[Suspicion]:
    want = call.contract.want(port, call.constants(), call.unknown)
    foreign = call.contract.library != "torch"
    code = _package_code(want, found.domain) if foreign else code_of(call.contract.id, want, found.domain)
    name = _short(call)
    distributions = (D.PROBABILITIES, D.LOG_PROBABILITIES)
    if found.domain in distributions and axis is not None and found.axis not in (None, axis):
        tensor = call.arguments[port.name]
        if tensor.shape[axis] > 1:
            yield Suspicion(
                "LA302", f"{found.words}: normalised over axis {found.axis}, while {name} reads classes on axis {axis}",
                found.proof, found.weight, {**found.numbers, "axis": found.axis, "class_axis": axis},
            )  # fmt: skip
        return
    if found.domain is D.PROBABILITIES and want is Want.ELEMENT_PROBABILITIES and found.axis == 0:
        seen = call.measured(port.name)
        if len(seen.shape) == 2 and seen.shape[0] > 1 and (found.op is not None or seen.shape[1] > 1):
            found = replace(found, words=f"{found.words}: every column sums to 1, the softmax ran over the batch")
            code = "LA302"
    loose = want is Want.LOG_PROBABILITIES and found.op is None and found.domain in (D.REAL, D.NON_NEGATIVE)
    if loose and call.measured(port.name, axis).maximum <= _LOG_SLACK:
        return
    if want is Want.LOG_PROBABILITIES and found.domain is D.LOG_UNIT_INTERVAL and found.op == "log_softmax":
        return  # single entries of log-probabilities
    if found.op == "softmax" and found.domain is D.UNIT_INTERVAL:  # single entries of a softmax
        code = {"LA105": "LA106", "LA403": None}.get(code or "", code)
    if code is None or (code in _ONLY_BY_GRAPH and found.op is None and not found.proof):
        return
    if code == "LA101" and _is_contrastive(call):
        code = "LA120"
    if code == "LA106" and call.arguments[port.name].shape[-1] == 1:
        return  # a softmax over one unit is reported as such
    text = f"{found.words} reach {name}" if found.op else f"{found.words}; {_wants(want, name)}"
    numbers = {**found.numbers, **_bounds(code, call, axis)}
    yield Suspicion(code, text, found.proof, found.weight, numbers)


def _bounds(code: str, call: Call, axis: int | None) -> dict[str, object]:
    """The lowest value that the loss can still reach, by the closed forms of `signatures`."""
    prediction, target = call.prediction, call.target
    if code in ("LA101", "LA103", "LA120") and axis is not None and prediction is not None:
        classes = prediction.shape[axis]
        return {"classes": classes, "lowest_reachable_loss": double_softmax_floor(classes), "with_logits": 0.0}
    if code == "LA105" and target is not None and target.is_floating_point():
        positive = call.measured("target").ones
        return {"lowest_reachable_loss": double_sigmoid_floor(positive), "with_logits": 0.0}
    return {}


def _wants(want: Want, name: str) -> str:
    return f"{name} wants {want.value.replace('-', ' ')}"


def _short(call: Call) -> str:
    names = call.contract.functionals or call.contract.classes
    return names[0].rsplit(".", 1)[-1]


def _is_contrastive(call: Call) -> bool:
    """Square scores whose targets are 0, 1, 2, ...: each row is told to find itself."""
    scores, target = call.prediction, call.target
    if scores is None or target is None or scores.dim() != 2 or scores.shape[0] != scores.shape[1] < 2:
        return False
    if target.is_floating_point() or target.shape != scores.shape[:1]:
        return False
    return bool((target == torch.arange(len(target), device=target.device)).all())


def _stability(call: Call, tensor: torch.Tensor) -> Iterator[Suspicion]:
    """Forms that lose precision before they reach the loss; read from the graph alone."""
    elements = tensor.numel()
    if lineage.made_by(tensor, "log", "softmax"):
        yield Suspicion("LA401", "log is taken of a softmax: -inf once a probability underflows", True, elements)
    elif lineage.made_by(tensor, "log", "sigmoid") or lineage.made_by(tensor, "log", "rsub", "sigmoid"):
        yield Suspicion("LA402", "log is taken of a sigmoid: -inf once it rounds to 0 or 1", True, elements)
    elif lineage.made_by(tensor, "log", "relu"):
        yield Suspicion("LA408", "log is taken of a rectified value, which can be 0", True, elements)
    quotients = (("div",), ("log", "div"))
    if any(lineage.made_by(tensor, *q, "exp") and lineage.made_by(tensor, *q, "sum", "exp") for q in quotients):
        yield _overflow(elements)
    if call.contract.id == "bce" and _autocasts(tensor):
        text = "binary_cross_entropy runs inside autocast, which refuses it on CUDA and XPU"
        yield Suspicion("LA406", text, True, elements, {"device": tensor.device.type})


def _autocasts(tensor: torch.Tensor) -> bool:
    """Whether autocast is on for the device of `tensor`; torch before 2.4 asks per device by name."""
    try:
        return torch.is_autocast_enabled(tensor.device.type)
    except TypeError:
        return torch.is_autocast_cpu_enabled() if tensor.device.type == "cpu" else torch.is_autocast_enabled()


def _overflow(elements: int) -> Suspicion:
    limit = float(torch.finfo(torch.float32).max)
    text = "exp is divided by its own sum without subtracting the maximum: inf from a score of 88.73 in float32"
    return Suspicion("LA404", text, True, elements, {"largest_float32": limit})


def _prediction_name(call: Call) -> str:
    port = call.port("prediction")
    return "" if port is None else port.name


def _single_unit(call: Call, tensor: torch.Tensor, axis: int | None) -> Iterator[Suspicion]:
    made = lineage.maker(tensor)
    one_class = axis is not None and tensor.dim() > 1 and tensor.shape[axis] == 1 and call.contract.id in (
        "cross_entropy", "nll", "kl_div"
    )  # fmt: skip
    seen = call.measured(_prediction_name(call), axis)
    constant = {"softmax": seen.ones == 1, "log_softmax": seen.zeros == 1}
    soft = made is not None and constant.get(made.op, False) and tensor.numel() > 1
    if one_class or soft:
        text = "softmax over a single unit: the result is constant and no gradient comes back"
        yield Suspicion("LA303", text, True, tensor.numel(), {"shape": tuple(tensor.shape)})
