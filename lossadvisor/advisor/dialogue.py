"""The questions of a terminal: few, and each only where the answer matters for the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lossadvisor.advisor.conflicts import (
    ELEMENT_TASKS,
    IGNORING_TASKS,
    INDEX_TASKS,
    MASKING_TASKS,
    REAL_TASKS,
    SOFT_TASKS,
)
from lossadvisor.advisor.facts import Facts, Task, read_balance, read_range
from lossadvisor.late import dataclass

Ask = Callable[[str, str], str]
"""Shows a question and a default, returns what was typed."""

_BALANCED = ELEMENT_TASKS | {Task.MULTICLASS, Task.SEGMENTATION}
_SIZED = INDEX_TASKS | {Task.MULTILABEL, Task.SEGMENTATION, Task.DETECTION, Task.DISTILLATION}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question: for which tasks, what the empty answer means, and how the answer changes the facts."""

    text: str
    tasks: frozenset[Task]
    default: str
    take: Callable[[Facts, str], Facts]


def _yes(answer: str) -> bool:
    return answer.strip().lower() in ("y", "yes", "true", "1")


def _flag(name: str) -> Callable[[Facts, str], Facts]:
    change: dict[str, Any] = {name: True}
    return lambda facts, answer: replace(facts, **change) if _yes(answer) else facts


def _classes(facts: Facts, answer: str) -> Facts:
    return replace(facts, classes=int(answer)) if answer.strip().isdigit() else facts


def _ignored(facts: Facts, answer: str) -> Facts:
    text = answer.strip()
    return replace(facts, ignore_index=int(text)) if text.lstrip("-").isdigit() else facts


def _balance(facts: Facts, answer: str) -> Facts:
    no = answer.strip().lower() in ("", "no", "n")
    return facts if no else replace(facts, imbalance=read_balance("yes" if _yes(answer) else answer))


def _range(facts: Facts, answer: str) -> Facts:
    return replace(facts, target_range=read_range(answer)) if answer.strip() else facts


PROMPTS: tuple[Prompt, ...] = (
    Prompt("How many classes? (empty: not known)", _SIZED, "", _classes),
    Prompt("Smallest and largest target value, such as 0,1 (empty: not known)",
           ELEMENT_TASKS | {Task.SEGMENTATION, Task.COUNT, Task.RANKING, Task.METRIC, Task.CONTRASTIVE}, "", _range),
    Prompt("Imbalanced? no, yes, the share of positives (0.02), or counts per class (900,80,20)", _BALANCED, "no",
           _balance),
    Prompt("Soft labels (probabilities, mixup)?", SOFT_TASKS, "no", _flag("soft_labels")),
    Prompt("A target value to ignore, such as 255 or -100 (empty: none)", IGNORING_TASKS, "", _ignored),
    Prompt("Does a mask say which elements count?", MASKING_TASKS - INDEX_TASKS, "no", _flag("mask")),
    Prompt("Outliers or heavy tails?", REAL_TASKS, "no", _flag("outliers")),
    Prompt("Is an uncertainty wanted?", frozenset({Task.REGRESSION}), "no", _flag("uncertainty")),
    Prompt("Mixed precision (autocast)?", frozenset(Task), "no", _flag("amp")),
    Prompt("Gradient accumulation?", frozenset(Task) - {Task.GAN}, "no", _flag("accumulate")),
)

TASK_WORDS: Mapping[Task, str] = {
    Task.BINARY: "yes or no",
    Task.MULTICLASS: "one of several classes",
    Task.MULTILABEL: "any number of labels at once",
    Task.ORDINAL: "classes in an order",
    Task.SEGMENTATION: "a class for every pixel",
    Task.REGRESSION: "a number",
    Task.COUNT: "a count",
    Task.QUANTILE: "quantiles, a range",
    Task.SEQUENCE: "a class for every token",
    Task.CTC: "a label sequence without alignment",
    Task.RANKING: "an order of items",
    Task.METRIC: "embeddings by distance",
    Task.CONTRASTIVE: "embeddings by pairs of views",
    Task.DISTILLATION: "a student of a teacher",
    Task.DETECTION: "boxes with classes",
    Task.LANGUAGE_MODEL: "the next token",
    Task.VAE: "a variational auto-encoder",
    Task.GAN: "a generator against a critic",
}
"""What each task is, in the words of a question."""


def ask_all(facts: Facts, ask: Ask) -> Facts:
    """Ask what matters for the task of `facts`. Raises FactError for an answer that cannot be read."""
    for prompt in PROMPTS:
        if facts.task in prompt.tasks:
            facts = prompt.take(facts, ask(prompt.text, prompt.default))
    return facts
