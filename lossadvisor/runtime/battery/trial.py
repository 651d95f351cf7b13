"""One loss on trial: the contract's subject, the chain as written beside the right chain, and how to compute both."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from lossadvisor.late import dataclass
from lossadvisor.runtime.battery.chains import Chain
from lossadvisor.runtime.battery.problems import Options, Problem
from lossadvisor.runtime.battery.subject import Subject

Function = Callable[..., Any]


@dataclass(frozen=True)
class Trial:
    """`function` is the loss, called as function(prediction, ..., target, **options)."""

    subject: Subject
    written: Chain
    right: Chain
    options: Options
    function: Function
    classes: int

    def problem(self, rows: int = 32, seed: int = 0) -> Problem:
        """A batch of synthetic scores and targets; the same for the same seed."""
        made = self.subject.make(rows, self.classes, torch.Generator().manual_seed(seed))
        ignored = self.options.get("ignore_index")
        if self.subject.weighted and isinstance(ignored, int) and 0 <= ignored < self.classes:
            moved = torch.where(made.target == ignored, (ignored + 1) % self.classes, made.target)
            return replace(made, target=moved)  # a class that is ignored cannot be a target
        return made

    def elementwise(self, scores: Tensor, problem: Problem, chain: Chain, **more: Any) -> Tensor:
        """The loss as its function returns it for raw `scores` sent through `chain`."""
        options = {**self.neutral(), **more}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = self.function(*problem.arguments(chain(scores, self.subject.axis)), **options)
        return result if isinstance(result, Tensor) else torch.as_tensor(result)

    def loss(self, scores: Tensor, problem: Problem, chain: Chain | None = None, **more: Any) -> Tensor:
        """The same, reduced to one number by its mean where it is not already; `chain` defaults to the written one."""
        result = self.elementwise(scores, problem, self.written if chain is None else chain, **more)
        return result.mean() if result.dim() else result

    def neutral(self) -> dict[str, Any]:
        """The options as written, with the reduction that divides by samples or elements."""
        kept = {
            name: value for name, value in self.options.items() if name not in ("reduction", "size_average", "reduce")
        }
        if self.accepts("reduction"):
            kept["reduction"] = "batchmean" if self.subject.contract == "kl_div" else "mean"
        return kept

    def accepts(self, option: str) -> bool:
        """Whether the function knows an option of that name."""
        return option in accepted(self.function)

    def gradient(self, scores: Tensor, problem: Problem, chain: Chain | None = None) -> Tensor:
        """The gradient of the loss with respect to the raw scores; zeros when none comes back."""
        leaf = scores.detach().clone().requires_grad_()
        value = self.loss(leaf, problem, chain)
        if not value.requires_grad:
            return torch.zeros_like(scores)
        value.backward()  # type: ignore[no-untyped-call]
        return torch.zeros_like(scores) if leaf.grad is None else leaf.grad


def accepted(function: Function) -> frozenset[str]:
    """The parameter names of a function; empty where it has no readable signature."""
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()


def attempt(compute: Callable[[], Tensor]) -> float | str:
    """The number, or what the loss raises, in one line."""
    try:
        return float(compute().detach())
    except Exception as error:
        first = str(error).strip().splitlines()
        return f"raises {type(error).__name__}: {first[0] if first else ''}"[:120]
