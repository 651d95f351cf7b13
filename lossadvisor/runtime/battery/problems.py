"""Synthetic batches for each kind of loss, and the direction in score space that is right for their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lossadvisor.late import dataclass

Options = Mapping[str, Any]
"""Options of a loss by name, as written in the code."""


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


def _randn(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=torch.float64)


def classes_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), torch.randint(0, classes, (rows,), generator=g))


def bits_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    bits = torch.randint(0, 2, (rows, classes), generator=g).double()
    return Problem(_randn(rows, classes, g=g), bits)


def signs_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    problem = bits_problem(rows, classes, g)
    return Problem(problem.scores, 2 * problem.target - 1)


def distributions_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g).softmax(1))


def values_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g))


def counts_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), torch.randint(1, 9, (rows, classes), generator=g).double())


def gaussian_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    variance = torch.rand(rows, classes, generator=g, dtype=torch.float64) + 0.5
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g), (variance,))


def lists_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    first = torch.randint(0, classes, (rows, 1), generator=g)
    target = torch.cat([first, torch.full((rows, classes - 1), -1)], 1)
    return Problem(_randn(rows, classes, g=g), target)


def pairs_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    signs = 2 * torch.randint(0, 2, (rows,), generator=g).double() - 1
    return Problem(_randn(rows, classes, g=g), signs, (), (_randn(rows, classes, g=g),))


def ranks_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    signs = 2 * torch.randint(0, 2, (rows,), generator=g).double() - 1
    return Problem(_randn(rows, g=g), signs, (), (_randn(rows, g=g),))


def triplets_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    return Problem(_randn(rows, classes, g=g), _randn(rows, classes, g=g), (_randn(rows, classes, g=g),))


def sequences_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    labels = torch.randint(1, classes, (rows, 2), generator=g)
    return Problem(_randn(7, rows, classes, g=g), labels, (torch.full((rows,), 7), torch.full((rows,), 2)))


def toward_class(problem: Problem) -> Tensor:
    return torch.eye(problem.scores.shape[1], dtype=torch.float64)[problem.target] - 1 / problem.scores.shape[1]


def toward_list(problem: Problem) -> Tensor:
    return torch.eye(problem.scores.shape[1], dtype=torch.float64)[problem.target[:, 0]] - 1 / problem.scores.shape[1]


def toward_bits(problem: Problem) -> Tensor:
    return 2 * problem.target - 1


def toward_signs(problem: Problem) -> Tensor:
    return problem.target


def toward_value(problem: Problem) -> Tensor:
    return (problem.target - problem.scores).sign()


def toward_rows(problem: Problem) -> Tensor:
    return problem.target.sub(problem.scores.softmax(1)).sign()


def nowhere(problem: Problem) -> Tensor:
    return torch.zeros_like(problem.scores)


def log_distributions_problem(rows: int, classes: int, g: torch.Generator) -> Problem:
    problem = distributions_problem(rows, classes, g)
    return Problem(problem.scores, problem.target.log())
