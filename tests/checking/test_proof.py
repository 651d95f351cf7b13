"""Confidence: how many points each kind of condition costs, and what they add up to."""

from __future__ import annotations

import pytest

from lossadvisor.checking.proof import confidence, evaluation_only, points, weight
from lossadvisor.findings import Confidence
from lossadvisor.interpreter.guards import Condition, Literal, Origin


def literal(origin: Origin, polarity: bool = True, default: bool | None = None, key: str = "k") -> Literal:
    return Condition((key,), default, origin), polarity


@pytest.mark.parametrize(
    ("origin", "default", "expected"),
    [
        (Origin.MODE, None, 0),  # training and evaluation both happen
        (Origin.MODE, False, 0),
        (Origin.CONFIG, None, 1),
        (Origin.CONFIG, False, 1),
        (Origin.PARAMETER, None, 1),
        (Origin.PARAMETER, False, 2),  # somebody has to pass what is not the default
        (Origin.OPAQUE, None, 2),
        (Origin.OPAQUE, True, 0),  # what is chosen when nothing special is
    ],
)
def test_points(origin: Origin, default: bool | None, expected: int) -> None:
    assert points(literal(origin, True, default)) == expected


def test_points_add_up() -> None:
    guard = frozenset({literal(Origin.CONFIG, key="a"), literal(Origin.PARAMETER, True, False, "b")})
    assert weight(guard) == 3
    assert weight(frozenset()) == 0


def test_parts_of_a_compound_condition_count_once() -> None:
    part = literal(Origin.CONFIG, key="a")
    whole = Condition(("and", frozenset({(part[0].key, True)})), None, Origin.CONFIG)
    assert weight(frozenset({part, (whole, True)})) == 1


def test_from_points_to_confidence() -> None:
    assert [confidence(total) for total in (0, 1, 2, 5)] == [
        Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE, Confidence.POSSIBLE,
    ]  # fmt: skip


def test_evaluation_only() -> None:
    training = literal(Origin.MODE, True)
    evaluation = literal(Origin.MODE, False)
    assert evaluation_only(frozenset({evaluation}))
    assert evaluation_only(frozenset({evaluation, literal(Origin.CONFIG, key="c")}))
    assert not evaluation_only(frozenset({training}))
    assert not evaluation_only(frozenset({literal(Origin.CONFIG, False)}))
    assert not evaluation_only(frozenset())
