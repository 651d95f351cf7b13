"""Tensors rearranged by patterns of named axes."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, reveal

HEADER = "import einops\nfrom einops import rearrange, repeat, reduce\nfrom einops.layers.torch import Rearrange\n"
NET = "p = nn.Linear(8, 4)(x).view(2, 3, 5, 4).softmax({axis})\n"


@pytest.mark.parametrize(
    ("axis", "pattern", "after", "shape"),
    [
        (-1, "b h w c -> b c h w", 1, (2, 4, 3, 5)),
        (3, "b h w c -> (b h w) c", 1, (30, 4)),
        (-1, "b ... c -> b c ...", 1, None),
        (-1, "... c -> c ...", 0, None),
        (1, "b c ... -> b ... c", -1, None),
        (-1, "b h w c -> b h w 1 c", 4, (2, 3, 5, 1, 4)),
    ],
)
def test_the_axis_of_the_classes(axis: int, pattern: str, after: int, shape: object) -> None:
    fact = reveal(HEADER + NET.format(axis=axis) + f"F.nll_loss(rearrange(p, '{pattern}'), y)")
    assert (fact.domain, fact.axis, fact.shape) == (Domain.PROBABILITIES, after, shape)


@pytest.mark.parametrize("pattern", ["b h w c -> b h (w c)", "b h w (u v) -> b h w u v", "... w c -> ... (w c)"])
def test_an_axis_that_is_taken_apart_or_merged(pattern: str) -> None:
    fact = reveal(HEADER + NET.format(axis=-1) + f"F.nll_loss(einops.rearrange(p, '{pattern}', u=2), y)")
    assert (fact.domain, fact.axis) == (Domain.UNIT_INTERVAL, None)


def test_without_an_axis_the_meaning_stays() -> None:
    program = HEADER + "p = rearrange(torch.sigmoid(nn.Linear(8, 1)(x)), 'b 1 -> b')\nF.binary_cross_entropy(p, y)"
    assert reveal(program).domain is Domain.UNIT_INTERVAL


def test_a_layer() -> None:
    net = "net = nn.Sequential(nn.Linear(8, 4), nn.Softmax(-1), Rearrange('b t c -> b c t'))\n"
    fact = reveal(HEADER + net + "F.nll_loss(net(x), y)")
    assert (fact.domain, fact.axis) == (Domain.PROBABILITIES, 1)


@pytest.mark.parametrize(
    ("word", "expected"), [("mean", Domain.SCORES), ("max", Domain.UNKNOWN), ("sum", Domain.UNKNOWN)]
)
def test_reduce(word: str, expected: Domain) -> None:
    program = HEADER + f"s = reduce(nn.Linear(8, 4)(x), 'b t c -> b c', '{word}')\nF.cross_entropy(s, y)"
    assert reveal(program).domain is expected


def test_repeat_with_a_new_axis() -> None:
    program = HEADER + NET.format(axis=-1) + "F.nll_loss(repeat(p, 'b h w c -> b k h w c', k=7), y)"
    fact = reveal(program)
    assert (fact.domain, fact.axis, fact.shape) == (Domain.PROBABILITIES, 4, (2, 7, 3, 5, 4))


@pytest.mark.parametrize("pattern", ["'b c'", "f'{a} -> {b}'", "'b (c -> c'"])
def test_what_is_no_pattern(pattern: str) -> None:
    assert reveal(HEADER + NET.format(axis=-1) + f"F.nll_loss(rearrange(p, {pattern}), y)").domain is Domain.UNKNOWN
