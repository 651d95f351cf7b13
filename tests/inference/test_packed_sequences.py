"""Sequences packed behind each other: what their steps mean stays, the axis of the batch goes into that of time."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, reveal

HEADER = """
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

head = nn.Sequential(nn.Linear(8, 4), nn.Softmax({axis}))

def step(x, lengths, y):
    p = head(x)
"""


@pytest.mark.parametrize(
    "written",
    [
        "p = pack_padded_sequence(p, lengths, batch_first=True)[0]",
        "p = pack_padded_sequence(p, lengths, batch_first=True).data",
        "p, sizes = pack_padded_sequence(p, lengths)",
        "p, _, _, _ = pack_padded_sequence(p, lengths, enforce_sorted=False)",
        "p, lengths = pad_packed_sequence(pack_padded_sequence(p, lengths))",
    ],
)
def test_steps_of_packed_sequences(written: str) -> None:
    fact = reveal(HEADER.format(axis=-1) + f"    {written}\n    F.nll_loss(p, y)")
    assert (fact.domain, fact.axis) == (Domain.PROBABILITIES, -1)


@pytest.mark.parametrize(("axis", "after"), [(2, 1), (-1, -1)])
def test_the_axis_moves_to_the_front(axis: int, after: int) -> None:
    packed = "    p = pack_padded_sequence(p, lengths)[0]\n    F.nll_loss(p, y)"
    assert reveal(HEADER.format(axis=axis) + packed).axis == after


def test_over_the_steps_nothing_sums_to_one_any_more() -> None:
    packed = "    p = pack_padded_sequence(p, lengths)[0]\n    F.nll_loss(p, y)"
    assert reveal(HEADER.format(axis=1) + packed).domain is Domain.UNIT_INTERVAL


def test_a_recurrent_layer_between_packing_and_padding() -> None:
    program = """
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
    rnn = nn.LSTM(8, 16, batch_first=True)
    out = nn.Linear(16, 4)

    def step(x, lengths, y):
        packed, (hidden, cell) = rnn(pack_padded_sequence(x, lengths, batch_first=True))
        padded, _ = pad_packed_sequence(packed, batch_first=True)
        F.nll_loss(F.softmax(out(padded), dim=2), y)
    """
    fact = reveal(program)
    assert (fact.domain, fact.axis, fact.shape) == (Domain.PROBABILITIES, 2, (None, None, 4))
