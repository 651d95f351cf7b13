"""Features that were cut, which a divergence may compare and a classification may not read."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(("loss", "code"), [
    ("F.kl_div(F.log_softmax(scores, dim=1), F.softmax(y, dim=1), reduction='batchmean')", ""),
    ("nn.KLDivLoss(reduction='sum')(scores.log_softmax(1), y.softmax(1))", ""),
    ("F.nll_loss(F.log_softmax(scores, dim=1), y)", "LA104"),
])  # fmt: skip
def test_cut_features(loss: str, code: str, exactly_as_marked: Callable[[str], None]) -> None:
    exactly_as_marked(f"""\
def step(x, y):
    scores = F.relu(model(x))
    loss = {loss}  # {code}
    loss.backward()
""")
