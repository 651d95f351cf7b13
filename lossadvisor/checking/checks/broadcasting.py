"""Prediction and target of an element-wise loss with shapes that differ."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking import proof, trace
from lossadvisor.checking.checks.model import Hit, Seen, made
from lossadvisor.checking.compare import Alternative, Judged
from lossadvisor.contracts import Contract, Family, Mismatch
from lossadvisor.findings import Confidence
from lossadvisor.transfers import shapes
from lossadvisor.values import NEW_TENSOR, Dim, Fact, Shape
from lossadvisor.values.marks import Integers, Ones

_STRICT = (Family.BCE, Family.BCE_WITH_LOGITS)  # they refuse shapes that differ
_OTHERWISE = (Family.MARGIN, Family.EMBEDDING)  # their shapes relate in ways of their own


def broadcasting_loss(seen: Seen) -> Iterator[Hit]:
    """(N, 1) against (N) and other shapes of which a loss makes a larger table, or an error."""
    for one in seen.judged:
        contract = one.call.contract
        if one.port.role != "prediction" or contract.library != "torch" or contract.family in _OTHERWISE:
            continue
        if contract.mismatch not in (Mismatch.WARNS, Mismatch.SILENT) and contract.family not in _STRICT:
            continue
        for target in seen.calls.get(one.call, ()):
            if target.port.role != "target":
                continue
            for mine in one.alternatives:
                for other in target.alternatives:
                    if (mine.guard - other.guard and other.guard - mine.guard) or not _differ(contract, mine, other):
                        continue
                    yield Hit(
                        one.argument.place, _sure(one, mine, other), mine.fact, one.call.loss,
                        words={"got": _words(contract, mine.fact.shape, other.fact.shape)},
                        extra=(*made(one.call), *trace.entries(other.fact)),
                    )


def _sure(one: Judged, mine: Alternative, other: Alternative) -> Confidence:
    """Both shapes have to hold at once; an unknown number of axes leaves a doubt."""
    known = shapes.full(mine.fact.shape) is not None and shapes.full(other.fact.shape) is not None
    total = proof.weight(mine.guard | other.guard) + one.call.doubt + one.call.by_default + (not known)
    return proof.confidence(total)


def _differ(contract: Contract, mine: Alternative, other: Alternative) -> bool:
    left, right = mine.fact.shape, other.fact.shape
    if (is_row(right) and is_column(left)) or (is_row(left) and is_column(right)):
        return True
    a, b = shapes.full(left), shapes.full(right)
    if contract.mismatch is Mismatch.SILENT or not a or not b:
        return False  # a broadcast may be meant; a target of no axis is one number for all
    if _constant(other.fact) and all(size == 1 for size in b):
        return False  # so is a tensor of one constant
    if len(a) != len(b):
        return True
    return any({x, y} != {1} and 1 in (x, y) and isinstance(x, int) and isinstance(y, int)
               for x, y in zip(a, b, strict=True))


def _constant(fact: Fact) -> bool:
    return any(isinstance(mark, Ones | Integers) for mark in fact.marks) or fact.reason == NEW_TENSOR


def _words(contract: Contract, left: Shape, right: Shape) -> str:
    pairs = list(zip(reversed(shapes.tail(left)), reversed(shapes.tail(right)), strict=False))
    fits = all(x == y or 1 in (x, y) or not isinstance(x, int) or not isinstance(y, int) for x, y in pairs)
    effect = "which broadcast" if fits and contract.family not in _STRICT else "which is an error"
    return f"{text(left)} and {text(right)}, {effect}"


def is_row(shape: Shape) -> bool:
    """One axis; a single entry is none."""
    known = shapes.full(shape)
    return known is not None and len(known) == 1 and known[0] != 1


def is_column(shape: Shape) -> bool:
    """Two axes or an unknown number of them, the last of size one; a batch of one is none."""
    known = shapes.full(shape)
    if known is None:
        return shapes.size_at(shape, -1) == 1
    return len(known) == 2 and known[1] == 1 and known[0] != 1


_LETTERS = ("N", "L", "M", "K")


def text(shape: Shape) -> str:
    """The shape for a person, with letters for sizes that are not known."""
    if shape is None:
        return "(?)"
    dims: list[Dim] = list(shapes.tail(shape))
    if shapes.full(shape) is None:
        dims.insert(0, None)
    letters = iter(_LETTERS)
    words = [str(size) if isinstance(size, int) else next(letters, "?") for size in dims]
    return f"({', '.join(words)}{',' if len(words) == 1 else ''})"
