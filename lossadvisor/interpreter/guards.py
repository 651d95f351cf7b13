"""Guards: the conditions under which an alternative holds.

A value that depends on a branch is kept as alternatives, each with the conjunction of conditions that leads to it. The
same condition met twice (in the model and in the training script) is the same key, so alternatives that can never meet
are recognised and dropped.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import field
from enum import Enum
from itertools import count

from lossadvisor.late import dataclass


class Origin(Enum):
    """Who decides a condition; the less of it we see, the weaker the proof."""

    CONFIG = "config"  # command line, module constant, default of a configuration class
    FILE = "file"  # a configuration file of the project, which has been read
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
    serial: int = field(default_factory=count().__next__, compare=False, repr=False)  # the order of making

    @property
    def parts(self) -> frozenset[tuple[Hashable, bool]]:
        """The keys and truths that a compound condition, `("and", parts)`, joins; none for a simple one."""
        found = self.key[1] if self.key[0] == "and" else None
        return found if isinstance(found, frozenset) else frozenset()

    @property
    def constant(self) -> Hashable:
        """What a comparison, `(word, unknown, (type, constant))`, compares with."""
        typed = self.key[2] if len(self.key) > 2 else None
        return typed[1] if isinstance(typed, tuple) and len(typed) > 1 else None


ANY_MODE = ("true", ("training",))
"""The key of `self.training` of a module that nobody has been seen to switch."""
Literal = tuple[Condition, bool]
Guard = frozenset[Literal]
ALWAYS: Guard = frozenset()


def conflicts(left: Guard, right: Guard) -> bool:
    """True when both can never hold together."""
    if not left or not right:
        return False
    for literal in left:
        condition, polarity = literal
        if (condition, not polarity) in right:
            return True
        if condition.key[0] in _COMPARED:
            for other in right:
                if other[0].key[0] in _COMPARED and other[0].key[1] == condition.key[1] and _clash(literal, other):
                    return True
        if not polarity and condition.key[0] == "and" and _all_hold(condition, right):
            return True
    return any(not polarity and one.key[0] == "and" and _all_hold(one, left) for one, polarity in right)


def _all_hold(compound: Condition, guard: Guard) -> bool:
    """Whether the guard says that every part of a compound condition holds."""
    parts = compound.parts
    return len(parts) <= len(guard) and parts <= {(condition.key, polarity) for condition, polarity in guard}


def conjunction(guard: Guard) -> Condition:
    """One condition for a whole guard, so that its being false can be said too."""
    defaults = [None if one.default is None else one.default is polarity for one, polarity in guard]
    default = False if False in defaults else None if None in defaults else True
    origins = [one.origin for one, polarity in guard if one.default is not polarity]
    origin = origins[0] if origins and Origin.OPAQUE not in origins else Origin.OPAQUE
    key = ("and", frozenset((one.key, polarity) for one, polarity in guard))
    return Condition(key, default, origin, "several conditions together")


_COMPARED = frozenset({"eq", "gt", "lt", "in", "holds", "none", "true"})


def _clash(left: Literal, right: Literal) -> bool:
    """Two conditions on the same unknown that exclude each other: `n == 2` and `n > 2`, `n > 2` and `n < 2`."""
    if right[0].key[0] == "eq" and right[1]:
        left, right = right, left
    (first, sign), (second, other) = left, right
    if first.key[0] == "eq" and sign:
        answer = _holds(second, first.constant)
        return answer is not None and answer is not other
    low, high = _bounds(left), _bounds(right)
    if low is None or high is None:
        return False
    return _empty(low, high)


def _holds(condition: Condition, value: Hashable) -> bool | None:
    """The truth of a condition when its unknown has that value; None where that cannot be told."""
    word = condition.key[0]
    if word == "none":
        return value is None
    if word == "true":
        return bool(value)
    if word == "in":
        choices = condition.key[2]
        return isinstance(choices, tuple) and str(value) in choices
    bound = condition.constant
    if word == "holds":
        return bound in value if isinstance(value, str) and isinstance(bound, str) else None
    if word == "eq":
        return bool(value == bound)
    if isinstance(value, int | float) and isinstance(bound, int | float):
        return value > bound if word == "gt" else value < bound
    return None


Bounds = tuple[float, bool, float, bool]
"""Lowest value, whether it is excluded, highest value, whether it is excluded."""


def _bounds(literal: Literal) -> Bounds | None:
    condition, polarity = literal
    if condition.key[0] not in ("gt", "lt"):
        return None
    bound = condition.constant
    if not isinstance(bound, int | float):
        return None
    if (condition.key[0] == "gt") is polarity:
        return (bound, polarity, float("inf"), True)
    return (float("-inf"), True, bound, polarity)


def _empty(left: Bounds, right: Bounds) -> bool:
    low, low_open = max((left[0], left[1]), (right[0], right[1]))
    high, high_open = min((left[2], not left[3]), (right[2], not right[3]))
    return low > high or (low == high and (low_open or not high_open))


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
    for condition, polarity in sorted(literals, key=lambda item: (item[0].text, item[0].serial)):
        found.append(frozenset([*so_far, (condition, not polarity)]))
        so_far.append((condition, polarity))
    return found
