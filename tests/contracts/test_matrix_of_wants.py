"""The matrix of wants and domains, cell by cell: a cell that changes is changed here as well, on purpose.

What is no cell is unknown, and unknown is silent, so a cell that is lost would be noticed by nobody else.
"""

from __future__ import annotations

from lossadvisor.contracts import RELATIONS, Relation, Want
from lossadvisor.values import Domain

MATRIX = """\
logits | fits: scores similarity | redundant: log-probabilities | violates: rectified dropped probabilities
    unit-interval signed-unit
binary-logits | fits: scores similarity | violates: rectified dropped probabilities log-probabilities unit-interval
    log-unit-interval signed-unit
either-logits | fits: scores similarity | violates: rectified dropped probabilities unit-interval signed-unit
element-probabilities | fragile: unit-interval | violates: scores rectified dropped probabilities log-probabilities
    log-unit-interval signed-unit similarity
class-probabilities | fits: probabilities one-hot | violates: scores log-probabilities log-unit-interval
probabilities | fits: probabilities unit-interval one-hot multi-hot | violates: scores log-probabilities
    log-unit-interval
log-probabilities | fits: log-probabilities | violates: scores rectified dropped probabilities unit-interval
    signed-unit similarity
distribution | fits: probabilities one-hot | violates: scores log-probabilities log-unit-interval signed-unit indices
log-distribution | fits: log-probabilities | violates: scores probabilities indices one-hot
margin-scores | fits: scores | violates: probabilities unit-interval
real | fits: scores rectified dropped real non-negative probabilities log-probabilities unit-interval
    log-unit-interval signed-unit similarity one-hot multi-hot signs bytes | violates: indices
log-rate | fits: scores | violates: rectified non-negative
rate | fits: rectified non-negative | violates: scores log-probabilities signed-unit
variance | fits: non-negative unit-interval | fragile: rectified | violates: scores log-probabilities
    log-unit-interval signed-unit
distance | fits: non-negative | violates: scores log-probabilities similarity
embedding | fits: scores real signed-unit
features | fits: rectified dropped real signed-unit | violates: probabilities log-probabilities
class-indices | fits: indices | violates: scores probabilities log-probabilities one-hot multi-hot signs
class-indices-or-probabilities | fits: probabilities indices one-hot | violates: scores log-probabilities multi-hot
    signs
unit-target | fits: probabilities unit-interval one-hot multi-hot | violates: scores log-probabilities signs bytes
sign-target | fits: signs | violates: one-hot multi-hot
index-list | fits: indices | violates: one-hot multi-hot
label-sequence | fits: indices | violates: one-hot multi-hot
count-target | fits: non-negative indices | violates: log-probabilities signs
boxes |
any |
"""


def cells() -> dict[tuple[Want, Domain], Relation]:
    """The text as a table; a row that begins with blanks continues the one above."""
    found: dict[tuple[Want, Domain], Relation] = {}
    for row in MATRIX.replace("\n    ", " ").splitlines():
        want, *groups = row.split("|")
        for group in groups:
            relation, _, names = group.partition(":")
            for name in names.split():
                found[Want(want.strip()), Domain(name)] = Relation(relation.strip())
    return found


def test_every_cell() -> None:
    there = {(want, domain): relation for want, row in RELATIONS.items() for domain, relation in row.items()}
    assert there == cells()
