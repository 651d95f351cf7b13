"""Domains and wants in words, for the templates of rule documents: `{got}` and `{want}` are plural noun phrases."""

from __future__ import annotations

from collections.abc import Mapping

from lossadvisor.contracts import Want
from lossadvisor.values import Domain

GOT: Mapping[Domain, str] = {
    Domain.UNKNOWN: "unknown values",
    Domain.SCORES: "raw scores",
    Domain.RECTIFIED: "rectified scores",
    Domain.DROPPED: "scores after dropout",
    Domain.REAL: "real numbers",
    Domain.NON_NEGATIVE: "non-negative values",
    Domain.PROBABILITIES: "probabilities",
    Domain.LOG_PROBABILITIES: "log-probabilities",
    Domain.UNIT_INTERVAL: "values in [0, 1]",
    Domain.LOG_UNIT_INTERVAL: "logarithms of values in [0, 1]",
    Domain.SIGNED_UNIT: "values in [-1, 1]",
    Domain.SIMILARITY: "similarities",
    Domain.INDICES: "class indices",
    Domain.ONE_HOT: "one-hot rows",
    Domain.MULTI_HOT: "zeros and ones",
    Domain.SIGNS: "signs -1 and +1",
    Domain.BYTES: "bytes 0 to 255",
}

WANTED: Mapping[Want, str] = {
    Want.LOGITS: "logits",
    Want.BINARY_LOGITS: "logits",
    Want.EITHER_LOGITS: "logits",
    Want.ELEMENT_PROBABILITIES: "probabilities per element",
    Want.CLASS_PROBABILITIES: "probabilities over the classes",
    Want.PROBABILITIES: "probabilities",
    Want.LOG_PROBABILITIES: "log-probabilities",
    Want.DISTRIBUTION: "probabilities (log_target=False)",
    Want.LOG_DISTRIBUTION: "log-probabilities (log_target=True)",
    Want.MARGIN_SCORES: "unbounded scores",
    Want.REAL: "real numbers",
    Want.LOG_RATE: "the logarithm of a rate",
    Want.RATE: "a rate",
    Want.VARIANCE: "a variance",
    Want.DISTANCE: "distances",
    Want.EMBEDDING: "embeddings",
    Want.FEATURES: "features",
    Want.CLASS_INDICES: "class indices",
    Want.CLASS_INDICES_OR_PROBABILITIES: "class indices or probabilities",
    Want.UNIT_TARGET: "targets in [0, 1]",
    Want.SIGN_TARGET: "signs -1 and +1",
    Want.INDEX_LIST: "lists of class indices",
    Want.LABEL_SEQUENCE: "label sequences",
    Want.COUNT_TARGET: "counts",
    Want.BOXES: "boxes",
    Want.ANY: "anything",
}
