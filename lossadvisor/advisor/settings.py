"""Facts made into the numbers that a template needs: sizes, weights, the ignored value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lossadvisor.advisor.conflicts import INDEX_TASKS
from lossadvisor.advisor.facts import Facts, Task
from lossadvisor.advisor.snippets import Setting

DEFAULT_CLASSES: Mapping[Task, int] = {
    Task.MULTICLASS: 3,
    Task.MULTILABEL: 4,
    Task.ORDINAL: 5,
    Task.SEGMENTATION: 3,
    Task.SEQUENCE: 4,
    Task.CTC: 6,
    Task.LANGUAGE_MODEL: 12,
    Task.DISTILLATION: 4,
    Task.DETECTION: 3,
}
"""Sizes of the example where the user gave none; tasks that are absent have no classes."""

CHECKED_CLASSES = 32
"""The numeric check shrinks a larger number of classes to this, to answer within seconds."""

_CLASS_AXIS_LAST = frozenset({Task.SEQUENCE, Task.LANGUAGE_MODEL, Task.CTC})


def classes_of(facts: Facts) -> int | None:
    """The number of classes: as given, else of the counts, the shares, or the class axis of the output."""
    if facts.classes is not None:
        return facts.classes
    if facts.imbalance is not None:
        if facts.imbalance.counts:
            return len(facts.imbalance.counts)
        if len(facts.imbalance.shares) > 1:
            return len(facts.imbalance.shares)
    shape = facts.output_shape
    if shape is not None and len(shape) > 1 and facts.task in DEFAULT_CLASSES:
        size = shape[-1] if facts.task in _CLASS_AXIS_LAST else shape[1]
        return size if isinstance(size, int) else None
    return None


def pos_weight(facts: Facts) -> tuple[float, ...]:
    """Negatives / positives, per label where shares per label are known; empty where nothing is known."""
    balance = facts.imbalance
    if balance is None:
        return ()
    if balance.shares:
        return tuple((1 - share) / share for share in balance.shares)
    if len(balance.counts) == 2:
        negatives, positives = balance.counts
        return (negatives / positives,)
    return ()


def class_weight(facts: Facts) -> tuple[float, ...]:
    """Samples / (classes * count) for each class: 1 on average over the samples; empty where counts are not known."""
    balance = facts.imbalance
    if balance is None:
        return ()
    if balance.counts:
        total = sum(balance.counts)
        return tuple(total / (len(balance.counts) * count) for count in balance.counts)
    if facts.task is Task.BINARY and len(balance.shares) == 1:
        share = balance.shares[0]
        return 1 / (2 * (1 - share)), 1 / (2 * share)
    return ()


def setting_of(facts: Facts) -> Setting:
    """The setting of the script; masks on class indices become ignored labels."""
    task = facts.task
    classes = classes_of(facts) or (DEFAULT_CLASSES.get(task, 2) if task else 2)
    ignored = facts.ignore_index
    mask = facts.mask
    if mask and task in INDEX_TASKS:
        ignored, mask = (-100 if ignored is None else ignored), False
    return Setting(
        classes=classes,
        pos_weight=pos_weight(facts),
        class_weight=class_weight(facts),
        imbalanced=facts.imbalance is not None,
        soft_labels=facts.soft_labels,
        ignore_index=ignored,
        mask=mask,
        amp=facts.amp,
        accumulate=facts.accumulate,
    )


def shrunk(setting: Setting) -> Setting:
    """The setting of the numeric check: the same with at most CHECKED_CLASSES classes."""
    if setting.classes <= CHECKED_CLASSES:
        return setting
    ignored = setting.ignore_index
    if ignored is not None and 0 <= ignored < setting.classes:
        ignored = CHECKED_CLASSES - 1
    return replace(setting, classes=CHECKED_CLASSES, ignore_index=ignored)
