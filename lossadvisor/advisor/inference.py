"""From samples to facts: what the numbers of targets and outputs say about the task."""

from __future__ import annotations

from dataclasses import replace

from lossadvisor.advisor.facts import Activation, Balance, Facts, Task
from lossadvisor.advisor.samples import Sample
from lossadvisor.late import dataclass

RARE = 0.2
"""A share of positives, or of one class against the most frequent, below which classes count as imbalanced."""

VOID = (255.0, -1.0, -100.0)
"""Values that commonly stand for "no label" when they stand apart from the others."""


@dataclass(frozen=True, slots=True)
class Inference:
    """Facts completed from samples, with one line for each thing that was inferred."""

    facts: Facts
    lines: tuple[str, ...]


def infer(facts: Facts, target: Sample | None, output: Sample | None) -> Inference:
    """The facts completed from the samples; what the user said is never changed."""
    lines: list[str] = []
    if output is not None:
        facts = _from_output(facts, output, lines)
    if target is not None:
        facts = _from_target(facts, target, output, lines)
    return Inference(facts, tuple(lines))


def _from_output(facts: Facts, output: Sample, lines: list[str]) -> Facts:
    lines.append(output.words)
    activation = _activation(output)
    if activation is not None and facts.output_activation is None:
        facts = replace(facts, output_activation=activation)
        lines.append(f"the output looks like {activation.value}: {_why(activation)}")
    if facts.output_shape is None:
        facts = replace(facts, output_shape=("N", *output.shape[1:]))
    return facts


def _why(activation: Activation) -> str:
    return {
        Activation.SOFTMAX: "values in [0, 1] that sum to 1",
        Activation.SIGMOID: "values in [0, 1] that are not only 0 and 1",
        Activation.LOG_SOFTMAX: "no value above 0, and their exponentials sum to 1",
        Activation.RELU: "no negative value and exact zeros",
        Activation.TANH: "values in [-1, 1]",
        Activation.NONE: "no bound",
    }[activation]


def _activation(output: Sample) -> Activation | None:
    if output.whole:
        return None
    if output.low >= 0 and output.unit_axes:
        return Activation.SOFTMAX
    if output.log_axes:
        return Activation.LOG_SOFTMAX
    if output.low >= 0 and output.high <= 1:
        return Activation.SIGMOID
    if output.low == 0 and output.high > 1:
        return Activation.RELU
    return None


def _from_target(facts: Facts, target: Sample, output: Sample | None, lines: list[str]) -> Facts:
    lines.append(target.words)
    if facts.task is None:
        task, why = guess_task(target, output)
        facts = replace(facts, task=task)
        lines.append(f"assumed --task {task.value}: {why}")
    void = _void(target, output)
    labels = facts.task in (Task.MULTICLASS, Task.SEGMENTATION, Task.SEQUENCE)
    if labels and void is not None and facts.ignore_index is None and not facts.soft_labels:
        facts = replace(facts, ignore_index=int(void))
        lines.append(f"assumed --ignore-index {int(void)}: it stands apart from the other labels")
    soft = not target.whole and target.low >= 0 and target.high <= 1
    if soft and facts.task in (Task.MULTICLASS, Task.MULTILABEL, Task.BINARY) and not facts.soft_labels:
        facts = replace(facts, soft_labels=True)
        lines.append("assumed --soft-labels: the targets lie between 0 and 1")
    facts = _described(facts, target)
    facts = _sized(facts, target, lines)
    return _balanced(facts, target, lines)


def _void(target: Sample, output: Sample | None) -> float | None:
    others = [value for value in target.values if value not in VOID]
    found = [value for value in target.values if value in VOID]
    if not target.whole or not others or len(found) != 1:
        return None
    void = found[0]
    if void == -1.0 and others == [1.0]:
        return None
    size = output.shape[1] if output is not None and len(output.shape) > 1 else None
    apart = void < 0 or (max(others) < 200 and len(others) > 1 and (size is None or void >= size))
    return void if apart else None


def _described(facts: Facts, target: Sample) -> Facts:
    shape: tuple[int | str | None, ...] = ("N", *target.shape[1:])
    labels = [value for value in target.values if value != facts.ignore_index]
    low, high = (min(labels), max(labels)) if labels else (target.low, target.high)
    return replace(
        facts,
        target_dtype=facts.target_dtype or target.dtype,
        target_shape=facts.target_shape or shape,
        target_range=facts.target_range or (low, high),
    )


def _sized(facts: Facts, target: Sample, lines: list[str]) -> Facts:
    if facts.classes is not None or facts.output_shape is not None:
        return facts
    if facts.task is Task.MULTILABEL and len(target.shape) == 2:
        return replace(facts, classes=target.shape[1])
    if facts.task is Task.MULTICLASS and len(target.shape) == 2 and target.shape[1] > 1:
        return replace(facts, classes=target.shape[1])
    indexed = facts.task in (Task.MULTICLASS, Task.SEGMENTATION, Task.SEQUENCE, Task.ORDINAL)
    if facts.task is Task.SEGMENTATION and set(target.values) == {0.0, 255.0}:
        return replace(facts, classes=2)
    if indexed and facts.target_range is not None and target.whole:
        low, high = facts.target_range
        classes = int(high - low) + 1 if low == 1 else int(high) + 1
        lines.append(f"assumed --classes {classes}: the largest label is {high:g}; say more if the sample misses some")
        return replace(facts, classes=max(classes, 2))
    return facts


def _balanced(facts: Facts, target: Sample, lines: list[str]) -> Facts:
    if facts.imbalance is not None or facts.soft_labels or not target.values:
        return facts
    labels = {v: n for v, n in zip(target.values, target.counts, strict=True) if v != facts.ignore_index}
    one_channel = facts.task is Task.SEGMENTATION and facts.classes == 2
    if facts.task in (Task.BINARY,) or one_channel:
        positives = labels.get(max(labels), 0) / max(1, sum(labels.values()))
        if len(labels) == 2 and (positives < RARE or positives > 1 - RARE):
            lines.append(f"assumed --imbalance {positives:.4g}: the share of positives in the sample")
            return replace(facts, imbalance=Balance(shares=(positives,)))
        return facts
    if facts.task is Task.MULTICLASS and len(target.shape) == 1 and facts.classes == len(labels):
        counts = tuple(labels[value] for value in sorted(labels))
        if min(counts) < RARE * max(counts):
            lines.append(f"assumed --imbalance {','.join(map(str, counts))}: the counts in the sample")
            return replace(facts, imbalance=Balance(counts=counts))
    return facts


def guess_task(target: Sample, output: Sample | None) -> tuple[Task, str]:
    """The most likely task of a target, and why."""
    rank = len(target.shape)
    values = set(target.values)
    flat = rank == 1 or (rank == 2 and target.shape[1] == 1)
    if not target.whole:
        if target.unit_axes and rank == 2:
            return Task.MULTICLASS, "the rows are probabilities that sum to 1"
        return Task.REGRESSION, "the targets are not whole numbers"
    if rank >= 3 and (target.low >= 0 or target.low in VOID):
        return Task.SEGMENTATION, f"whole numbers with {rank} axes"
    if values <= {0.0, 1.0} and flat:
        return Task.BINARY, "the targets are 0 and 1"
    if values == {-1.0, 1.0}:
        return Task.BINARY, "the targets are -1 and +1"
    if values <= {0.0, 1.0} and rank == 2:
        if 1 in target.unit_axes:
            return Task.MULTICLASS, "every row holds one 1 (one-hot)"
        return Task.MULTILABEL, "rows hold any number of ones"
    if rank == 2 and output is not None and len(output.shape) == 3:
        return Task.SEQUENCE, "whole numbers per position, scores per position and class"
    if flat and target.values and "float" not in target.dtype:
        return Task.MULTICLASS, f"whole numbers, {len(values)} distinct values"
    return Task.REGRESSION, "whole numbers of many values"
