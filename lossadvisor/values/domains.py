"""The closed sets that a fact is made of.

A domain says what the numbers of a tensor mean. It is the one vocabulary that the linter (domains inferred from code),
the runtime module (domains measured on tensors) and the advisor (domains asked for) share.
"""

from __future__ import annotations

from enum import Enum


class Domain(Enum):
    """What the numbers are known to mean."""

    UNKNOWN = "unknown"
    SCORES = "scores"  # the unconstrained output of a learnt affine map: logits
    RECTIFIED = "rectified"  # scores cut at zero (ReLU and its like) as the last operation
    DROPPED = "dropped"  # scores with elements zeroed at random (dropout) as the last operation
    REAL = "real"  # floating numbers of no special meaning
    NON_NEGATIVE = "non-negative"  # exp, softplus, squares, norms
    PROBABILITIES = "probabilities"  # in [0, 1], sum to one over `axis`
    LOG_PROBABILITIES = "log-probabilities"  # logarithms of probabilities over `axis`
    UNIT_INTERVAL = "unit-interval"  # each element a probability of its own, in [0, 1]
    LOG_UNIT_INTERVAL = "log-unit-interval"  # logarithms of such, at most 0
    SIGNED_UNIT = "signed-unit"  # in [-1, 1]: tanh, cosine
    SIMILARITY = "similarity"  # inner products of embeddings, scaled or not
    INDICES = "indices"  # class indices 0 ... C-1
    ONE_HOT = "one-hot"  # 0/1, one 1 along `axis`
    MULTI_HOT = "multi-hot"  # 0/1, any number of ones
    SIGNS = "signs"  # -1 or +1
    BYTES = "bytes"  # 0 ... 255


BY_ELEMENT = {Domain.PROBABILITIES: Domain.UNIT_INTERVAL, Domain.LOG_PROBABILITIES: Domain.LOG_UNIT_INTERVAL}
"""What the elements of a distribution are one by one, without the axis over which they sum to one."""


class Dtype(Enum):
    """Kind of element type; the width matters to no rule of the linter."""

    UNKNOWN = "unknown"
    FLOAT = "float"
    INTEGER = "integer"
    BOOL = "bool"


class Grad(Enum):
    """Whether a gradient still flows from the value back to parameters."""

    UNKNOWN = "unknown"
    FLOWS = "flows"
    DETACHED = "detached"  # detach, .data, numpy, item, no_grad
    CUT = "cut"  # an operation without a derivative: argmax, round, comparison, integer cast
