"""Entries picked along another axis than the one that a softmax normalised over (LA302)."""

from __future__ import annotations

from textwrap import dedent

import pytest

from lossadvisor.checking import examine
from lossadvisor.findings import Confidence
from lossadvisor.source.document import Document
from tests.inference.reveal import HEADER, ROOT

_MAIN = "main.py"
_PROGRAM = """
from torch.distributions import Categorical

policy = nn.Linear(4, 3)

def objective(x, a, r, n):
    p = {value}
    return -(({used}) * r).sum()
"""


def _found(value: str, used: str) -> list[Confidence]:
    text = HEADER + dedent(_PROGRAM).format(value=value, used=used)
    findings = examine([Document(_MAIN, ROOT / _MAIN, text)]).findings
    return [finding.confidence for finding in findings if finding.code == "LA302"]


_ROWS = "policy(x.view(-1, 4))"


@pytest.mark.parametrize("value, used", [
    (f"{_ROWS}.softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    (f"{_ROWS}.softmax(0)", "torch.log(torch.gather(p, -1, a.view(-1, 1)).squeeze(1) + 1e-8)"),
    (f"{_ROWS}.softmax(0)", "p.gather(1, a).clamp(min=1e-8).log()"),
    (f"{_ROWS}.softmax(0)", "p[torch.arange(n), a].log()"),
    (f"{_ROWS}.softmax(0)", "p[range(n), a].log()"),
    (f"{_ROWS}.log_softmax(0)", "p.gather(dim=1, index=a)"),
    (f"{_ROWS}.softmax(0)", "p.take_along_dim(a.view(-1, 1), 1).log()"),
    (f"{_ROWS}.log_softmax(0)", "torch.take_along_dim(p, indices=a, dim=1)"),
    (f"F.log_softmax({_ROWS} / 0.7, dim=0)", "p[torch.arange(n), a]"),
    ("policy(x).softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    (f"{_ROWS}.softmax(0)", "Categorical(p).log_prob(a)"),
])  # fmt: skip
def test_rows_read_from_columns_that_sum_to_one(value: str, used: str) -> None:
    assert _found(value, used) == [Confidence.CERTAIN]


@pytest.mark.parametrize("used", ["p.gather(1, a).log()", "p[torch.arange(n), a].log()"])
def test_without_a_known_number_of_axes_it_is_less_sure(used: str) -> None:
    assert _found("policy(x).softmax(0)", used) == [Confidence.LIKELY]


@pytest.mark.parametrize("value, used", [
    # the number of axes is not known, and one axis may be all there is
    ("policy(x).softmax(0)", "Categorical(p).log_prob(a)"),
    ("policy(x).softmax(0)", "p.gather(-1, a).log()"),
    # along the axis that sums to one
    (f"{_ROWS}.softmax(0)", "p.gather(0, a.view(1, -1)).log()"),
    (f"{_ROWS}.softmax(0)", "p.take_along_dim(a.view(1, -1), 0).log()"),
    (f"{_ROWS}.softmax(0)", "p.take_along_dim(a).log()"),
    (f"{_ROWS}.softmax(0)", "p[a, torch.arange(3)].log()"),
    (f"{_ROWS}.softmax(-1)", "p.gather(1, a.view(-1, 1)).log()"),
    # turned before or after
    (f"{_ROWS}.t().softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    (f"{_ROWS}.t().softmax(0)", "p[torch.arange(n), a].log()"),
    (f"{_ROWS}.softmax(0).t()", "p.gather(1, a.view(-1, 1)).log()"),
    (f"{_ROWS}.softmax(0).T", "p.gather(1, a.view(-1, 1)).log()"),
    (f"{_ROWS}.softmax(0).mT", "p[torch.arange(n), a].log()"),
    (f"{_ROWS}.T.softmax(0)", "p[torch.arange(n), a].log()"),
    (f"{_ROWS}.softmax(0).transpose(0, 1)", "Categorical(p).log_prob(a)"),
    # similarities of rows with rows, both ways
    ("(policy(x) @ policy(r).t()).softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    ("torch.matmul(policy(x.view(-1, 4)), policy(r.view(-1, 4)).t()).softmax(0)", "p[torch.arange(n), a].log()"),
    (f"{_ROWS}.softmax(0)", "p[torch.arange(n), torch.arange(n)].log()"),
    # another layout, one unit, more axes, experts side by side
    ("x.softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    ("nn.Linear(4, 1)(x.view(-1, 4)).softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    ("policy(x.view(-1, 5, 4)).softmax(0)", "p.gather(1, a.view(-1, 1, 1)).log()"),
    ("torch.stack([policy(x), policy(r)]).softmax(0)", "p[torch.arange(n), a].log()"),
    ("torch.stack([policy(x.view(-1, 4)), policy(r.view(-1, 4))]).softmax(0)", "p[torch.arange(n), a].log()"),
    ("policy(x.view(-1, 5, 4)).permute(2, 0, 1).softmax(0)", "p.gather(1, a).log()"),
    ("policy(x.view(6, 4)).softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    ("nn.Parameter(torch.tensor(1.0)).softmax(0)", "p.gather(1, a.view(-1, 1)).log()"),
    # no logarithm
    (f"{_ROWS}.softmax(0)", "p.gather(1, a.view(-1, 1))"),
])  # fmt: skip
def test_silent(value: str, used: str) -> None:
    assert _found(value, used) == []


def test_what_no_grad_reads_trains_nothing() -> None:
    program = """
    policy = nn.Linear(4, 3)

    @torch.no_grad()
    def surprise(x, a):
        return -policy(x.view(-1, 4)).log_softmax(0).gather(1, a.view(-1, 1)).mean()
    """
    text = HEADER + dedent(program)
    assert not [one for one in examine([Document(_MAIN, ROOT / _MAIN, text)]).findings if one.code == "LA302"]
