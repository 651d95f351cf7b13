"""Reductions: deprecated words, unknown words, and the mean of a divergence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from lossadvisor.checking.checks.model import Hit, Seen, last, sure
from lossadvisor.contracts import Contract, by_name
from lossadvisor.findings import Confidence
from lossadvisor.interpreter.events import Combined, Constructed, Event, LossCall
from lossadvisor.interpreter.layers import constant
from lossadvisor.interpreter.values import Value
from lossadvisor.patterns import pattern
from lossadvisor.project import NodePlace
from lossadvisor.values import Place, Span
from lossadvisor.values.marks import OfLoss

_OLD_WORD = "elementwise_mean"


def written(event: Event) -> tuple[Contract, str, Place, Mapping[str, object], frozenset[str]] | None:
    """Contract, name, place, constant options and unknown options of what fixes the options of a torch loss."""
    if isinstance(event, Constructed):
        contract = by_name.get(event.name)
        if contract is None or event.name not in contract.classes:
            return None
        given: dict[str, Value] = dict(zip((p.name for p in contract.constructor), event.args, strict=False))
        given.update(event.keywords)
        known = {name: constant(value) for name, value in given.items()}
        unknown = frozenset(name for name, value in known.items() if value is None)
        return contract, event.name, event.place, known, unknown
    operators = {operator.name for operator in event.contract.operators} if isinstance(event, LossCall) else set()
    if isinstance(event, LossCall) and event.loss in event.contract.functionals and event.loss not in operators:
        return event.contract, event.loss, event.place, event.options, event.unknown_options
    return None


def _sure(event: Event) -> Confidence:
    return sure(event.guard) if isinstance(event, Constructed) else Confidence.CERTAIN


def deprecated_reduction(seen: Seen) -> Iterator[Hit]:
    """size_average, reduce, elementwise_mean and NLLLoss2d."""
    for event in seen.events:
        found = written(event)
        if found is None or found[0].library != "torch":
            continue
        contract, name, place, known, _ = found
        keywords = event.keywords if isinstance(event, Constructed) else known
        flags = [flag for flag in contract.deprecated if flag in keywords and known.get(flag) is not None]
        if isinstance(event, LossCall):
            flags = [flag for flag in flags if flag not in event.positional]
        if flags or known.get("reduction") == _OLD_WORD or last(name) in ("NLLLoss2d", "nll_loss2d"):
            yield Hit(place, _sure(event), loss=name)


def kl_div_mean_reduction(seen: Seen) -> Iterator[Hit]:
    """The divergence averaged over the classes too, unless it is multiplied by their number."""
    multiplied = _times_a_size(seen)
    for event in seen.events:
        found = written(event)
        if found is None or found[0].id != "kl_div":
            continue
        _, name, place, known, unknown = found
        legacy = known.get("size_average") is not None or known.get("reduce") is not None
        if not legacy and unknown.isdisjoint(("reduction", "size_average", "reduce")):
            if known.get("reduction", "mean") == "mean" and place.span() not in multiplied:
                yield Hit(place, _sure(event), loss=name)


_SIZE = pattern(r"\.(?:size\(|shape\[)")


def _times_a_size(seen: Seen) -> frozenset[Span]:
    """Where losses are called, and made, that are multiplied by the size of an axis."""
    called = frozenset(
        mark.site.span()
        for event in seen.events
        if isinstance(event, Combined) and event.kind == "Multiply" and isinstance(event.place, NodePlace)
        for mark in (*event.left.marks, *event.right.marks)
        if isinstance(mark, OfLoss) and mark.plain and _SIZE.search(cst.Module(()).code_for_node(event.place.node))
    )
    calls = seen.calls if called else ()
    return called | {call.made.span() for call in calls if call.made is not None and call.place.span() in called}


def unknown_reduction(seen: Seen) -> Iterator[Hit]:
    """A word for the reduction that the loss does not know."""
    for event in seen.events:
        found = written(event)
        if found is None or found[0].library != "torch":
            continue
        contract, name, place, known, _ = found
        word = known.get("reduction")
        if isinstance(word, str) and word != _OLD_WORD and word not in contract.reductions:
            if any(parameter.name == "reduction" for parameter in (*contract.constructor, *contract.function)):
                words = {
                    "got": f"knows no reduction '{word}' and raises where it is called",
                    "want": f"write one of its words: {', '.join(contract.reductions)}",
                }
                yield Hit(place, _sure(event), loss=name, words=words)
