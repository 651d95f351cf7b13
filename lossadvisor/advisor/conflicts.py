"""Facts that cannot be true together. Each row names the two facts in its one line."""

from __future__ import annotations

from collections.abc import Callable

from lossadvisor.advisor.facts import FactError, Facts, Task
from lossadvisor.late import dataclass

INDEX_TASKS = frozenset({Task.MULTICLASS, Task.SEQUENCE, Task.LANGUAGE_MODEL, Task.CTC, Task.ORDINAL})
ELEMENT_TASKS = frozenset({Task.BINARY, Task.MULTILABEL})
REAL_TASKS = frozenset({Task.REGRESSION, Task.COUNT, Task.QUANTILE})
IGNORING_TASKS = frozenset(
    {Task.MULTICLASS, Task.SEGMENTATION, Task.SEQUENCE, Task.LANGUAGE_MODEL, Task.DETECTION, Task.ORDINAL}
)
MASKING_TASKS = (ELEMENT_TASKS | REAL_TASKS | IGNORING_TASKS) - {Task.DETECTION}
SOFT_TASKS = ELEMENT_TASKS | {Task.MULTICLASS, Task.ORDINAL, Task.SEGMENTATION}
LABEL_TASKS = INDEX_TASKS | ELEMENT_TASKS | {Task.SEGMENTATION, Task.DETECTION, Task.DISTILLATION}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two facts, the test that both hold and contradict, and what to do."""

    first: str
    second: str
    clash: Callable[[Facts], bool]
    advice: str


def _is_float(facts: Facts) -> bool:
    return facts.target_dtype is not None and "float" in facts.target_dtype


def _classes(facts: Facts) -> int:
    return facts.classes if facts.classes is not None else 2


def _negative_labels(facts: Facts) -> bool:
    if facts.task not in INDEX_TASKS or facts.target_range is None or facts.soft_labels:
        return False
    low = facts.target_range[0]
    return low < 0 and low != (facts.ignore_index if facts.ignore_index is not None else -100)


def _label_above(facts: Facts) -> bool:
    if facts.target_range is None or facts.classes is None or facts.soft_labels:
        return False
    low, high = facts.target_range
    counted_from_one = low == 1 and high == facts.classes  # an observation says to subtract 1
    above = high >= facts.classes and high != facts.ignore_index
    return facts.task in INDEX_TASKS and above and not counted_from_one


def _class_axis(facts: Facts) -> int | None:
    if facts.output_shape is None or not facts.output_shape:
        return None
    size = facts.output_shape[-1] if facts.task in (Task.LANGUAGE_MODEL, Task.CTC) else facts.output_shape[1:2]
    size = size[0] if isinstance(size, tuple) and size else size
    return size if isinstance(size, int) else None


def _axis_differs(facts: Facts) -> bool:
    size = _class_axis(facts)
    if size is None or facts.classes is None:
        return False
    if facts.task in (Task.MULTICLASS, Task.LANGUAGE_MODEL, Task.CTC, Task.MULTILABEL):
        return size != facts.classes
    return False


def _single_unit(facts: Facts) -> bool:
    return facts.task is Task.MULTICLASS and _class_axis(facts) == 1


def _shares_per_label(facts: Facts) -> bool:
    shares = facts.imbalance.shares if facts.imbalance else ()
    return facts.task is Task.MULTILABEL and len(shares) > 1 and facts.classes not in (None, len(shares))


def _counts_per_class(facts: Facts) -> bool:
    counts = facts.imbalance.counts if facts.imbalance else ()
    if not counts or facts.task is Task.MULTILABEL:
        return False
    if facts.task is Task.BINARY:
        return len(counts) != 2
    return facts.classes not in (None, len(counts))


def _fractional_counts(facts: Facts) -> bool:
    return facts.task is Task.COUNT and facts.target_range is not None and facts.target_range[0] < 0


def _ragged_output(facts: Facts) -> bool:
    if facts.task not in (Task.REGRESSION, Task.COUNT) or facts.output_shape is None or facts.target_shape is None:
        return False
    known = [shape for shape in (facts.output_shape, facts.target_shape) if all(isinstance(s, int) for s in shape)]
    if len(known) < 2:
        return False
    sizes = [[size for size in shape if size != 1] for shape in known]
    return sizes[0] != sizes[1]


CONFLICTS: tuple[Conflict, ...] = (
    Conflict("--task binary", "--classes {classes}", lambda f: f.task is Task.BINARY and _classes(f) > 2,
             "a binary task has two classes; use --task multiclass, or multilabel if several can hold at once"),
    Conflict("--task {task}", "--classes 1",
             lambda f: f.task in INDEX_TASKS - {Task.CTC} and f.classes == 1,
             "one class leaves nothing to decide; use --task binary for yes or no"),
    Conflict("--task {task}", "--output-shape {output_shape}", _single_unit,
             "one unit always gets probability 1; give one output per class, or use --task binary"),
    Conflict("--classes {classes}", "--output-shape {output_shape}", _axis_differs,
             "the class axis must have one entry per class"),
    Conflict("--ignore-index {ignore_index}", "--task {task}",
             lambda f: f.ignore_index is not None and f.task is not None and f.task not in IGNORING_TASKS,
             "only losses on class indices ignore a value; use --mask"),
    Conflict("--ignore-index {ignore_index}", "--soft-labels",
             lambda f: f.ignore_index is not None and f.soft_labels,
             "ignore_index works with class indices only; use --mask"),
    Conflict("--mask", "--task {task}",
             lambda f: f.mask and f.task is not None and f.task not in MASKING_TASKS,
             "its loss has no element to leave out; drop those samples from the batch, or give lengths to CTC"),
    Conflict("--soft-labels", "--target-dtype {target_dtype}",
             lambda f: f.soft_labels and f.target_dtype is not None and not _is_float(f),
             "probabilities are floating numbers; give the float targets"),
    Conflict("--soft-labels", "--task {task}",
             lambda f: f.soft_labels and f.task is not None and f.task not in SOFT_TASKS,
             "its losses take class indices, numbers or pairs, not probabilities of classes"),
    Conflict("--label-noise", "--task {task}",
             lambda f: f.label_noise and f.task is not None and f.task not in LABEL_TASKS,
             "label noise is about classes; say --outliers for noisy numbers"),
    Conflict("--imbalance", "--task {task}",
             lambda f: f.imbalance is not None and f.task is not None and f.task not in LABEL_TASKS,
             "imbalance is about classes; this task has none"),
    Conflict("--imbalance {imbalance}", "--classes {classes}",
             lambda f: f.task is not Task.BINARY and (_shares_per_label(f) or _counts_per_class(f)),
             "give as many numbers as there are classes"),
    Conflict("--imbalance {imbalance}", "--task binary",
             lambda f: f.task is Task.BINARY and (_counts_per_class(f) or
                                                  len(f.imbalance.shares if f.imbalance else ()) > 1),
             "give the share of positives, or two counts: negatives,positives"),
    Conflict("--imbalance {imbalance}", "--task multilabel",
             lambda f: f.task is Task.MULTILABEL and f.imbalance is not None and bool(f.imbalance.counts),
             "labels are not exclusive, so counts do not say how many negatives there are; give one share per label"),
    Conflict("--imbalance {imbalance}", "--task {task}",
             lambda f: f.task in INDEX_TASKS and f.imbalance is not None and bool(f.imbalance.shares),
             "a share of positives is for two classes; give one count per class"),
    Conflict("--target-range {target_range}", "--classes {classes}", _label_above,
             "class indices run from 0 to classes - 1; subtract the smallest label, or name the void value "
             "with --ignore-index"),
    Conflict("--target-range {target_range}", "--task {task}", _negative_labels,
             "class indices are not negative; remap them, or name the void value with --ignore-index"),
    Conflict("--target-range {target_range}", "--task count", _fractional_counts,
             "counts are not negative; use --task regression"),
    Conflict("--target-range {target_range}", "--soft-labels",
             lambda f: f.soft_labels and f.target_range is not None
                       and (f.target_range[0] < 0 or f.target_range[1] > 1),
             "probabilities lie in [0, 1]; divide the targets first"),
    Conflict("--target-dtype bool", "--task {task}",
             lambda f: f.target_dtype == "bool" and f.task in REAL_TASKS | {Task.CTC, Task.LANGUAGE_MODEL},
             "truth values are labels; use --task binary or multilabel"),
    Conflict("--output-shape {output_shape}", "--target-shape {target_shape}", _ragged_output,
             "predictions and targets need the same shape, or they broadcast (LA304)"),
    Conflict("--uncertainty", "--task {task}",
             lambda f: f.uncertainty and f.task is not None and f.task not in REAL_TASKS,
             "a predicted variance belongs to regression; class probabilities already are an uncertainty"),
    Conflict("--outliers", "--task {task}",
             lambda f: f.outliers and f.task is not None and f.task not in REAL_TASKS | {Task.DETECTION},
             "outliers are about numbers; say --label-noise for wrong labels"),
)


def _show(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, tuple) else f"{value:g}" if isinstance(
        value, float) else str(value)


def _words(facts: Facts) -> dict[str, str]:
    balance = facts.imbalance
    numbers = (balance.shares or balance.counts) if balance else ()
    low_high = tuple(f"{edge:g}" for edge in facts.target_range) if facts.target_range else ()
    return {
        "task": facts.task.value if facts.task else "",
        "classes": str(facts.classes),
        "output_shape": _show(facts.output_shape or ()),
        "target_shape": _show(facts.target_shape or ()),
        "target_dtype": str(facts.target_dtype),
        "target_range": _show(low_high),
        "ignore_index": str(facts.ignore_index),
        "imbalance": _show(numbers) if numbers else "yes",
    }


def check(facts: Facts) -> None:
    """Raise FactError with one line for the first contradiction among the facts."""
    if facts.classes is not None and facts.classes < 1:
        raise FactError(f"--classes {facts.classes}: a number of classes is at least 1")
    words = _words(facts)
    for conflict in CONFLICTS:
        if conflict.clash(facts):
            first, second = conflict.first.format(**words), conflict.second.format(**words)
            raise FactError(f"{first} contradicts {second}: {conflict.advice}")
