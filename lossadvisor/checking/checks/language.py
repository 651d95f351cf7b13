"""Language models: labels that are shifted twice, and ends of sequences masked as padding."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, sure
from lossadvisor.interpreter.events import EndMasked, ModelCalled
from lossadvisor.interpreter.frameworks import CAUSAL
from lossadvisor.interpreter.parts import one_later


def labels_shifted_twice(seen: Seen) -> Iterator[Hit]:
    """A causal model of transformers given labels that are its inputs one position on."""
    for event in seen.events:
        if not isinstance(event, ModelCalled) or event.model.split(".")[1] not in CAUSAL:
            continue
        labels = event.keywords.get("labels")
        inputs = event.keywords.get("input_ids") or (event.args[0] if event.args else None)
        if labels is not None and inputs is not None and one_later(labels, inputs):
            yield Hit(event.place, sure(event.guard, event.path))


def pad_equals_eos(seen: Seen) -> Iterator[Hit]:
    """Labels masked by the number of the padding where that is the end of the sequence."""
    for event in seen.events:
        if isinstance(event, EndMasked):
            yield Hit(event.place, sure(event.guard, event.path))
