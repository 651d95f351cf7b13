"""The checks that are no mismatch of a contract with a domain, by the name their rule documents give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lossadvisor.catalogue import Rule
from lossadvisor.catalogue.words import GOT
from lossadvisor.checking import naming, trace
from lossadvisor.checking.compare import Judged
from lossadvisor.checking.mismatches import fill
from lossadvisor.contracts import Want, by_name
from lossadvisor.findings import Confidence, Finding, TraceEntry
from lossadvisor.interpreter.events import Applied, Constructed, LossCall
from lossadvisor.interpreter.values import Known, Opaque, Tensor
from lossadvisor.values import Domain, Dtype, Fact, Place

_SOFTMAX = frozenset({"softmax", "Softmax", "softmin", "Softmin", "gumbel_softmax", "Softmax2d"})
_LOG_SOFTMAX = frozenset({"log_softmax", "LogSoftmax"})
_SIGMOID = frozenset({"sigmoid", "Sigmoid", "sigmoid_", "expit"})


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found: where, how sure, and the fact behind it."""

    place: Place
    confidence: Confidence
    fact: Fact | None = None
    loss: str | None = None
    extra: tuple[TraceEntry, ...] = ()


def _last(name: str | None) -> str:
    return "" if name is None else name.rsplit(".", 1)[-1]


def _maker(fact: Fact) -> str:
    """The last part of the name of the operation that made the fact."""
    return next((_last(step.op) for step in reversed(fact.trail) if step.op is not None), "")


# --- operations ----------------------------------------------------------------------------------------------------


def implicit_softmax_dim(event: Applied) -> Iterator[Hit]:
    """F.softmax and its like without dim."""
    if event.operation.startswith("torch.nn.functional.") and _last(event.operation) in _SOFTMAX | _LOG_SOFTMAX:
        if event.options.get("dim", None) is None and _last(event.operation) != "gumbel_softmax":
            yield Hit(event.place, Confidence.CERTAIN)


def implicit_softmax_layer(event: Constructed) -> Iterator[Hit]:
    """nn.Softmax() and its like without dim."""
    last = _last(event.name)
    if event.name.startswith("torch.nn.") and last in ("Softmax", "LogSoftmax", "Softmin"):
        first = event.args[0] if event.args else event.keywords.get("dim")
        if first is None or (isinstance(first, Known) and first.value is None):
            yield Hit(event.place, Confidence.CERTAIN)


def single_unit_softmax(event: Applied) -> Iterator[Hit]:
    """Softmax over an axis of one entry."""
    if _last(event.operation) in _SOFTMAX | _LOG_SOFTMAX and event.fact.classes == 1:
        if event.options.get("dim") in (1, -1):
            yield Hit(event.place, _by_guard(event), event.fact)


def _by_guard(event: Applied) -> Confidence:
    from lossadvisor.checking import proof

    return proof.confidence(proof.weight(event.guard - event.path))


def log_of_softmax(event: Applied) -> Iterator[Hit]:
    """log of what a softmax has just made."""
    if _last(event.operation) == "log" and event.fact.domain in (Domain.PROBABILITIES, Domain.UNIT_INTERVAL):
        if _maker(event.fact) in _SOFTMAX:
            yield Hit(event.place, _by_guard(event), event.fact)


def log_of_sigmoid(event: Applied) -> Iterator[Hit]:
    """log of what a sigmoid has just made, or of one minus it."""
    if _last(event.operation) == "log" and event.fact.domain is Domain.UNIT_INTERVAL:
        if _maker(event.fact) in _SIGMOID:
            yield Hit(event.place, _by_guard(event), event.fact)


# --- construction --------------------------------------------------------------------------------------------------


def loss_constructor_called(event: Constructed) -> Iterator[Hit]:
    """A prediction and a target handed to the constructor of a loss."""
    contract = by_name.get(event.name)
    if contract is None or event.name not in contract.classes or len(event.args) < 2:
        return
    tensors = [_tensor_like(value) for value in event.args[:2]]
    legacy = [p.name for p in contract.constructor[:2]]
    if all(tensors) and "size_average" in legacy + ["size_average"] and any(isinstance(a, Tensor) for a in event.args[:2]):
        yield Hit(event.place, Confidence.CERTAIN, loss=event.name)


def _tensor_like(value: object) -> bool:
    if isinstance(value, Tensor):
        return True
    return isinstance(value, Opaque) and value.default is None


# --- loss calls ----------------------------------------------------------------------------------------------------


def cross_entropy_float_target(one: Judged) -> Iterator[Hit]:
    """Class indices that were cast to a floating dtype."""
    if one.port.role != "target" or one.want not in (Want.CLASS_INDICES, Want.CLASS_INDICES_OR_PROBABILITIES):
        return
    for alternative in one.alternatives:
        fact = alternative.fact
        if fact.dtype is not Dtype.FLOAT:
            continue
        if fact.domain is Domain.INDICES:
            yield Hit(one.argument.place, Confidence.CERTAIN, fact, one.call.loss)
        elif fact.domain is Domain.UNKNOWN and any(step.op and _last(step.op) in _CASTS for step in fact.trail):
            yield Hit(one.argument.place, Confidence.LIKELY, fact, one.call.loss)


_CASTS = frozenset({"float", "double", "half", "bfloat16", "to", "type"})


def single_unit_loss(one: Judged) -> Iterator[Hit]:
    """Cross-entropy over one class."""
    if one.want is not Want.LOGITS or one.port.role != "prediction":
        return
    for alternative in one.alternatives:
        if alternative.fact.classes == 1 and alternative.fact.domain is Domain.SCORES and not alternative.guard:
            yield Hit(one.argument.place, Confidence.CERTAIN, alternative.fact, one.call.loss)


APPLIED: dict[str, tuple[Callable[[Applied], Iterator[Hit]], ...]] = {
    "implicit-softmax-dim": (implicit_softmax_dim,),
    "single-unit-softmax": (single_unit_softmax,),
    "log-of-softmax": (log_of_softmax,),
    "log-of-sigmoid": (log_of_sigmoid,),
}
CONSTRUCTED: dict[str, tuple[Callable[[Constructed], Iterator[Hit]], ...]] = {
    "implicit-softmax-dim": (implicit_softmax_layer,),
    "loss-constructor-called": (loss_constructor_called,),
}
JUDGED: dict[str, tuple[Callable[[Judged], Iterator[Hit]], ...]] = {
    "cross-entropy-float-target": (cross_entropy_float_target,),
    "single-unit-softmax": (single_unit_loss,),
}


def implemented() -> frozenset[str]:
    """The names of all checks of this table."""
    return frozenset((*APPLIED, *CONSTRUCTED, *JUDGED))


def finding(rule: Rule, hit: Hit) -> Finding:
    """The finding that a hit makes under its rule."""
    fact = hit.fact or Fact()
    words = {
        "loss": _last(hit.loss) or "the loss",
        "got": GOT[fact.domain],
        "want": "",
        "argument": "",
        "axis": "?" if fact.axis is None else str(fact.axis),
    }
    return Finding(
        code=rule.code,
        name=rule.name,
        message=fill(rule.message, words),
        severity=rule.severity,
        confidence=hit.confidence,
        span=hit.place.span(),
        loss=hit.loss,
        trace=(*hit.extra, *(trace.entries(hit.fact) if hit.fact is not None else ())),
        help=fill(rule.help, words),
        url=rule.url,
    )


def run(events: list[Applied | Constructed | LossCall], judged: list[Judged]) -> list[Finding]:
    """All checks over all events, one finding per rule and place."""
    found: dict[tuple[str, object], tuple[Rule, Hit]] = {}
    for check, rule in naming.by_check().items():
        for hit in _hits(check, events, judged):
            key = (rule.code, hit.place)
            old = found.get(key)
            if old is None or (old[1].confidence is not Confidence.CERTAIN and hit.confidence is Confidence.CERTAIN):
                found[key] = (rule, hit)
    return [finding(rule, hit) for rule, hit in found.values()]


def _hits(check: str, events: list[Applied | Constructed | LossCall], judged: list[Judged]) -> Iterator[Hit]:
    for event in events:
        if isinstance(event, Applied):
            for applied in APPLIED.get(check, ()):
                yield from applied(event)
        elif isinstance(event, Constructed):
            for constructed in CONSTRUCTED.get(check, ()):
                yield from constructed(event)
    for one in judged:
        for function in JUDGED.get(check, ()):
            yield from function(one)


