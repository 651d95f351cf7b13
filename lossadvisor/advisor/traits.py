"""The yes-or-no questions that rows of the knowledge table ask of the facts."""

from __future__ import annotations

from enum import Enum

from lossadvisor.advisor.facts import Facts, Task

LARGE_VOCABULARY = 10_000
"""From here on the logits of a token batch cost more memory than the model's activations usually do."""


class Trait(Enum):
    """A condition under which a row applies or moves up; the value is how the documentation says it."""

    IMBALANCED = "the classes are imbalanced"
    SOFT_LABELS = "the labels are soft (probabilities, mixup)"
    LABEL_NOISE = "some labels are wrong"
    IGNORED = "a target value is to be ignored"
    MASKED = "a mask marks the elements that count"
    OUTLIERS = "there are outliers or heavy tails"
    UNCERTAINTY = "an uncertainty is wanted"
    AMP = "mixed precision is used"
    ACCUMULATED = "gradients are accumulated"
    TWO_OUTPUTS = "the model has two outputs"
    SIGNS = "the target is -1 or +1"
    MANY_CLASSES = f"there are at least {LARGE_VOCABULARY} classes"
    ONE_CHANNEL = "there is one foreground class"
    EMBEDDING_PAIRS = "the target says whether a pair matches"


def _channels(facts: Facts) -> int | None:
    if facts.output_shape is None or len(facts.output_shape) < 2:
        return None
    size = facts.output_shape[1]
    return size if isinstance(size, int) else None


def _one_channel(facts: Facts) -> bool:
    if facts.task is not Task.SEGMENTATION:
        return False
    channels = _channels(facts)
    if channels is not None:
        return channels == 1
    if facts.classes is None:
        return facts.imbalance is not None and len(facts.imbalance.shares) == 1
    return facts.classes <= 2


def _two_outputs(facts: Facts) -> bool:
    return facts.task is Task.BINARY and _channels(facts) == 2


def traits(facts: Facts) -> frozenset[Trait]:
    """The traits that hold for these facts."""
    answers = {
        Trait.IMBALANCED: facts.imbalance is not None,
        Trait.SOFT_LABELS: facts.soft_labels,
        Trait.LABEL_NOISE: facts.label_noise,
        Trait.IGNORED: facts.ignore_index is not None,
        Trait.MASKED: facts.mask,
        Trait.OUTLIERS: facts.outliers,
        Trait.UNCERTAINTY: facts.uncertainty,
        Trait.AMP: facts.amp,
        Trait.ACCUMULATED: facts.accumulate,
        Trait.TWO_OUTPUTS: _two_outputs(facts),
        Trait.SIGNS: facts.task is not Task.REGRESSION and facts.target_range == (-1.0, 1.0),
        Trait.MANY_CLASSES: facts.classes is not None and facts.classes >= LARGE_VOCABULARY,
        Trait.ONE_CHANNEL: _one_channel(facts),
        Trait.EMBEDDING_PAIRS: facts.task in (Task.METRIC, Task.CONTRASTIVE) and facts.target_range is not None,
    }
    return frozenset(trait for trait, holds in answers.items() if holds)
