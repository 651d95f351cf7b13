"""What recurrent layers return lies in [-1, 1], but for projections, other nonlinearities and states that are given."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, domain


def _program(layer: str, call: str) -> str:
    return f"layer = nn.{layer}\n\n\ndef step(x, y, state):\n    out = {call}\n    F.mse_loss(out, y)\n"


@pytest.mark.parametrize(
    ("layer", "call", "expected"),
    [
        ("LSTM(8, 4)", "layer(x)[0]", Domain.SIGNED_UNIT),
        ("LSTM(8, 4)", "layer(x, state)[0]", Domain.SIGNED_UNIT),  # a sigmoid times a tanh, whatever was before
        ("LSTM(8, 4)", "layer(x)[1][0]", Domain.SIGNED_UNIT),
        ("LSTM(8, 4)", "layer(x)[1][1]", Domain.REAL),  # the cell state adds up
        ("LSTM(8, 4, proj_size=2)", "layer(x)[0]", Domain.REAL),
        ("GRU(8, 4)", "layer(x)[0]", Domain.SIGNED_UNIT),
        ("GRU(8, 4)", "layer(x, state)[0]", Domain.REAL),
        ("GRU(8, 4)", "layer(x, hx=state)[1]", Domain.REAL),
        ("RNN(8, 4)", "layer(x)[0][:, -1]", Domain.SIGNED_UNIT),
        ("RNN(8, 4, 1, 'relu')", "layer(x)[0]", Domain.REAL),
        ("RNN(8, 4, nonlinearity='relu')", "layer(x)[0]", Domain.REAL),
        ("LSTMCell(8, 4)", "layer(x, state)[0]", Domain.SIGNED_UNIT),
        ("LSTMCell(8, 4)", "layer(x, state)[1]", Domain.REAL),
        ("RNNCell(8, 4)", "layer(x, state)", Domain.SIGNED_UNIT),
        ("GRUCell(8, 4)", "layer(x, state)", Domain.REAL),
    ],
)
def test_outputs(layer: str, call: str, expected: Domain) -> None:
    assert domain(_program(layer, call)) is expected
