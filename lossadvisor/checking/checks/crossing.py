"""Probabilities that were normalised over the batch and are read row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lossadvisor.checking.checks.activations import LOG_SOFTMAX, SOFTMAX
from lossadvisor.checking.checks.model import Hit, Seen, last, sure
from lossadvisor.findings import Confidence
from lossadvisor.interpreter import contexts
from lossadvisor.interpreter.events import Applied, Constructed, PickedAlong
from lossadvisor.interpreter.values import Tensor, options
from lossadvisor.transfers import shapes
from lossadvisor.values import Domain, Fact, Place
from lossadvisor.values.marks import PickedAcross

_CATEGORICAL = frozenset({"torch.distributions.Categorical", "torch.distributions.categorical.Categorical"})
_LINEAR = ("Linear", "LazyLinear", "linear")


def softmax_read_by_rows(seen: Seen) -> Iterator[Hit]:
    """Entries picked along axis 1 of a softmax over axis 0 of rows of units, on the way through a logarithm."""
    rows = _rows(seen)
    logged = {
        mark.place
        for event in seen.events
        if isinstance(event, Applied) and last(event.operation) == "log" and contexts.NO_GRAD not in event.contexts
        for mark in event.fact.marks
        if isinstance(mark, PickedAcross)
    }
    for event in seen.events:
        if not isinstance(event, PickedAlong) or event.rank not in (None, 2) or contexts.NO_GRAD in event.contexts:
            continue
        if event.fact.domain is Domain.PROBABILITIES and event.place not in logged:
            continue
        if _of_rows(event.fact, rows):
            confidence = sure(event.guard, event.path)
            if event.rank is None and confidence is Confidence.CERTAIN:
                confidence = Confidence.LIKELY
            yield Hit(event.place, confidence, event.fact, words={"loss": "entries picked along axis 1"})


def categorical_over_batch(seen: Seen) -> Iterator[Hit]:
    """A categorical distribution, which reads the last axis, of rows that a softmax normalised over axis 0."""
    rows = _rows(seen)
    for event in seen.events:
        if not isinstance(event, Constructed) or event.name not in _CATEGORICAL:
            continue
        probs = event.args[0] if event.args else event.keywords.get("probs")
        for guard, single in () if probs is None else options(probs):
            if not isinstance(single, Tensor):
                continue
            fact, known = single.fact, shapes.full(single.fact.shape)
            if fact.domain is Domain.PROBABILITIES and fact.axis == 0 and known is not None and len(known) == 2:
                if _of_rows(fact, rows):
                    yield Hit(event.place, sure(event.guard | guard, event.path), fact, words={"loss": "Categorical"})


def _rows(seen: Seen) -> Mapping[Place, bool]:
    """By the place of a softmax, whether all that it was applied to over axis 0 has the units of a layer last."""
    found: dict[Place, bool] = {}
    for event in seen.events:
        if isinstance(event, Applied) and last(event.operation) in SOFTMAX | LOG_SOFTMAX:
            found[event.place] = found.get(event.place, True) and _scores_by_row(event.fact)
    return found


def _scores_by_row(fact: Fact) -> bool:
    """Scores of a linear layer, whose units, more than one, are still the last axis.

    As many rows as the code says, more than one, may be experts or parts that compete with each other: no batch.
    """
    units = shapes.tail(fact.shape)[-1:]
    known = shapes.full(fact.shape)
    if known and isinstance(known[0], int) and known[0] > 1:
        return False
    made = next((last(op) for op in reversed(fact.chain()) if last(op) in _LINEAR), None)
    return made is not None and fact.domain is Domain.SCORES and units not in ((), (None,), (1,))


def _of_rows(fact: Fact, rows: Mapping[Place, bool]) -> bool:
    """Normalised by such a softmax, as the last thing that its trail tells."""
    steps = [step for step in fact.trail if last(step.op) in SOFTMAX | LOG_SOFTMAX]
    return bool(steps) and rows.get(steps[-1].place, False)
