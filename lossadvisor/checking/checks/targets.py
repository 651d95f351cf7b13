"""Targets of the wrong type."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.gradient import recorded
from lossadvisor.checking.checks.model import Hit, Seen, behind, made, only_cast, sure_of
from lossadvisor.checking.compare import Judged
from lossadvisor.contracts import Family, Want
from lossadvisor.transfers import shapes
from lossadvisor.values import Domain, Dtype, Fact, Grad
from lossadvisor.values.marks import Integers, Padded

_CASTS = frozenset({"float", "double", "half", "bfloat16"})


def cross_entropy_float_target(seen: Seen) -> Iterator[Hit]:
    """Class indices that were cast to a floating dtype."""
    for one in seen.judged:
        if one.port.role != "target" or one.want not in (Want.CLASS_INDICES, Want.CLASS_INDICES_OR_PROBABILITIES):
            continue
        if one.call.contract.library != "torch" and one.port.dtypes != (Dtype.INTEGER,):
            continue  # many losses of other packages cast their targets themselves
        for alternative in one.alternatives:
            fact = alternative.fact
            if fact.dtype is not Dtype.FLOAT:
                continue
            if fact.domain is Domain.INDICES or _whole(fact, one.want is Want.CLASS_INDICES):
                yield Hit(one.argument.place, sure_of(one, alternative), fact, one.call.loss, extra=made(one.call))
            elif fact.domain is Domain.UNKNOWN and only_cast(fact, _CASTS) and not _rows(fact, _classes(seen, one)):
                yield Hit(one.argument.place, sure_of(one, alternative, doubts=1), fact, one.call.loss,
                          extra=made(one.call))


def bce_integer_target(seen: Seen) -> Iterator[Hit]:
    """Integer or boolean targets of a binary cross-entropy of torch."""
    for one in seen.judged:
        contract = one.call.contract
        if one.port.role != "target" or contract.library != "torch":
            continue
        if contract.family not in (Family.BCE, Family.BCE_WITH_LOGITS) or Dtype.INTEGER in one.port.dtypes:
            continue
        for alternative in one.alternatives:
            if alternative.fact.dtype in (Dtype.INTEGER, Dtype.BOOL):
                yield Hit(one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss,
                          extra=made(one.call))


def _whole(fact: Fact, indices_only: bool) -> bool:
    """A single axis of whole numbers that are no probabilities."""
    if fact.shape is None or len(fact.shape) != 1:
        return False
    return any(
        isinstance(mark, Integers) and mark.low >= 0 and (indices_only or mark.high > 1) for mark in fact.marks
    )


def _rows(fact: Fact, classes: int | None) -> bool:
    """Numbers for every class, which may be probabilities."""
    return classes is not None and shapes.size_at(fact.shape, 1) == classes


def class_index_range(seen: Seen) -> Iterator[Hit]:
    """Integers that cannot all be classes of the model."""
    for one in seen.judged:
        if one.port.role != "target" or one.want not in (Want.CLASS_INDICES, Want.CLASS_INDICES_OR_PROBABILITIES):
            continue
        ignored = one.call.contract.option("ignore_index", one.call.options)
        if "ignore_index" in one.call.unknown_options:
            continue
        for alternative in one.alternatives:
            mark = next((mark for mark in alternative.fact.marks if isinstance(mark, Integers)), None)
            if mark is None or alternative.fact.dtype is Dtype.FLOAT:
                continue
            classes = _classes(seen, one)
            got = None
            if classes is not None and mark.high >= classes and mark.high != ignored:
                got = f"labels up to {mark.high} for {classes} classes"
            elif mark.low < 0 and mark.low != ignored:
                got = "negative labels"
            if got is not None:
                yield Hit(one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss,
                          words={"got": got}, extra=(*made(one.call), *behind(seen, one.call, "prediction")))


def _classes(seen: Seen, one: Judged) -> int | None:
    """The number of classes of the input, where it is the same for all alternatives."""
    for other in seen.calls.get(one.call, ()):
        if other.port.role == "prediction":
            found = {alternative.fact.classes for alternative in other.alternatives}
            return found.pop() if len(found) == 1 else None
    return None


def padding_not_ignored(seen: Seen) -> Iterator[Hit]:
    """Padded token targets in a loss that ignores another value."""
    for one in seen.judged:
        if one.port.role != "target" or one.call.contract.id not in ("cross_entropy", "nll"):
            continue
        option = one.call.contract.option
        if not one.call.unknown_options.isdisjoint(("ignore_index", "reduction")):
            continue
        if option("reduction", one.call.options) == "none":
            continue
        for alternative in one.alternatives:
            for mark in alternative.fact.marks:
                if isinstance(mark, Padded) and mark.value != option("ignore_index", one.call.options):
                    yield Hit(one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss,
                              words={"got": f"{mark.value:g}"}, extra=made(one.call))


def target_not_detached(seen: Seen) -> Iterator[Hit]:
    """A gradient flows into the target as well as into the prediction."""
    for call, ports in seen.calls.items():
        if call.contract.library != "torch" or call.contract.family not in (Family.REGRESSION, Family.DIVERGENCE):
            continue
        prediction = next((one for one in ports if one.port.role == "prediction"), None)
        target = next((one for one in ports if one.port.role == "target"), None)
        if prediction is None or target is None or not recorded(target):
            continue
        if not all(alternative.fact.grad is Grad.FLOWS for alternative in prediction.alternatives):
            continue
        for alternative in target.alternatives:
            if alternative.fact.grad is Grad.FLOWS and alternative.fact.trail:
                yield Hit(target.argument.place, sure_of(target, alternative, doubts=1), alternative.fact, call.loss)
