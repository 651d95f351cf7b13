"""Confidence, computed from what had to be assumed: the conditions under which the wrong value arrives."""

from __future__ import annotations

from lossadvisor.findings import Confidence
from lossadvisor.interpreter.guards import Guard, Literal, Origin


def points(literal: Literal) -> int:
    """How far a condition is from what happens when nothing special is chosen: 0, 1 or 2."""
    condition, polarity = literal
    if condition.default is polarity:
        return 0
    match condition.origin:
        case Origin.MODE:
            return 0
        case Origin.CONFIG:
            return 1
        case Origin.FILE:
            return 2  # the project's own file says otherwise
        case Origin.PARAMETER:
            return 1 if condition.default is None else 2
        case Origin.OPAQUE:
            return 2


def weight(guard: Guard) -> int:
    """The points of a conjunction. Parts of a compound condition are not counted beside it.

    What is set on the command line counts once: somebody who runs this choice sets all that it takes.
    """
    compound = {part for condition, _ in guard for part in condition.parts}
    counted = [literal for literal in guard if (literal[0].key, literal[1]) not in compound]
    settings = [points(literal) for literal in counted if literal[0].origin is Origin.CONFIG]
    others = [points(literal) for literal in counted if literal[0].origin is not Origin.CONFIG]
    return sum(others) + max(settings, default=0)


def departs(guard: Guard) -> bool:
    """Whether somebody has to choose something else than what is usual; where nothing is usual, each choice is."""
    return any(points(literal) and literal[0].default is not None for literal in guard)


def astray(path: Guard) -> int:
    """The points of getting somewhere only with other settings than those of the project's configuration file."""
    return 2 if any(one.origin is Origin.FILE and one.default is (not holds) for one, holds in path) else 0


def confidence(total: int) -> Confidence:
    """0 points: certain; 1: likely; more: possible."""
    if total <= 0:
        return Confidence.CERTAIN
    return Confidence.LIKELY if total == 1 else Confidence.POSSIBLE


def evaluation_only(guard: Guard) -> bool:
    """True when the guard says that a module is in evaluation mode."""
    return any(condition.origin is Origin.MODE and not polarity for condition, polarity in guard)
