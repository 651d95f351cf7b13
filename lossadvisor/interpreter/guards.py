"""Guards: the conditions under which an alternative holds.

A value that depends on a branch is kept as alternatives, each with the conjunction of conditions that leads to it. The
same condition met twice (in the model and in the training script) is the same key, so alternatives that can never meet
are recognised and dropped.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from enum import Enum


class Origin(Enum):
    """Who decides a condition; the less of it we see, the weaker the proof."""

    CONFIG = "config"  # command line, configuration file, module constant
    PARAMETER = "parameter"  # a parameter of a function that no visible caller fills
    MODE = "mode"  # train/eval mode of a module
    OPAQUE = "opaque"  # anything else


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition by key; `default` is its truth when nothing is chosen, where that is known."""

    key: tuple[Hashable, ...]
    default: bool | None = field(default=None, compare=False)
    origin: Origin = field(default=Origin.OPAQUE, compare=False)
    text: str = field(default="", compare=False)


Literal = tuple[Condition, bool]
Guard = frozenset[Literal]
ALWAYS: Guard = frozenset()


def conflicts(left: Guard, right: Guard) -> bool:
    """True when both can never hold together."""
    if not left or not right:
        return False
    for condition, polarity in left:
        if (condition, not polarity) in right:
            return True
        if condition.key[0] == "eq" and polarity:
            for other, sign in right:
                if sign and other.key[0] == "eq" and other.key[1] == condition.key[1] and other.key != condition.key:
                    return True
    return False


def conjoin(left: Guard, right: Guard) -> Guard | None:
    """Both guards together, or None when they can never meet."""
    if not right:
        return left
    if not left:
        return right
    if conflicts(left, right):
        return None
    return left | right


def negations(literals: Iterable[Literal]) -> list[Guard]:
    """The negation of a conjunction, as disjoint guards."""
    found: list[Guard] = []
    so_far: list[Literal] = []
    for condition, polarity in sorted(literals, key=lambda item: str(item[0].key)):
        found.append(frozenset([*so_far, (condition, not polarity)]))
        so_far.append((condition, polarity))
    return found
