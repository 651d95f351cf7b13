"""What is reported beside the loss: thresholds of the other domain, and totals that hold every graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lossadvisor.checking.checks.model import Hit, Seen, maker
from lossadvisor.contracts import Family
from lossadvisor.findings import Confidence, TraceEntry
from lossadvisor.interpreter.events import AddedUp, Averaged, Backward, Compared, Constructed
from lossadvisor.interpreter.layers import constant
from lossadvisor.interpreter.values import Identity, Known, Layer, Obj, Opaque, Value
from lossadvisor.values import Domain, Grad
from lossadvisor.values.marks import Accumulated, OfLoss

_ORDER = frozenset({"GreaterThan", "GreaterThanEqual", "LessThan", "LessThanEqual"})


def threshold_mismatch(seen: Seen) -> Iterator[Hit]:
    """0.5 on the logits of BCE-with-logits, 0 on the output of a sigmoid."""
    logits = {
        alternative.fact.trail
        for one in seen.judged
        if one.call.contract.family is Family.BCE_WITH_LOGITS and one.port.role == "prediction"
        for alternative in one.alternatives
        if alternative.fact.domain is Domain.SCORES and alternative.fact.trail
    }
    for event in seen.events:
        if not isinstance(event, Compared) or event.operator not in _ORDER:
            continue
        fact = event.fact
        middle = fact.domain is Domain.SCORES and event.number == 0.5 and fact.trail in logits
        below = fact.domain is Domain.UNIT_INTERVAL and event.number == 0 and maker(fact) in ("sigmoid", "Sigmoid")
        if middle or below:
            yield Hit(event.place, Confidence.CERTAIN, fact)


def accumulated_loss_graph(seen: Seen) -> Iterator[Hit]:
    """A total of losses that are each trained on their own, while the total never is."""
    backward = [event for event in seen.events if isinstance(event, Backward)]
    totals = {mark.place for event in backward for mark in event.fact.marks if isinstance(mark, Accumulated)}
    alone = {
        (mark.site, mark.calls)
        for event in backward
        if not any(isinstance(mark, Accumulated) for mark in event.fact.marks)
        for mark in event.fact.marks
        if isinstance(mark, OfLoss)
    }
    for event in seen.events:
        if isinstance(event, AddedUp) and event.place not in totals and event.fact.grad is Grad.FLOWS:
            marks = [mark for mark in event.fact.marks if isinstance(mark, OfLoss)]
            sites = [mark.site for mark in marks if (mark.site, mark.calls) in alone]
            if sites:
                trace = TraceEntry(min(site.span() for site in sites), "the loss that is trained is computed here")
                yield Hit(event.place, Confidence.CERTAIN, extra=(trace,))


def unequal_batch_mean(seen: Seen) -> Iterator[Hit]:
    """Means over batches, added up and divided by the number of batches of which the last is shorter, or of samples."""
    means = {
        call.place
        for call in seen.calls
        if call.contract.option("reduction", call.options) == "mean" and "reduction" not in call.unknown_options
    }
    plain = {
        event.place
        for event in seen.events
        if isinstance(event, AddedUp)
        for mark in event.fact.marks
        if isinstance(mark, OfLoss) and mark.plain and mark.reduced and mark.site in means
    }
    loaders = [event for event in seen.events if isinstance(event, Constructed) and event.name == _LOADER]
    for event in seen.events:
        if isinstance(event, Averaged) and any(
            isinstance(mark, Accumulated) and mark.place in plain for mark in event.fact.marks
        ):
            found = _of_loader(event.by)
            for loader in loaders:
                found = found or _of_samples(event.by, loader)
            if found is not None:
                yield Hit(event.place, found)


_LOADER = "torch.utils.data.DataLoader"
_ORDER_OF_LOADER = ("dataset", "batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn",
                    "pin_memory", "drop_last")


def _given(args: Sequence[Value], keywords: Mapping[str, Value]) -> dict[str, Value]:
    return {**dict(zip(_ORDER_OF_LOADER, args, strict=False)), **keywords}


def _batches(given: Mapping[str, Value]) -> Confidence | None:
    """How sure it is that the loader makes batches of several samples itself; None where it is not."""
    size = given.get("batch_size")
    if size is None or size in (Known(1), Known(None)) or given.get("batch_sampler", Known(None)) != Known(None):
        return None
    return Confidence.LIKELY if constant(size) in (None, 1) else Confidence.CERTAIN


def _of_loader(by: Value) -> Confidence | None:
    """The length of a loader that keeps a shorter last batch."""
    match by:
        case Opaque(key=(Identity(value=Layer(name=name, args=args, keywords=keywords)), "len")) if name == _LOADER:
            given = _given(args, keywords)
            dropped = given.get("drop_last")
            return _batches(given) if dropped is None or constant(dropped) is False else None
        case _:
            return None


def _of_samples(by: Value, loader: Constructed) -> Confidence | None:
    """The length of the dataset that a loader takes its batches from."""
    given = _given(loader.args, loader.keywords)
    dataset = given.get("dataset")
    match dataset:
        case Opaque(key=key):
            pass
        case Layer() | Obj():
            key = Identity(dataset)
        case _:
            return None
    return _batches(given) if key is not None and isinstance(by, Opaque) and by.key == (key, "len") else None
