"""Prediction and target in each other's place, and whole outputs in place of one tensor."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, behind, made, only_cast, sure_of
from lossadvisor.checking.compare import Alternative, Judged
from lossadvisor.contracts import Family
from lossadvisor.interpreter.values import Dict, Known, Obj, Opaque, Seq, options
from lossadvisor.values import Domain, Dtype, Fact, Grad
from lossadvisor.values.marks import Ones

_OUTPUTS = frozenset({
    Domain.SCORES, Domain.PROBABILITIES, Domain.LOG_PROBABILITIES, Domain.UNIT_INTERVAL, Domain.LOG_UNIT_INTERVAL,
})
_LABELS = frozenset({Domain.INDICES, Domain.ONE_HOT, Domain.MULTI_HOT, Domain.SIGNS, Domain.BYTES})
_CASTS = frozenset({"float", "double", "half", "long", "int", "to", "type", "detach"})
_ORDERED = (Family.CROSS_ENTROPY, Family.NLL, Family.BCE, Family.BCE_WITH_LOGITS, Family.DIVERGENCE)


def swapped_arguments(seen: Seen) -> Iterator[Hit]:
    """The output of a model as the target, and something that is no output of a model as the prediction."""
    for call, ports in seen.calls.items():
        if call.contract.family not in _ORDERED or call.contract.library != "torch":
            continue
        prediction = next((one for one in ports if one.port.role == "prediction"), None)
        target = next((one for one in ports if one.port.role == "target"), None)
        if prediction is None or target is None:
            continue
        if call.contract.family is Family.DIVERGENCE:
            found = _divergence(prediction, target)
        else:
            found = _labels(prediction, target)
        if found is not None:
            # Scores may be cast to floats as well, where nobody knows what they are; to integers never.
            doubts = int(found.fact.dtype is Dtype.FLOAT and _cast_only(found.fact))
            yield Hit(
                prediction.argument.place, sure_of(prediction, found, doubts=doubts), found.fact, call.loss,
                covers=(target.argument.place, call.place),
                extra=(*made(call), *behind(seen, call, "target")),
            )


def _labels(prediction: Judged, target: Judged) -> Alternative | None:
    """Every alternative of the target is trained, and one of the prediction is certainly none."""
    if not all(_trained(one.fact) for one in target.alternatives):
        return None
    if all(_label(one.fact) for one in prediction.alternatives):
        return prediction.alternatives[0]
    return None


def _trained(fact: Fact) -> bool:
    return fact.domain in _OUTPUTS and fact.grad is Grad.FLOWS


def _label(fact: Fact) -> bool:
    """Labels by their domain, filled constants, or data of which nothing is known but a cast."""
    if fact.grad in (Grad.FLOWS, Grad.CUT):
        return False
    if fact.domain in _LABELS or any(isinstance(mark, Ones) for mark in fact.marks):
        return True
    return _cast_only(fact) and fact.dtype is not Dtype.UNKNOWN


def _cast_only(fact: Fact) -> bool:
    return fact.domain is Domain.UNKNOWN and only_cast(fact, _CASTS) and fact.grad is Grad.UNKNOWN


def _divergence(prediction: Judged, target: Judged) -> Alternative | None:
    """Probabilities without a gradient first, log-probabilities with one second: both ports are wrong."""
    for mine in prediction.alternatives:
        for other in target.alternatives:
            first, second = mine.fact, other.fact
            if first.domain is Domain.PROBABILITIES and second.domain is Domain.LOG_PROBABILITIES:
                if second.grad is Grad.FLOWS and prediction.call.options.get("log_target") is not True:
                    return mine
    return None


def structured_output(seen: Seen) -> Iterator[Hit]:
    """A tuple, a dictionary or an object where a loss of torch wants a tensor."""
    for one in seen.judged:
        if one.port.role != "prediction" or one.call.contract.library != "torch":
            continue
        kinds = [(guard, _kind(single)) for guard, single in options(one.argument.value)]
        if not kinds or any(kind is None for _, kind in kinds):
            continue
        yield Hit(one.argument.place, sure_of(one, one.alternatives[0]), None, one.call.loss,
                  words={"got": str(kinds[0][1])}, extra=made(one.call))


def _kind(single: object) -> str | None:
    match single:
        case Seq(kind="tuple", items=items, rest=None) if len(items) > 1:
            return f"a tuple of {len(items)}"
        case Dict(kind="dict", rest=None, items=items) if items and all(isinstance(key, str) for key in items):
            return "a dictionary"
        case Dict(kind="attributes"):
            return "an output object"
        case Opaque() | Known() | Obj() | _:
            return None
