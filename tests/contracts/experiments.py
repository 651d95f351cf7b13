"""What a loss does with synthetic batches, found by experiment and without asking its contract what it wants.

Every layout of a batch is tried with every way of feeding it. A way fits when good predictions cost less than
undecided ones and those less than bad ones; it fits for raw scores only where the gradient of very good ones vanishes,
as it does behind a sigmoid, a softmax or a margin inside of the loss.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from lossadvisor.contracts import Contract, Family, Want
from lossadvisor.runtime.battery.packages.formulas import formula
from lossadvisor.runtime.battery.packages.layouts import Layout, layouts
from lossadvisor.runtime.battery.problems import Options, Problem

Loss = Callable[[Tensor, Tensor], Tensor]
FEEDS: dict[str, Callable[[Tensor], Tensor]] = {
    "scores": lambda x: x,
    "element probabilities": torch.sigmoid,
    "class probabilities": lambda x: x.softmax(1),
    "log-probabilities": lambda x: x.log_softmax(1),
}
CLASSES, ROWS = 4, 8
GOOD, FAR = 6.0, 40.0


def every_layout() -> list[tuple[str, Layout]]:
    """All layouts of the battery with the kind of their target."""
    found = [("indices", one) for one in layouts(Want.LOGITS, Want.CLASS_INDICES, False)]
    hot = list(layouts(Want.LOGITS, Want.DISTRIBUTION, False))
    found += [("one-hot", one) for one in hot]
    found += [("bits", one) for one in layouts(Want.BINARY_LOGITS, Want.UNIT_TARGET, False)]
    found += [("signs", one) for one in layouts(Want.ANY, Want.SIGN_TARGET, False)]
    found += [("values", one) for one in layouts(Want.REAL, Want.REAL, False)]
    found += [("boxes", one) for one in layouts(Want.BOXES, Want.BOXES, False)]
    found += [("groups", one) for one in layouts(Want.EMBEDDING, Want.CLASS_INDICES, False)]
    return found


def value(loss: Loss, prediction: Tensor, target: Tensor) -> float:
    """The mean of what the loss returns, nan where it refuses or gives something else than numbers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            result = loss(prediction, target)
    except Exception:  # a loss may refuse a batch in any way
        return math.nan
    return float(result.detach().double().mean()) if isinstance(result, Tensor) and result.numel() else math.nan


def slope(loss: Loss, prediction: Tensor, target: Tensor) -> float:
    """The greatest entry of the gradient, nan where there is none."""
    leaf = prediction.detach().clone().requires_grad_()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            result = loss(leaf, target)
            (gradient,) = torch.autograd.grad(result.mean(), [leaf])
    except Exception:  # as above
        return math.nan
    return float(gradient.abs().max())


class Experiment:
    """One loss on one layout."""

    def __init__(self, loss: Loss, kind: str, layout: Layout) -> None:
        self.loss, self.kind, self.layout = loss, kind, layout
        self.problem: Problem = layout.make(ROWS, CLASSES, torch.Generator().manual_seed(0))
        self.direction = layout.right(self.problem)

    def at(self, feed: str, size: float) -> float:
        """The loss of predictions that are as right as `size` says; negative sizes are wrong ones."""
        return value(self.loss, FEEDS[feed](self.direction * size), self.problem.target)

    def fits(self) -> list[str]:
        """The ways of feeding that fit, raw scores alone where they do."""
        if self.layout.best is not None:
            return ["equal"] if self._least_at_best() else []
        found = [feed for feed in FEEDS if self._ordered(feed)]
        if "scores" in found and (self._saturates() or self.invariant()):
            return ["scores"]
        return [feed for feed in found if feed != "scores" and self.at(feed, FAR) <= self.at(feed, GOOD) + 1e-6]

    def _ordered(self, feed: str) -> bool:
        good, far, none, bad = (self.at(feed, size) for size in (GOOD, FAR, 0.0, -GOOD))
        return all(map(math.isfinite, (good, far, none, bad))) and good < none < bad

    def _saturates(self) -> bool:
        start, end = (slope(self.loss, self.direction * size, self.problem.target) for size in (0.0, FAR))
        return start > 0 and end <= 1e-6 * start and self.at("scores", FAR) <= self.at("scores", GOOD) + 1e-6

    def _least_at_best(self) -> bool:
        assert self.layout.best is not None
        best = self.layout.best(self.problem)[0]
        others = [best.roll(1, 0), best + 0.3 * torch.randn(best.shape, generator=torch.Generator().manual_seed(1))]
        at_best = value(self.loss, best, self.problem.target)
        return math.isfinite(at_best) and all(
            math.isfinite(one) and at_best < one for one in (value(self.loss, x, self.problem.target) for x in others)
        )

    def predictions(self, feed: str) -> Iterator[Tensor]:
        """Right and wrong ones, and some at random."""
        if self.layout.best is not None:
            yield from self.layout.best(self.problem)
            yield from (self.layout.make(ROWS, CLASSES, torch.Generator().manual_seed(i)).scores for i in range(4))
            return
        yield from (FEEDS[feed](self.direction * size) for size in (FAR, GOOD, 1.0, 0.0, -1.0, -GOOD, -FAR))
        for seed in range(4):
            scores = self.layout.make(ROWS, CLASSES, torch.Generator().manual_seed(seed)).scores
            yield FEEDS[feed](scores * 3)

    def bounds(self, feed: str) -> tuple[float, float]:
        """Least and greatest value seen."""
        values = [value(self.loss, x, self.problem.target) for x in self.predictions(feed)]
        finite = [one for one in values if math.isfinite(one)]
        return min(finite), max(finite)

    def invariant(self) -> bool:
        """Whether a number added to all scores of a sample, another for each, changes nothing."""
        return unchanged(self.loss, self.problem.scores, self.problem.target, tuple(range(1, self.direction.dim())))

    def reduction(self, feed: str) -> str:
        """What becomes of the elements: "none", "mean", "sum" or "own"."""
        prediction = self.problem.scores if feed == "equal" else FEEDS[feed](self.problem.scores)
        torch.manual_seed(0)
        once = self.loss(prediction, self.problem.target)
        if once.numel() > 1:
            return "none"
        torch.manual_seed(0)
        twice = self.loss(torch.cat([prediction] * 2), torch.cat([self.problem.target] * 2))
        ratio = float(twice / once) if float(once) else math.nan
        return "mean" if abs(ratio - 1) < 1e-5 else "sum" if abs(ratio - 2) < 1e-5 else "own"

    def target_types(self, feed: str) -> list[str]:
        """Of "integer" and "float": which types of the same target pass forward and backward."""
        prediction = self.problem.scores if feed == "equal" else FEEDS[feed](self.problem.scores)
        targets = {"integer": self.problem.target.long(), "float": self.problem.target.to(prediction.dtype)}
        return [name for name, target in targets.items() if math.isfinite(slope(self.loss, prediction, target))]

    def growth(self, feed: str) -> str:
        """What wrong scores cost: "linear" without end, "bounded", or "other"."""
        near, far, farther = (self.at(feed, size) for size in (-FAR, -2 * FAR, -4 * FAR))
        if not all(map(math.isfinite, (near, far, farther))):
            return "other"
        first, second = far - near, farther - far
        if abs(first) < 1e-6 * max(1.0, abs(near)) and abs(second) < 1e-6 * max(1.0, abs(near)):
            return "bounded"
        return "linear" if first > 0 and abs(second / first - 2) < 1e-3 else "other"


def unchanged(loss: Loss, scores: Tensor, target: Tensor, axes: tuple[int, ...]) -> bool:
    """Whether numbers that are the same along these axes can be added to the scores without changing the loss."""
    shape = [1 if axis in axes else size for axis, size in enumerate(scores.shape)]
    shift = torch.randn(shape, generator=torch.Generator().manual_seed(2), dtype=scores.dtype) * 2
    before, after = (value(loss, one, target) for one in (scores, scores + shift))
    moved = value(loss, scores + 2 * torch.randn(scores.shape, generator=torch.Generator().manual_seed(3)), target)
    return abs(before - after) <= 1e-6 * max(1.0, abs(before)) and not abs(before - moved) <= 1e-6


def class_axes(loss: Loss) -> list[int]:
    """Of 1 and -1: the axes over which the loss normalises scores of three or four axes."""
    found = []
    for axis, more in ((1, (5,)), (1, (5, 5)), (-1, (5,)), (-1, (5, 5))):
        generator = torch.Generator().manual_seed(0)
        index = torch.randint(0, CLASSES, (3, *more), generator=generator)
        hot = torch.nn.functional.one_hot(index, CLASSES).movedim(-1, axis).double()
        scores = torch.randn(hot.shape, generator=generator, dtype=torch.float64)
        if any(unchanged(loss, scores, target, (axis % scores.dim(),)) for target in (index, hot)):
            found.append(axis)
    return list(dict.fromkeys(found))


def column_against_row(loss: Loss) -> str:
    """What the loss does with a column (N, 1) against a row (N): "raises", "warns" or "silent"."""
    generator = torch.Generator().manual_seed(0)
    prediction = torch.rand(ROWS, 1, dtype=torch.float64, generator=generator) * 0.8 + 0.1
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            loss(prediction, torch.ones(ROWS, dtype=torch.float64))
        except Exception:  # as above
            return "raises"
    return "warns" if any("size" in str(one.message) for one in told) else "silent"


def formulas(loss: Loss, contract: Contract, options: Options, problem: Problem) -> list[str]:
    """The families whose formula, as the battery has it, gives the value of the loss under these options."""
    found = []
    for family in (Family.CROSS_ENTROPY, Family.BCE, Family.BCE_WITH_LOGITS, Family.FOCAL):
        stated = formula(replace(contract, family=family, plain=True), options, problem)
        for feed in ("scores", "element probabilities"):
            if stated is None or (feed == "scores") is (family is Family.BCE):
                continue
            prediction = FEEDS[feed](problem.scores)
            elements = stated.value(prediction, problem, {}).double()
            means = [float(elements.mean()), float(elements.sum()) / len(problem.scores)]
            if any(abs(value(loss, prediction, problem.target) - one) <= 1e-6 for one in means):
                found.append(family.name)
    return found


def facts(loss: Loss, contract: Contract, options: Options) -> dict[str, Any]:
    """All that the experiments say, by layout; empty where the loss takes none."""
    takes: dict[str, dict[str, Any]] = {}
    for kind, layout in every_layout():
        trial = Experiment(loss, kind, layout)
        feeds = trial.fits()
        if not feeds:
            continue
        least, most = trial.bounds(feeds[0])
        takes[layout.name] = {
            "kind": kind, "feeds": feeds, "least": float(f"{least:.5g}"), "most": float(f"{most:.5g}"),
            "reduction": trial.reduction(feeds[0]), "target": trial.target_types(feeds[0]),
            "invariant": feeds == ["scores"] and trial.invariant(),
            "growth": "other" if feeds == ["equal"] else trial.growth(feeds[0]),
            "formulas": formulas(loss, contract, options, trial.problem),
        }  # fmt: skip
    if not takes:
        return {}
    return {"column": column_against_row(loss), "axes": class_axes(loss), "takes": takes}
