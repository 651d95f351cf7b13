"""Conditions are taken in an order of their own, not in that of memory: the same guards in every run."""

from __future__ import annotations

import pytest

from lossadvisor.interpreter.guards import Condition, negations


@pytest.mark.parametrize("keys", [(1, 2, 3), (3, 2, 1), (2, 10, 1)])
def test_negations_follow_the_order_of_making_whatever_the_keys(keys: tuple[int, ...]) -> None:
    made = [Condition(("at", key)) for key in keys]  # numbers that stand for addresses
    found = negations(frozenset((condition, True) for condition in made))
    assert found == [
        frozenset([*((earlier, True) for earlier in made[:position]), (condition, False)])
        for position, condition in enumerate(made)
    ]
