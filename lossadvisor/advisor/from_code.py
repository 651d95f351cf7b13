"""Facts from code: what the interpreter inferred of the loss call at a place of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lossadvisor.advisor.facts import Activation, FactError, Facts, Task
from lossadvisor.findings import LossVerdict
from lossadvisor.late import dataclass
from lossadvisor.values import Domain, Dtype

_PLACE = re.compile(r"^(?P<file>.+\.(?:py|pyi|ipynb|md)):(?P<row>\d+)(?::\d+)?$")

_TASKS: Mapping[str, Task] = {
    "cross_entropy": Task.MULTICLASS,
    "nll": Task.MULTICLASS,
    "multi_margin": Task.MULTICLASS,
    "adaptive_log_softmax": Task.MULTICLASS,
    "linear_cross_entropy": Task.LANGUAGE_MODEL,
    "bce": Task.BINARY,
    "bce_with_logits": Task.BINARY,
    "soft_margin": Task.BINARY,
    "multilabel_soft_margin": Task.MULTILABEL,
    "multilabel_margin": Task.MULTILABEL,
    "mse": Task.REGRESSION,
    "l1": Task.REGRESSION,
    "huber": Task.REGRESSION,
    "smooth_l1": Task.REGRESSION,
    "gaussian_nll": Task.REGRESSION,
    "poisson_nll": Task.COUNT,
    "ctc": Task.CTC,
    "margin_ranking": Task.RANKING,
    "triplet_margin": Task.METRIC,
    "triplet_margin_with_distance": Task.METRIC,
    "cosine_embedding": Task.METRIC,
    "hinge_embedding": Task.METRIC,
    "kl_div": Task.DISTILLATION,
}
"""What a loss is usually taken for; shapes refine it."""

_DTYPES: Mapping[Dtype, str] = {Dtype.FLOAT: "float32", Dtype.INTEGER: "int64", Dtype.BOOL: "bool"}

_ACTIVATIONS: Mapping[Domain, Activation] = {
    Domain.PROBABILITIES: Activation.SOFTMAX,
    Domain.LOG_PROBABILITIES: Activation.LOG_SOFTMAX,
    Domain.UNIT_INTERVAL: Activation.SIGMOID,
    Domain.RECTIFIED: Activation.RELU,
    Domain.SIGNED_UNIT: Activation.TANH,
}

_RANGES: Mapping[Domain, tuple[float, float]] = {
    Domain.BYTES: (0.0, 255.0),
    Domain.SIGNS: (-1.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A file and a row counted from 1."""

    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The facts that a loss call gives, and one line for each."""

    facts: Facts
    lines: tuple[str, ...]


def read_place(text: str) -> CodePlace:
    """`train.py:88` as a place. Raises FactError."""
    found = _PLACE.match(text)
    if found is None:
        raise FactError(f"{text}: write a file and a row, such as train.py:88")
    if not Path(found["file"]).is_file():
        raise FactError(f"{text}: there is no file {found['file']}")
    return CodePlace(found["file"], int(found["row"]))


def loss_at(place: CodePlace, losses: tuple[LossVerdict, ...]) -> LossVerdict:
    """The loss call that the row belongs to. Raises FactError that names the rows of the file's loss calls."""
    covering = [loss for loss in losses if loss.span.start.row <= place.row <= loss.span.end.row]
    if covering:
        return covering[0]
    rows = ", ".join(str(row) for row in sorted({loss.span.start.row for loss in losses}))
    known = f"loss calls are at row {rows}" if rows else "no loss call was found in this file"
    raise FactError(f"{place.file}:{place.row}: no loss call is seen there; {known}")


def read_loss(loss: LossVerdict, said: Facts) -> Reading:
    """The facts of a loss call; what the user said stays."""
    task = said.task or _task(loss)
    lines = [f"{loss.span.filename}:{loss.span.start.row}: {loss.loss} ({loss.verdict.value})"]
    if said.task is None and task is not None:
        lines.append(f"assumed --task {task.value}: what {loss.loss.rsplit('.', 1)[-1]} is usually taken for")
    facts = replace(said, task=task)
    facts = _options(facts, loss, lines)
    if facts.classes is None and loss.input.classes is not None and loss.input.classes > 1 and task not in (
        Task.BINARY, Task.REGRESSION, Task.COUNT, None
    ):
        facts = replace(facts, classes=loss.input.classes)
        lines.append(f"classes {loss.input.classes}: the size of the class axis of the input")
    activation = _ACTIVATIONS.get(loss.input.domain)
    expected = loss.contract in ("nll", "ctc", "kl_div") and activation is Activation.LOG_SOFTMAX
    if activation is not None and facts.output_activation is None and not expected:
        facts = replace(facts, output_activation=activation)
        lines.append(f"the input ends with {activation.value}")
    if loss.codes:
        lines.append(f"the linter reports {', '.join(loss.codes)} here; see lossadvisor rule {loss.codes[0]}")
    return Reading(_target(facts, loss, lines), tuple(lines))


def _task(loss: LossVerdict) -> Task | None:
    task = _TASKS.get(loss.contract)
    rank = max(len(loss.input.shape or ()), len(loss.target.shape or ()) + 1 if loss.target.shape else 0)
    if task is Task.MULTICLASS and rank >= 4:
        return Task.SEGMENTATION
    if task is Task.MULTICLASS and rank == 3:
        return Task.SEQUENCE
    if task is Task.BINARY and len(loss.input.shape or ()) == 4:
        return Task.SEGMENTATION
    several = loss.input.classes is not None and loss.input.classes > 1
    hot = loss.target.domain is Domain.MULTI_HOT
    if task is Task.BINARY and (several or (hot and len(loss.target.shape or ()) > 1)):
        return Task.MULTILABEL
    return Task.MULTILABEL if task is Task.MULTICLASS and hot else task


_IGNORING = frozenset({Task.MULTICLASS, Task.SEGMENTATION, Task.SEQUENCE, Task.LANGUAGE_MODEL})


def _options(facts: Facts, loss: LossVerdict, lines: list[str]) -> Facts:
    ignored = loss.options.get("ignore_index")
    if isinstance(ignored, int) and facts.ignore_index is None and facts.task in _IGNORING:
        facts = replace(facts, ignore_index=ignored)
        lines.append(f"ignore-index {ignored}: as written")
    if loss.options.get("label_smoothing") and not facts.label_noise and facts.task is Task.MULTICLASS:
        facts = replace(facts, label_noise=True)
        lines.append("label-noise: label_smoothing is written")
    return facts


def _target(facts: Facts, loss: LossVerdict, lines: list[str]) -> Facts:
    dtype = _DTYPES.get(loss.target.dtype)
    if dtype is not None and facts.target_dtype is None:
        facts = replace(facts, target_dtype=dtype)
        lines.append(f"target-dtype {dtype}")
    if loss.target.shape and facts.target_shape is None:
        facts = replace(facts, target_shape=_named(loss.target.shape))
    if loss.target.domain in _RANGES and facts.target_range is None:
        facts = replace(facts, target_range=_RANGES[loss.target.domain])
        lines.append(f"target: {loss.target.domain.value}")
    return facts


def _named(shape: tuple[int | str | None, ...]) -> tuple[int | str | None, ...]:
    return tuple("?" if size is None else size for size in shape)
