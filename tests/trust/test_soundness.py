"""What the interpreter claims as certain agrees with what torch computes, program by program."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("torch")

from .practice import practice
from .programs import Program, program
from .soundness import examine

PROGRAMS = 300
# Programs that once refuted a claim, by what was claimed wrongly. A seed keeps its program as long as `programs.py`
# draws what it draws now; new kinds of programs belong into a generator of their own.
REFUTED_ONCE = (
    1705, 1766, 8870, 9650,  # signs of what may be zero
    3931, 5626,  # the logit of probabilities
    1751, 8487, 9846, 4954,  # classes of what has none any more
    4557,  # indices less a small number
    4565, 5768, 9810,  # long lists
    5442,  # one of two tensors written into; isinstance of a layer
    7522, 6906,  # a negation without gradient, the elements of a generator
    6761, 9618,  # detached, but asked for a gradient afterwards
    6577,  # products of indices
    1704, 8318, 8678,  # lines of the module that change a value: by a function, by another name, by `+=`
    6881, 8940,  # a module's name that a function binds anew
    6331, 4113, 6084,  # children of a Sequential by name
    8316,  # a comprehension over an empty range
    5736,  # a constant that is not small
    1835,  # classes after a product with other weights
)
PRACTICE_REFUTED_ONCE = (
    3, 23, 301,  # distributions side by side; rows stacked
    94, 118, 202, 273,  # parameters frozen by name
    110,  # written into a view
    407, 545, 940, 2236,  # frozen weights of recurrent layers and of functional maps
    1024, 2752, 3370,  # something unknown plus something detached
    5137, 5673,  # the axis of hstack
)


def test_no_certain_claim_is_refuted(capsys: pytest.CaptureFixture[str]) -> None:
    """Some hundred programs; `python -m tests.trust.soundness --programs 10000` runs many more."""
    tally = examine(range(PROGRAMS))
    with capsys.disabled():
        print("\nsoundness of operations:", tally.summary())
    assert tally.refuted == []
    assert tally.ran > 0.8 * PROGRAMS
    assert tally.judged > 0.7 * PROGRAMS
    assert tally.unknown < 0.5 * tally.judged
    assert tally.missed < 0.05 * tally.judged


def test_no_certain_claim_of_training_code_is_refuted(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs in the manner of real training code; `--generator practice` runs many more."""
    tally = examine(range(PROGRAMS), "practice")
    with capsys.disabled():
        print("\nsoundness of practice:", tally.summary())
    assert tally.refuted == []
    assert tally.ran > 0.8 * PROGRAMS
    assert tally.judged > 0.7 * PROGRAMS
    assert tally.unknown < 0.6 * tally.judged
    assert tally.missed < 0.05 * tally.judged


@pytest.mark.parametrize("seed", REFUTED_ONCE)
def test_what_was_refuted_once_is_not_claimed_again(seed: int) -> None:
    _holds(seed, "operations")


@pytest.mark.parametrize("seed", PRACTICE_REFUTED_ONCE)
def test_what_training_code_refuted_once_is_not_claimed_again(seed: int) -> None:
    _holds(seed, "practice")


def _holds(seed: int, generator: str) -> None:
    tally = examine([seed], generator)
    assert tally.ran == 1
    assert tally.refuted == []


@pytest.mark.parametrize("make", [program, practice])
def test_programs_are_made_from_their_seed_alone(make: Callable[[int], Program]) -> None:
    assert make(17).marked == make(17).marked
    assert len({make(seed).marked for seed in range(50)}) == 50


@pytest.mark.parametrize("make", [program, practice])
def test_rows_of_the_run_are_those_of_the_text(make: Callable[[int], Program]) -> None:
    for seed in range(20):
        made = make(seed)
        rows = made.instrumented().split("\n")
        assert "«" not in made.text()
        assert all("_seen_(" in rows[row - 1] for row in made.rows().values())
