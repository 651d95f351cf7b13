"""How each contract is tried: synthetic scores and targets, the right chain, closed forms, an independent reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from lossadvisor.runtime.battery import references as ref

Options = Mapping[str, Any]
_LOG_SOFTMAX = ("torch.nn.functional.log_softmax",)
_SIGMOID = ("torch.sigmoid",)


@dataclass(frozen=True)
class Problem:
    """One batch: raw `scores` (float64), and the arguments that follow the prediction in the call."""

    scores: Tensor
    target: Tensor
    more: tuple[Tensor, ...] = ()
    before: tuple[Tensor, ...] = ()  # arguments between the prediction and the target

    def arguments(self, prediction: Tensor) -> tuple[Tensor, ...]:
        """The positional arguments of the loss for this prediction, its floating ones in the prediction's dtype."""
        rest = (*self.before, self.target, *self.more)
        return (prediction, *(r.to(prediction.dtype) if r.is_floating_point() else r for r in rest))


Make = Callable[[int, int, torch.Generator], Problem]
Reference = Callable[[Tensor, Problem, Options], Tensor]
Scalar = Callable[[Problem, Options], float | None]


def _nothing(problem: Problem, options: Options) -> float | None:
    return None


@dataclass(frozen=True)
class Subject:
    """One contract as the battery needs it.

    `make(rows, classes, generator)` builds a batch; `right(problem)` gives the direction in score space that is right
    (+1 and -1 per element, 0 where nothing is asked); `reference` the loss per element in float64; `floor` and
    `chance` the closed forms of the least value and of the value at scores of zero; None where there is none.
    """

    contract: str
    recommended: tuple[str, ...]
    axis: int
    make: Make
    right: Callable[[Problem], Tensor]
    reference: Reference
    best: Callable[[Problem], list[Tensor]] | None = None  # scores with the least loss; None: far along `right`
    floor: Scalar = _nothing
    chance: Scalar = _nothing
    options: tuple[str, ...] = ()  # those that the reference understands, beside reduction
    weighted: bool = False
    batchwise: bool = True  # rows are independent samples
    extra: Mapping[str, object] = field(default_factory=dict)


def _randn(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=torch.float64)


def _classes(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), torch.randint(0, classes, (rows,), generator=g))


def _bits(rows: int, classes: int, g: torch.Generator) -> Problem:
    bits = torch.randint(0, 2, (rows, classes), generator=g).double()
    return Problem(_randn(rows, classes, g=g), bits)


def _signs(rows: int, classes: int, g: torch.Generator) -> Problem:
    problem = _bits(rows, classes, g)
    return Problem(problem.scores, 2 * problem.target - 1)


def _soft(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g).softmax(1))


def _real(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g))


def _counts(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), torch.randint(1, 9, (rows, classes), generator=g).double())


def _gaussian(rows: int, classes: int, g: torch.Generator) -> Problem:
    variance = torch.rand(rows, classes, generator=g, dtype=torch.float64) + 0.5
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g), (variance,))


def _lists(rows: int, classes: int, g: torch.Generator) -> Problem:
    first = torch.randint(0, classes, (rows, 1), generator=g)
    target = torch.cat([first, torch.full((rows, classes - 1), -1)], 1)
    return Problem(_randn(rows, classes, g=g), target)


def _pairs(rows: int, classes: int, g: torch.Generator) -> Problem:
    signs = 2 * torch.randint(0, 2, (rows,), generator=g).double() - 1
    return Problem(_randn(rows, classes, g=g), signs, (), (_randn(rows, classes, g=g),))


def _ranks(rows: int, classes: int, g: torch.Generator) -> Problem:
    signs = 2 * torch.randint(0, 2, (rows,), generator=g).double() - 1
    return Problem(_randn(rows, g=g), signs, (), (_randn(rows, g=g),))


def _triplets(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g), (_randn(rows, classes, g=g),))


def _sequences(rows: int, classes: int, g: torch.Generator) -> Problem:
    labels = torch.randint(1, classes, (rows, 2), generator=g)
    return Problem(_randn(7, rows, classes, g=g), labels, (torch.full((rows,), 7), torch.full((rows,), 2)))


def _toward_class(problem: Problem) -> Tensor:
    return torch.eye(problem.scores.shape[1], dtype=torch.float64)[problem.target] - 1 / problem.scores.shape[1]


def _toward_list(problem: Problem) -> Tensor:
    return torch.eye(problem.scores.shape[1], dtype=torch.float64)[problem.target[:, 0]] - 1 / problem.scores.shape[1]


def _toward_bits(problem: Problem) -> Tensor:
    return 2 * problem.target - 1


def _toward_signs(problem: Problem) -> Tensor:
    return problem.target


def _toward_value(problem: Problem) -> Tensor:
    return (problem.target - problem.scores).sign()


def _toward_rows(problem: Problem) -> Tensor:
    return problem.target.sub(problem.scores.softmax(1)).sign()


def _unknown(problem: Problem) -> Tensor:
    return torch.zeros_like(problem.scores)


def _target(problem: Problem) -> list[Tensor]:
    return [problem.target]


def _log_target(problem: Problem) -> list[Tensor]:
    return [problem.target.log()]


def _smoothing(options: Options) -> float:
    return float(options.get("label_smoothing", 0.0))


def entropy(q: Tensor) -> Tensor:
    """-sum q log q over the last axis, 0 log 0 being 0."""
    return -torch.where(q > 0, q * q.clamp(min=1e-300).log(), torch.zeros_like(q)).sum(-1)


def _ce_floor(problem: Problem, options: Options) -> float:
    q = ref.distribution(problem.target, problem.scores.shape[1], _smoothing(options))
    return float(entropy(q).mean())


def _log_classes(problem: Problem, options: Options) -> float:
    return math.log(problem.scores.shape[1])


def _zero(problem: Problem, options: Options) -> float:
    return 0.0


def _log_two(problem: Problem, options: Options) -> float:
    return math.log(2)


def _poisson_floor(problem: Problem, options: Options) -> float:
    t = problem.target
    return float((t - t * t.log()).mean())


def _poisson(x: Tensor, problem: Problem, options: Options) -> Tensor:
    return ref.poisson_nll(x, problem.target, bool(options.get("log_input", True)))


SUBJECTS: dict[str, Subject] = {
    one.contract: one
    for one in (
        Subject(
            "cross_entropy", (), 1, _classes, _toward_class,
            lambda x, p, o: ref.cross_entropy(x, p.target, _smoothing(o)), floor=_ce_floor, chance=_log_classes,
            options=("label_smoothing",), weighted=True,
        ),
        Subject(
            "nll", _LOG_SOFTMAX, 1, _classes, _toward_class, lambda x, p, o: ref.nll(x, p.target), floor=_zero,
            chance=_log_classes,
            weighted=True,
        ),
        Subject("bce", _SIGMOID, 1, _bits, _toward_bits, lambda x, p, o: ref.bce(x, p.target), floor=_zero,
            chance=_log_two),
        Subject(
            "bce_with_logits", (), 1, _bits, _toward_bits, lambda x, p, o: ref.bce_with_logits(x, p.target),
            floor=_zero, chance=_log_two,
        ),
        Subject(
            "kl_div", _LOG_SOFTMAX, 1, _soft, _toward_rows,
            lambda x, p, o: ref.kl_div(x, p.target), _log_target, floor=_zero,
            chance=lambda p, o: math.log(p.scores.shape[1]) - float(entropy(p.target).mean()), options=("log_target",),
        ),
        Subject("mse", (), 1, _real, _toward_value, lambda x, p, o: (x - p.target) ** 2, _target,
            floor=_zero),
        Subject("l1", (), 1, _real, _toward_value, lambda x, p, o: (x - p.target).abs(), _target,
            floor=_zero),
        Subject(
            "smooth_l1", (), 1, _real, _toward_value,
            lambda x, p, o: ref.smooth_l1(x, p.target, float(o.get("beta", 1.0))), _target, floor=_zero, options=("beta",),
        ),
        Subject(
            "huber", (), 1, _real, _toward_value, lambda x, p, o: ref.huber(x, p.target, float(o.get("delta", 1.0))),
            _target, floor=_zero, options=("delta",),
        ),
        Subject(
            "soft_margin", (), 1, _signs, _toward_signs, lambda x, p, o: ref.soft_margin(x, p.target), floor=_zero,
            chance=_log_two,
        ),
        Subject(
            "multilabel_soft_margin", (), 1, _bits, _toward_bits,
            lambda x, p, o: ref.bce_with_logits(x, p.target).mean(1), floor=_zero, chance=_log_two,
        ),
        Subject(
            "multi_margin", (), 1, _classes, _toward_class,
            lambda x, p, o: ref.multi_margin(x, p.target, int(o.get("p", 1)), float(o.get("margin", 1.0))), floor=_zero,
            chance=lambda p, o: float(o.get("margin", 1.0)) ** int(o.get("p", 1)) * (1 - 1 / p.scores.shape[1]),
            options=("p", "margin"),
        ),
        Subject(
            "multilabel_margin", (), 1, _lists, _toward_list, lambda x, p, o: ref.multilabel_margin(x, p.target), floor=_zero,
            chance=lambda p, o: 1 - 1 / p.scores.shape[1],
        ),
        Subject(
            "hinge_embedding", ("torch.square",), 1, _signs, _unknown,
            lambda x, p, o: ref.hinge_embedding(x, p.target, float(o.get("margin", 1.0))), options=("margin",),
        ),
        Subject(
            "margin_ranking", (), 0, _ranks, _toward_signs,
            lambda x, p, o: ref.margin_ranking(x, p.before[0], p.target, float(o.get("margin", 0.0))), floor=_zero,
            options=("margin",),
        ),
        Subject(
            "cosine_embedding", (), 1, _pairs, _unknown,
            lambda x, p, o: ref.cosine_embedding(x, p.before[0], p.target, float(o.get("margin", 0.0))),
            options=("margin",),
        ),
        Subject(
            "triplet_margin", (), 1, _triplets, _unknown,
            lambda x, p, o: ref.triplet(x, p.target, p.more[0], float(o.get("margin", 1.0))), options=("margin",),
        ),
        Subject(
            "gaussian_nll", (), 1, _gaussian, _toward_value,
            lambda x, p, o: ref.gaussian_nll(x, p.target, p.more[0], full=bool(o.get("full"))), _target,
            floor=lambda p, o: float(0.5 * p.more[0].log().mean()) + (0.5 * math.log(2 * math.pi) if o.get("full") else 0.0),
            options=("full",),
        ),
        Subject(
            "poisson_nll", (), 1, _counts, _toward_value, _poisson, _log_target, floor=_poisson_floor,
            options=("log_input",),
        ),
        Subject(
            "ctc", _LOG_SOFTMAX, -1, _sequences, _unknown, lambda x, p, o: ref.ctc(x, p.target, *p.more), floor=_zero,
            batchwise=False,
        ),
    )
}  # fmt: skip
"""Every contract that the battery knows."""


def subject(contract: str, options: Options) -> Subject | None:
    """The subject of a contract under these options: some switch what the prediction has to be."""
    found = SUBJECTS.get(contract)
    if found is not None and contract == "poisson_nll" and options.get("log_input") is False:
        return Subject(
            "poisson_nll", ("torch.nn.functional.softplus",), 1, _counts, _unknown, _poisson, _target, floor=_poisson_floor,
            options=("log_input",),
        )  # fmt: skip
    if found is not None and contract == "kl_div" and options.get("log_target"):
        return Subject(
            "kl_div", _LOG_SOFTMAX, 1, _log_soft, _unknown, lambda x, p, o: ref.kl_div(x, p.target, True), _target,
            floor=_zero,
            options=("log_target",),
        )  # fmt: skip
    return found


def _log_soft(rows: int, classes: int, g: torch.Generator) -> Problem:
    problem = _soft(rows, classes, g)
    return Problem(problem.scores, problem.target.log())
