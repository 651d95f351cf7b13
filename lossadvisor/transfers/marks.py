"""Which marks an operation keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lossadvisor.transfers.model import (
    Affine,
    Cast,
    CastBy,
    Clamped,
    Cut,
    Detached,
    Effect,
    Made,
    Normalised,
    Picked,
    Reduced,
    Reshaped,
    Same,
    Selected,
)
from lossadvisor.values import Domain, Fact
from lossadvisor.values.marks import (
    Accumulated,
    AgainstItself,
    Bounded,
    Fixed,
    MadePositive,
    Mark,
    MayBeZero,
    OfLoss,
    Padded,
    Paired,
    PickedAcross,
    PickedLog,
    Rebuilt,
    Severed,
    Similar,
    SoftCross,
    Spread,
    Table,
    Twice,
    Weights,
)

_KEEPS = (Same, Reshaped, Detached, Cast, CastBy)
_ENDS = (Affine, Picked, Cut, Made, Normalised)


def after(effect: Effect, fact: Fact) -> frozenset[Mark]:
    """The marks of the result of an operation on `fact`."""
    if isinstance(effect, _KEEPS):
        return fact.marks
    return frozenset(_kept(effect, fact))


def _kept(effect: Effect, fact: Fact) -> Iterator[Mark]:
    if isinstance(effect, Clamped):
        yield Bounded()
    if isinstance(effect, Selected) and fact.domain is Domain.LOG_PROBABILITIES:
        yield PickedLog()
    if isinstance(effect, Reduced) and fact.domain is Domain.PROBABILITIES:
        yield MayBeZero("averaged probabilities")
    for mark in fact.marks:
        if isinstance(mark, Table):
            continue
        if isinstance(mark, Similar):
            if isinstance(effect, Normalised | Selected):
                yield mark
        elif isinstance(mark, Fixed):
            if not isinstance(effect, Affine | Made):
                yield mark
        elif isinstance(mark, Weights):
            if isinstance(effect, Selected):
                yield mark
        elif isinstance(mark, Paired):
            if isinstance(effect, Reduced) and effect.keeps_scores:
                yield Similar()
        elif isinstance(effect, _ENDS):
            continue
        elif isinstance(mark, Accumulated | Rebuilt | Severed | Twice):
            yield mark
        elif isinstance(mark, PickedAcross | MadePositive):
            if isinstance(effect, Clamped):
                yield mark
        elif isinstance(mark, PickedLog | AgainstItself | SoftCross):
            if isinstance(effect, Reduced):
                yield mark
        elif isinstance(mark, Spread):
            if not isinstance(effect, Reduced | Selected):
                yield mark
        elif isinstance(mark, OfLoss):
            yield replace(mark, reduced=mark.reduced or isinstance(effect, Reduced), plain=False)
        elif isinstance(mark, Padded) and isinstance(effect, Selected):
            yield mark
