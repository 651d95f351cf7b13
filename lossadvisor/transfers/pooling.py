"""What pooling over places, resizing and padding make of the meaning of a tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lossadvisor.values import BY_ELEMENT, REST, Domain, Fact

# Means of whole numbers lie between them. A mean of logarithms is the logarithm of no distribution.
_AVERAGED = {
    Domain.ONE_HOT: Domain.UNIT_INTERVAL, Domain.MULTI_HOT: Domain.UNIT_INTERVAL, Domain.SIGNS: Domain.SIGNED_UNIT,
    Domain.INDICES: Domain.NON_NEGATIVE, Domain.BYTES: Domain.NON_NEGATIVE, Domain.LOG_PROBABILITIES: Domain.UNKNOWN,
}  # fmt: skip
# What keeps single numbers: the greatest of each channel, copies along another axis than that of the distribution.
_COPIED = {**BY_ELEMENT, Domain.ONE_HOT: Domain.MULTI_HOT}
# Zeros or other numbers on the border are no signs.
_PADDED = {**_COPIED, Domain.SIGNS: Domain.UNKNOWN}
_NOT_NEGATIVE = frozenset({
    Domain.PROBABILITIES, Domain.UNIT_INTERVAL, Domain.NON_NEGATIVE, Domain.ONE_HOT, Domain.MULTI_HOT, Domain.INDICES,
    Domain.BYTES,
})  # fmt: skip
_PLACES = {"1d": 1, "2d": 2, "3d": 3}
_RESIZING = frozenset({"interpolate", "upsample", "Upsample", "UpsamplingBilinear2d", "upsample_bilinear",
                       "UpsamplingNearest2d"})  # fmt: skip
_NEAREST = ("nearest", "nearest-exact")


def pooled(name: str, fact: Fact, options: Mapping[str, object]) -> Fact:
    """Means over places of distributions over channels are distributions; maxima and cubic curves are none.

    `name` is the last part of the operation's name. Resizing whose mode is not known may take means.
    """
    rank = None if fact.shape is None or fact.shape[:1] == (REST,) else len(fact.shape)
    fact = replace(fact, shape=None)
    if fact.domain is not Domain.SCORES and (options.get("mode") == "bicubic" or name == "grid_sample"):
        return replace(fact, domain=Domain.REAL, axis=None)
    if name.startswith("LPPool"):  # roots of sums of powers
        positive = fact.domain in _NOT_NEGATIVE
        return replace(fact, domain=Domain.NON_NEGATIVE if positive else Domain.REAL, axis=None)
    if fact.domain is Domain.RECTIFIED:
        return replace(fact, domain=Domain.NON_NEGATIVE)
    if fact.domain is Domain.DROPPED:
        return replace(fact, domain=Domain.REAL)
    if "pad" in name.lower():
        return _as(fact, _PADDED)
    copies = name == "UpsamplingNearest2d" or options.get("mode") in _NEAREST
    mean = "avg" in name.lower() or (name in _RESIZING and not copies)
    if name in _RESIZING and not mean:
        return fact if fact.axis == 1 else _as(fact, _COPIED)
    if mean and fact.domain in _AVERAGED:
        return _as(fact, _AVERAGED)
    if mean and fact.domain is Domain.PROBABILITIES:
        kept = fact.axis == 1 if name in _RESIZING else _over_places(name, fact, rank)
        return fact if kept else _as(fact, BY_ELEMENT)
    return _as(fact, BY_ELEMENT if mean else _COPIED)


def _as(fact: Fact, table: Mapping[Domain, Domain]) -> Fact:
    becomes = table.get(fact.domain)
    return fact if becomes is None else replace(fact, domain=becomes, axis=None)


def _over_places(name: str, fact: Fact, rank: int | None) -> bool:
    """Whether the axis of the distribution is that of the channels, before the places that are averaged."""
    places = next((count for suffix, count in _PLACES.items() if name.lower().endswith(suffix)), None)
    return places is not None and rank is not None and rank == places + 2 and fact.axis in (1, 1 - rank)
