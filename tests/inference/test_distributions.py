"""`probs` and `logits` of discrete distributions are normalised, whatever was given."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, reveal


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("Categorical(logits=scores).probs", (Domain.PROBABILITIES, -1)),
        ("Categorical(logits=scores).logits", (Domain.LOG_PROBABILITIES, -1)),
        ("Categorical(probs=scores.exp()).logits", (Domain.LOG_PROBABILITIES, -1)),
        ("Categorical(scores.softmax(-1)).probs", (Domain.PROBABILITIES, -1)),
        ("OneHotCategorical(logits=scores).probs", (Domain.PROBABILITIES, -1)),
        ("Bernoulli(logits=scores).probs", (Domain.UNIT_INTERVAL, None)),
        ("Bernoulli(logits=scores).logits", (Domain.SCORES, None)),
        ("Bernoulli(probs=scores.sigmoid()).logits", (Domain.UNKNOWN, None)),
    ],
)
def test_attributes(made: str, expected: tuple[Domain, int | None]) -> None:
    head = "from torch.distributions import Bernoulli, Categorical, OneHotCategorical\nscores = nn.Linear(8, 4)(x)\n"
    fact = reveal(f"{head}F.cross_entropy({made}, y)")
    assert (fact.domain, fact.axis) == expected
