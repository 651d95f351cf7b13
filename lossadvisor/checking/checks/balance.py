"""The balance of positives and negatives in the wrong one of the two weights of BCE-with-logits."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lossadvisor.checking.checks.model import Hit, Seen
from lossadvisor.findings import Confidence
from lossadvisor.interpreter.events import Constructed, LossCall
from lossadvisor.patterns import pattern
from lossadvisor.project import NodePlace
from lossadvisor.values import Place

_LOSSES = frozenset({
    "torch.nn.BCEWithLogitsLoss", "torch.nn.modules.loss.BCEWithLogitsLoss",
    "torch.nn.functional.binary_cross_entropy_with_logits",
})
# Names are hints here: negatives over positives, or a value called so, is a balance.
_BALANCE = pattern(r"\bneg\w*\s*/\s*\(?pos\w*\b|\bpos(?:itive)?s?_?weights?\b")
# The share of positives pushes the wrong way.
_SHARE = pattern(r"^\(?pos\w*(?:\.sum\(\))?\s*/\s*\(?(?:total|len|pos\w*\s*\+\s*neg\w*|neg\w*)\b")


def weight_for_pos_weight(seen: Seen) -> Iterator[Hit]:
    """A `weight` that is named or computed as a balance, a `pos_weight` that is the share of positives."""
    for event in seen.events:
        if isinstance(event, Constructed) and event.name in _LOSSES:
            name, first = event.name, 0
        elif isinstance(event, LossCall) and event.loss in _LOSSES and event.made is None:
            name, first = event.loss, 2
        else:
            continue
        weight, positive = _written(event.place, "weight", first), _written(event.place, "pos_weight", None)
        if weight is not None and _BALANCE.search(weight):
            words = {"argument": "weight", "got": "a balance of positives and negatives, which is pos_weight"}
        elif positive is not None and _SHARE.search(positive):
            words = {"argument": "pos_weight", "got": "the share of positives, where negatives over positives belong"}
        else:
            continue
        yield Hit(event.place, Confidence.LIKELY, loss=name, words=words)


def _written(place: Place, name: str, position: int | None) -> str | None:
    """The text of an argument as it is written in the call."""
    if not isinstance(place, NodePlace) or not isinstance(place.node, cst.Call):
        return None
    positional = [arg for arg in place.node.args if arg.keyword is None and not arg.star]
    for arg in place.node.args:
        if arg.keyword is not None and arg.keyword.value == name:
            return cst.Module(()).code_for_node(arg.value)
    if position is not None and position < len(positional):
        return cst.Module(()).code_for_node(positional[position].value)
    return None
