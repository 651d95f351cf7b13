"""Axes of what reaches a loss: softmax over the batch, the class axis, columns of targets."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.broadcasting import is_column, text
from lossadvisor.checking.checks.model import Hit, Seen, last, made, sure_of
from lossadvisor.checking.compare import Alternative, Judged
from lossadvisor.contracts import Want
from lossadvisor.transfers import shapes
from lossadvisor.values import Domain, Dtype, Fact
from lossadvisor.values.marks import Scrambled

_SUMMING = (Domain.PROBABILITIES, Domain.LOG_PROBABILITIES)
_CLASSIFIES = ("cross_entropy", "nll")


def softmax_over_batch(seen: Seen) -> Iterator[Hit]:
    """Distributions over axis 0, or over an axis that does not hold the units, in a classification loss."""
    for one in seen.judged:
        if one.call.contract.id not in _CLASSIFIES or one.port.role != "prediction":
            continue
        for alternative in one.alternatives:
            fact = alternative.fact
            if fact.domain not in _SUMMING or fact.classes == 1:
                continue
            if _wrong_axis(fact) or _rows_by_target(seen, one, fact):
                if not _single_sample(seen, one):
                    doubts = 0 if shapes.full(fact.shape) is not None else 1
                    yield Hit(one.argument.place, sure_of(one, alternative, doubts=doubts), fact, one.call.loss)


def _wrong_axis(fact: Fact) -> bool:
    """Axis 0 of a batch of rows that a layer has made."""
    if fact.axis != 0:
        return False
    known = shapes.full(fact.shape)
    if known is not None:
        return len(known) >= 2
    return maker_of_units(fact) == "Linear"


def _rows_by_target(seen: Seen, one: Judged, fact: Fact) -> bool:
    """Axis 0 of an input whose axes are not known, beside one axis of indices: such an input is rows of classes."""
    if fact.axis != 0 or shapes.full(fact.shape) is not None:
        return False
    targets = [alternative.fact for alternative in _targets(seen, one)]
    flat = [shapes.full(target.shape) for target in targets]
    return bool(targets) and all(
        known is not None and len(known) == 1 and target.dtype is not Dtype.FLOAT
        for known, target in zip(flat, targets, strict=True)
    )


def _single_sample(seen: Seen, one: Judged) -> bool:
    """A target of no axis: the classes of the one sample lie along axis 0."""
    return any(
        other.port.role == "target" and alternative.fact.shape == ()
        for other in seen.calls.get(one.call, ())
        for alternative in other.alternatives
    )


def class_axis(seen: Seen) -> Iterator[Hit]:
    """Classes at the end of an input of three or more axes, or scores that a view has scrambled."""
    for one in seen.judged:
        if one.call.contract.id not in _CLASSIFIES or one.port.role != "prediction":
            continue
        for alternative in one.alternatives:
            if _classes_last(alternative.fact) and _index_target(seen, one):
                yield Hit(one.argument.place, sure_of(one, alternative), alternative.fact, one.call.loss)
            elif any(isinstance(mark, Scrambled) for mark in alternative.fact.marks) and _flat_target(seen, one):
                yield Hit(one.argument.place, sure_of(one, alternative, doubts=1), alternative.fact, one.call.loss)


def _classes_last(fact: Fact) -> bool:
    known = shapes.full(fact.shape)
    if known is None or len(known) < 3 or fact.domain not in (Domain.SCORES, *_SUMMING):
        return False
    units = known[-1]
    if units is None or known[1] is not None or maker_of_units(fact) != "Linear":
        return False
    return fact.classes == units or isinstance(units, str)


def maker_of_units(fact: Fact) -> str:
    """The layer that made the units: the last learnt map on the trail."""
    names = [last(op) for op in fact.chain()]
    return next((name for name in reversed(names) if name in ("Linear", "LazyLinear", "linear")), "") and "Linear"


def _targets(seen: Seen, one: Judged) -> Iterator[Alternative]:
    for other in seen.calls.get(one.call, ()):
        if other.port.role == "target":
            yield from other.alternatives


def _index_target(seen: Seen, one: Judged) -> bool:
    """The target is not known to be a single axis or probabilities."""
    for alternative in _targets(seen, one):
        known = shapes.full(alternative.fact.shape)
        if (known is not None and len(known) < 2) or alternative.fact.domain in (Domain.PROBABILITIES, Domain.ONE_HOT):
            return False
        if alternative.fact.dtype is Dtype.FLOAT:
            return False
    return True


def _flat_target(seen: Seen, one: Judged) -> bool:
    return any(shapes.full(alternative.fact.shape) == (None,) for alternative in _targets(seen, one))


def cross_entropy_target_shape(seen: Seen) -> Iterator[Hit]:
    """A column of indices, or integer one-hot rows, as the target of a classification loss."""
    for one in seen.judged:
        indices = one.want in (Want.CLASS_INDICES, Want.CLASS_INDICES_OR_PROBABILITIES)
        if one.port.role != "target" or not indices or one.call.contract.library != "torch":
            continue
        for alternative in one.alternatives:
            fact = alternative.fact
            if fact.domain is Domain.ONE_HOT and fact.dtype is Dtype.INTEGER:
                yield Hit(one.argument.place, sure_of(one, alternative), fact, one.call.loss,
                          words={"got": "integer one-hot rows"}, extra=made(one.call))
            elif fact.dtype is Dtype.INTEGER and is_column(fact.shape) and shapes.full(fact.shape) is not None:
                if _rows_of_classes(seen, one):
                    yield Hit(one.argument.place, sure_of(one, alternative), fact, one.call.loss,
                              words={"got": f"{text(fact.shape)} instead of (N,)"}, extra=made(one.call))


def _rows_of_classes(seen: Seen, one: Judged) -> bool:
    """The input may be rows of classes: it is not known to have three or more axes."""
    for other in seen.calls.get(one.call, ()):
        if other.port.role == "prediction":
            for alternative in other.alternatives:
                known = shapes.full(alternative.fact.shape)
                if (known is not None and len(known) != 2) or alternative.fact.domain is Domain.UNKNOWN:
                    return False
    return True
