"""Class weights of a type that the loss refuses, or of another length than the classes of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lossadvisor.checking.checks.model import Hit, Seen, behind, sure
from lossadvisor.contracts import Contract, by_name
from lossadvisor.findings import Confidence
from lossadvisor.interpreter.events import Constructed, LossCall
from lossadvisor.interpreter.values import Known, Seq, Tensor, Value
from lossadvisor.values import Dtype

_WEIGHTS = ("weight", "pos_weight")
# Losses that index the weight by class; the others multiply elements, for which integers will do.
_PER_CLASS = frozenset({"cross_entropy", "nll", "multi_margin"})


def class_weight_type(seen: Seen) -> Iterator[Hit]:
    """Lists, numbers and integer tensors as weights, and weights of another length than the classes."""
    for event in seen.events:
        if isinstance(event, Constructed):
            contract = by_name.get(event.name)
            if contract is None or event.name not in contract.classes or contract.library != "torch":
                continue
            given = dict(zip((p.name for p in contract.constructor), event.args, strict=False))
            given.update(event.keywords)
            got = _wrong(contract, given)
            if got is not None:
                yield Hit(event.place, sure(event.guard), loss=event.name, words={"got": got})
        elif isinstance(event, LossCall) and event.contract.library == "torch":
            got = _wrong(event.contract, event.given) if event.made is None else None
            got = got or _length(seen, event)
            if got is not None:
                classes = behind(seen, event, "prediction")
                yield Hit(event.made or event.place, Confidence.CERTAIN, loss=event.loss, words={"got": got},
                          extra=classes)


def _wrong(contract: Contract, given: Mapping[str, Value]) -> str | None:
    for name in _WEIGHTS:
        match given.get(name):
            case Seq(kind="list" | "tuple"):
                return "a list"
            case Known(value=bool()):
                return "a flag"
            case Known(value=int() | float()):
                return "a number"
            case Tensor(fact) if fact.dtype is Dtype.INTEGER and contract.id in _PER_CLASS and name == "weight":
                return "integers"
            case _:
                continue
    return None


def _length(seen: Seen, event: LossCall) -> str | None:
    """Weights whose number is known against units whose number is known."""
    weight = event.given.get("weight")
    if event.contract.id not in _PER_CLASS or not isinstance(weight, Tensor):
        return None
    shape = weight.fact.shape
    if shape is None or len(shape) != 1 or not isinstance(shape[0], int):
        return None
    for one in seen.calls.get(event, ()):
        if one.port.role == "prediction" and len(one.alternatives) == 1:
            classes = one.alternatives[0].fact.classes
            if classes is not None and classes != shape[0]:
                return f"{shape[0]} for {classes} classes"
    return None
