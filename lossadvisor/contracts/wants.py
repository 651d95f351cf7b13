"""What a port can want, and how each domain relates to it: the matrix contract x domain.

A cell that is absent is UNKNOWN: no claim is made and no rule may fire.
Sources: the pages of docs.pytorch.org named in each contract; behaviour measured on torch 2.13.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from lossadvisor.values import Domain


class Want(Enum):
    """What the numbers handed to a port must mean."""

    LOGITS = "logits"  # unnormalised scores, one per class along the class axis
    BINARY_LOGITS = "binary-logits"  # unnormalised scores, each element a decision of its own
    EITHER_LOGITS = "either-logits"  # one of the two above: an option that could not be read decides which
    ELEMENT_PROBABILITIES = "element-probabilities"  # in [0, 1], each element a probability of its own
    CLASS_PROBABILITIES = "class-probabilities"  # in [0, 1], summing to one over the class axis
    PROBABILITIES = "probabilities"  # in [0, 1], per element or over the classes: both are right
    LOG_PROBABILITIES = "log-probabilities"  # logarithms of a distribution over the class axis
    DISTRIBUTION = "distribution"  # target of a divergence: probabilities
    LOG_DISTRIBUTION = "log-distribution"  # target of a divergence in log space
    MARGIN_SCORES = "margin-scores"  # unconstrained scores compared by a margin
    REAL = "real"  # regression values
    LOG_RATE = "log-rate"
    RATE = "rate"
    VARIANCE = "variance"
    DISTANCE = "distance"  # non-negative dissimilarity
    EMBEDDING = "embedding"
    FEATURES = "features"  # hidden activations; the loss owns the output layer
    CLASS_INDICES = "class-indices"
    CLASS_INDICES_OR_PROBABILITIES = "class-indices-or-probabilities"
    UNIT_TARGET = "unit-target"  # floats in [0, 1] of the shape of the input
    SIGN_TARGET = "sign-target"  # -1 or +1
    INDEX_LIST = "index-list"  # class indices padded by -1 (MultiLabelMarginLoss)
    LABEL_SEQUENCE = "label-sequence"  # CTC targets
    COUNT_TARGET = "count-target"
    BOXES = "boxes"
    ANY = "any"


class Relation(Enum):
    """The outcome of comparing a fact with what a port wants."""

    FITS = "fits"
    REDUNDANT = "redundant"  # the same value, wasted work
    FRAGILE = "fragile"  # right, but a stabler form exists
    VIOLATES = "violates"
    UNKNOWN = "unknown"


_FITS, _REDUNDANT, _FRAGILE, _VIOLATES = Relation.FITS, Relation.REDUNDANT, Relation.FRAGILE, Relation.VIOLATES
D = Domain

RELATIONS: Mapping[Want, Mapping[Domain, Relation]] = {
    Want.LOGITS: {
        D.SCORES: _FITS,
        D.SIMILARITY: _FITS,
        D.RECTIFIED: _VIOLATES,
        D.DROPPED: _VIOLATES,
        D.PROBABILITIES: _VIOLATES,
        D.UNIT_INTERVAL: _VIOLATES,
        D.SIGNED_UNIT: _VIOLATES,
        D.LOG_PROBABILITIES: _REDUNDANT,
    },
    Want.BINARY_LOGITS: {
        D.SCORES: _FITS,
        D.SIMILARITY: _FITS,
        D.RECTIFIED: _VIOLATES,
        D.DROPPED: _VIOLATES,
        D.PROBABILITIES: _VIOLATES,
        D.UNIT_INTERVAL: _VIOLATES,
        D.SIGNED_UNIT: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.LOG_UNIT_INTERVAL: _VIOLATES,
    },
    Want.EITHER_LOGITS: {  # what both have in common
        D.SCORES: _FITS,
        D.SIMILARITY: _FITS,
        D.RECTIFIED: _VIOLATES,
        D.DROPPED: _VIOLATES,
        D.PROBABILITIES: _VIOLATES,
        D.UNIT_INTERVAL: _VIOLATES,
        D.SIGNED_UNIT: _VIOLATES,
    },
    Want.ELEMENT_PROBABILITIES: {
        D.UNIT_INTERVAL: _FRAGILE,
        D.PROBABILITIES: _VIOLATES,
        D.SCORES: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.LOG_UNIT_INTERVAL: _VIOLATES,
        D.RECTIFIED: _VIOLATES,
        D.DROPPED: _VIOLATES,
        D.SIMILARITY: _VIOLATES,
        D.SIGNED_UNIT: _VIOLATES,
    },
    Want.CLASS_PROBABILITIES: {
        D.PROBABILITIES: _FITS,
        D.ONE_HOT: _FITS,
        D.SCORES: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.LOG_UNIT_INTERVAL: _VIOLATES,
    },
    Want.PROBABILITIES: {
        D.PROBABILITIES: _FITS,
        D.UNIT_INTERVAL: _FITS,
        D.ONE_HOT: _FITS,
        D.MULTI_HOT: _FITS,
        D.SCORES: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.LOG_UNIT_INTERVAL: _VIOLATES,
    },
    Want.LOG_PROBABILITIES: {
        D.LOG_PROBABILITIES: _FITS,
        D.PROBABILITIES: _VIOLATES,
        D.UNIT_INTERVAL: _VIOLATES,
        D.SCORES: _VIOLATES,
        D.RECTIFIED: _VIOLATES,
        D.DROPPED: _VIOLATES,
        D.SIMILARITY: _VIOLATES,
        D.SIGNED_UNIT: _VIOLATES,
    },
    Want.DISTRIBUTION: {
        D.PROBABILITIES: _FITS,
        D.ONE_HOT: _FITS,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.SCORES: _VIOLATES,
        D.SIGNED_UNIT: _VIOLATES,
        D.LOG_UNIT_INTERVAL: _VIOLATES,
        D.INDICES: _VIOLATES,
    },
    Want.LOG_DISTRIBUTION: {
        D.LOG_PROBABILITIES: _FITS,
        D.PROBABILITIES: _VIOLATES,
        D.SCORES: _VIOLATES,
        D.ONE_HOT: _VIOLATES,
        D.INDICES: _VIOLATES,
    },
    Want.MARGIN_SCORES: {
        D.SCORES: _FITS,
        D.PROBABILITIES: _VIOLATES,
        D.UNIT_INTERVAL: _VIOLATES,
    },
    Want.CLASS_INDICES: {
        D.INDICES: _FITS,
        D.ONE_HOT: _VIOLATES,
        D.MULTI_HOT: _VIOLATES,
        D.PROBABILITIES: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.SCORES: _VIOLATES,
        D.SIGNS: _VIOLATES,
    },
    Want.CLASS_INDICES_OR_PROBABILITIES: {
        D.INDICES: _FITS,
        D.PROBABILITIES: _FITS,
        D.ONE_HOT: _FITS,
        D.MULTI_HOT: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.SCORES: _VIOLATES,
        D.SIGNS: _VIOLATES,
    },
    Want.UNIT_TARGET: {
        D.UNIT_INTERVAL: _FITS,
        D.PROBABILITIES: _FITS,
        D.ONE_HOT: _FITS,
        D.MULTI_HOT: _FITS,
        D.BYTES: _VIOLATES,
        D.SIGNS: _VIOLATES,
        D.SCORES: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
    },
    Want.SIGN_TARGET: {
        D.SIGNS: _FITS,
        D.ONE_HOT: _VIOLATES,
        D.MULTI_HOT: _VIOLATES,
    },
    Want.INDEX_LIST: {
        D.INDICES: _FITS,
        D.MULTI_HOT: _VIOLATES,
        D.ONE_HOT: _VIOLATES,
    },
    Want.LOG_RATE: {
        D.SCORES: _FITS,
        D.NON_NEGATIVE: _VIOLATES,
        D.RECTIFIED: _VIOLATES,
    },
    Want.RATE: {
        D.NON_NEGATIVE: _FITS,
        D.RECTIFIED: _FITS,
        D.SCORES: _VIOLATES,
        D.SIGNED_UNIT: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
    },
    Want.VARIANCE: {
        D.NON_NEGATIVE: _FITS,
        D.SCORES: _VIOLATES,
        D.RECTIFIED: _FRAGILE,
        D.UNIT_INTERVAL: _FITS,
        D.SIGNED_UNIT: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
        D.LOG_UNIT_INTERVAL: _VIOLATES,
    },
    Want.REAL: {  # a distance is defined between any numbers that measure something
        D.REAL: _FITS,
        D.SCORES: _FITS,
        D.SIMILARITY: _FITS,
        D.RECTIFIED: _FITS,
        D.DROPPED: _FITS,
        D.NON_NEGATIVE: _FITS,
        D.PROBABILITIES: _FITS,
        D.LOG_PROBABILITIES: _FITS,
        D.UNIT_INTERVAL: _FITS,
        D.LOG_UNIT_INTERVAL: _FITS,
        D.SIGNED_UNIT: _FITS,
        D.ONE_HOT: _FITS,
        D.MULTI_HOT: _FITS,
        D.SIGNS: _FITS,
        D.BYTES: _FITS,
        D.INDICES: _VIOLATES,
    },
    Want.DISTANCE: {
        D.NON_NEGATIVE: _FITS,
        D.SCORES: _VIOLATES,
        D.SIMILARITY: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
    },
    Want.EMBEDDING: {
        D.SCORES: _FITS,
        D.REAL: _FITS,
        D.SIGNED_UNIT: _FITS,
    },
    Want.FEATURES: {
        D.REAL: _FITS,
        D.RECTIFIED: _FITS,
        D.DROPPED: _FITS,
        D.SIGNED_UNIT: _FITS,
        D.PROBABILITIES: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
    },
    Want.LABEL_SEQUENCE: {
        D.INDICES: _FITS,
        D.ONE_HOT: _VIOLATES,
        D.MULTI_HOT: _VIOLATES,
    },
    Want.COUNT_TARGET: {
        D.NON_NEGATIVE: _FITS,
        D.INDICES: _FITS,
        D.SIGNS: _VIOLATES,
        D.LOG_PROBABILITIES: _VIOLATES,
    },
    Want.BOXES: {},
    Want.ANY: {},
}


def relation(want: Want, domain: Domain) -> Relation:
    """How numbers of `domain` relate to a port that wants `want`."""
    return RELATIONS[want].get(domain, Relation.UNKNOWN)
