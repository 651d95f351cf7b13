"""Closed forms: scores with the least loss, the least loss itself, and the loss of equal scores."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lossadvisor.runtime.battery import references as ref
from lossadvisor.runtime.battery.problems import Options, Problem


def target(problem: Problem) -> list[Tensor]:
    return [problem.target]


def log_target(problem: Problem) -> list[Tensor]:
    return [problem.target.log()]


def smoothing(options: Options) -> float:
    return float(options.get("label_smoothing", 0.0))


def entropy(q: Tensor) -> Tensor:
    """-sum q log q over the last axis, 0 log 0 being 0."""
    return -torch.where(q > 0, q * q.clamp(min=1e-300).log(), torch.zeros_like(q)).sum(-1)


def ce_floor(problem: Problem, options: Options) -> float:
    q = ref.distribution(problem.target, problem.scores.shape[1], smoothing(options))
    return float(entropy(q).mean())


def log_classes(problem: Problem, options: Options) -> float:
    return math.log(problem.scores.shape[1])


def zero(problem: Problem, options: Options) -> float:
    return 0.0


def log_two(problem: Problem, options: Options) -> float:
    return math.log(2)


def gaussian_floor(problem: Problem, options: Options) -> float:
    constant = 0.5 * math.log(2 * math.pi) if options.get("full") else 0.0
    return float(0.5 * problem.more[0].log().mean()) + constant


def poisson_floor(problem: Problem, options: Options) -> float:
    t = problem.target
    return float((t - t * t.log()).mean())
