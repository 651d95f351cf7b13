"""The numbers of an evidence, measured on torch: the loss is run on what the reported activation makes of scores.

`measured` knows nothing of the formulas of the program. A floor is the least value of the loss over many rows of
scores (all patterns of very low and very high ones among them), a ceiling the greatest, chance the value at equal
scores; an evidence that claims no floor must be beaten again by larger scores.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.contracts import by_id
from lossadvisor.values import Domain

ACTIVATIONS: Mapping[Domain, Callable[[Tensor], Tensor]] = {
    Domain.PROBABILITIES: lambda z: z.softmax(1),
    Domain.UNIT_INTERVAL: torch.sigmoid,
    Domain.SIGNED_UNIT: torch.tanh,
    Domain.RECTIFIED: torch.relu,
    Domain.SCORES: lambda z: z,
}
Numbers = dict[str, float]


@dataclass(frozen=True, slots=True)
class Misuse:
    """What a finding says: the loss with its options, what reaches it, and how many classes."""

    contract: str
    options: Mapping[str, object]
    domain: Domain
    classes: int

    def option(self, name: str, default: float) -> float:
        value = self.options.get(name)
        return float(value) if isinstance(value, int | float) else default


def scores(classes: int) -> Tensor:
    """Rows of extreme and of moderate scores, (K, C), the first of them equal scores."""
    generator = torch.Generator().manual_seed(0)
    rows = [torch.zeros(1, classes), torch.randn(200, classes, generator=generator) * 3]
    if classes <= 12:
        rows.append(torch.tensor(list(itertools.product((-60.0, 60.0), repeat=classes))))
        steps = torch.linspace(-8, 8, 4001)
    else:
        steps = torch.linspace(-8, 8, 401)
    one = torch.eye(classes)[:2]
    rows += [one * 120 - 60, 60 - one * 120, steps[:, None] * one[0]]  # only the first class differs: all gaps
    return torch.cat(rows).double()


def cross_entropy(case: Misuse) -> Numbers:
    smoothing = case.option("label_smoothing", 0.0)
    logits = scores(case.classes)
    act = ACTIVATIONS[case.domain]

    def loss(values: Tensor) -> Tensor:
        target = torch.zeros(len(values), dtype=torch.long)
        return F.cross_entropy(values, target, reduction="none", label_smoothing=smoothing)

    def slope(through: Callable[[Tensor], Tensor]) -> float:
        z = torch.zeros(1, case.classes, dtype=torch.float64, requires_grad=True)
        loss(through(z)).sum().backward()
        assert z.grad is not None
        return float(z.grad.norm())

    each = loss(act(logits))
    found = {"chance": float(loss(logits[:1]))}
    if case.domain is not Domain.RECTIFIED:
        found |= {
            "floor": float(each.min()), "ceiling": float(each.max()), "floor_right": float(loss(logits).min()),
            "largest_probability": float(act(logits).softmax(1).max()),
            "gradient_ratio": slope(act) / slope(lambda z: z),
        }  # fmt: skip
    return found


def binary(case: Misuse) -> Numbers:
    """Losses on logits of each element: one row of labels, the first class is the true one."""
    logits = scores(case.classes if case.domain is Domain.PROBABILITIES else 2)
    values = ACTIVATIONS[case.domain](logits)
    one_hot = torch.eye(logits.shape[1], dtype=torch.float64)[0].expand_as(values)
    each = F.binary_cross_entropy_with_logits(values, one_hot, reduction="none")
    if case.domain is Domain.PROBABILITIES:
        return {"floor": float(each.mean(1).min()), "chance": float(each[0].mean())}
    positive, negative = float(each[:, 0].min()), float(each[:, 1].min())
    return {
        "floor_positive": positive, "floor_negative": negative, "floor_balanced": float(each.mean(1).min()),
        "largest_probability": float(values.sigmoid().max()),
        "chance": float(F.binary_cross_entropy_with_logits(logits[0], one_hot[0])),
    }  # fmt: skip


def nll(case: Misuse) -> Numbers:
    values = ACTIVATIONS[case.domain](scores(case.classes))
    each = F.nll_loss(values, torch.zeros(len(values), dtype=torch.long), reduction="none")
    return {"floor": float(each.min()), "ceiling": float(each.max()), "chance": float(each[0])}


def kl_div(case: Misuse) -> Numbers:
    """The least over predictions and targets: each row of probabilities with each."""
    if case.options.get("log_target"):
        uniform = torch.full((1, case.classes), 1 / case.classes, dtype=torch.float64)
        return {"at_equality": float(F.kl_div(uniform.log(), uniform, log_target=True, reduction="batchmean"))}
    rows = scores(case.classes)
    p = ACTIVATIONS[case.domain](rows)[-4020:]
    q = torch.cat([rows, rows[-4001:] / 8 + 1.0 * torch.eye(case.classes)[0]]).softmax(1)[-2000:]
    each = torch.stack([F.kl_div(one.expand_as(q), q, reduction="none").sum(1) for one in p[::40]])
    corner = F.kl_div(torch.eye(case.classes, dtype=torch.float64)[:1].expand_as(q), q, reduction="none").sum(1)
    return {"floor": min(float(each.min()), float(corner.min())), "ceiling": max(float(each.max()), 0.0)}


def multi_margin(case: Misuse) -> Numbers:
    values = ACTIVATIONS[case.domain](scores(case.classes))[:1]
    return {"chance": float(F.multi_margin_loss(values, torch.zeros(1, dtype=torch.long)))}


def gaussian_nll(case: Misuse) -> Numbers:
    variance = torch.cat([torch.logspace(-12, 3, 300), torch.zeros(1)]).double()
    zero = torch.zeros_like(variance)
    each = F.gaussian_nll_loss(zero, zero, variance, eps=case.option("eps", 1e-6), reduction="none")
    return {"floor": float(each.min())}


def label_zero(case: Misuse) -> Numbers:
    """Pair losses of labels 1 and -1, given 0: the one value that they take whatever the vectors are."""
    margin = case.option("margin", 0.0)
    a, b, zero = torch.randn(50, 6), torch.randn(50, 6), torch.zeros(50)
    if case.contract == "margin_ranking":
        each = F.margin_ranking_loss(a[:, 0], b[:, 0], zero, margin=margin, reduction="none")
    else:
        each = F.cosine_embedding_loss(a, b, zero, margin=margin, reduction="none")
    assert float(each.min()) == float(each.max())
    return {"value": float(each[0])}


def focal(case: Misuse) -> Numbers:
    alpha, gamma = case.option("alpha", 0.25), case.option("gamma", 2.0)
    values = ACTIVATIONS[case.domain](scores(2))[:, 0]
    p = values.sigmoid()

    def least(label: float) -> float:
        hit = p if label else 1 - p
        weight = alpha if label else 1 - alpha
        return float((-weight * (1 - hit) ** gamma * hit.log()).min())

    return {"floor_positive": least(1.0), "floor_negative": least(0.0)}


def dice(case: Misuse) -> Numbers:
    """Half of the mask is ones, the prediction perfect before the sigmoid that the loss applies once more."""
    mask = (torch.arange(10_000) < 5_000).double()
    again = mask.sigmoid()
    return {"floor_balanced": float(1 - 2 * (again * mask).sum() / (again.sum() + mask.sum()))}


MEASURES: Mapping[str, Callable[[Misuse], Numbers]] = {
    "cross_entropy": cross_entropy, "bce_with_logits": binary, "multilabel_soft_margin": binary, "nll": nll,
    "kl_div": kl_div, "multi_margin": multi_margin, "gaussian_nll": gaussian_nll, "margin_ranking": label_zero,
    "cosine_embedding": label_zero, "torchvision.sigmoid_focal_loss": focal,
    "segmentation_models_pytorch.DiceLoss": dice,
}  # fmt: skip


def measured(case: Misuse) -> Numbers:
    """Every number that an evidence about this misuse may hold."""
    return MEASURES[case.contract](case)


def has_no_floor(contract: str, domain: Domain, target: Domain) -> bool:
    """Whether torch lets the loss fall again and again as scores grow."""
    assert contract in by_id
    values = []
    for size in (1e2, 1e4, 1e6):
        z = torch.full((1, 3), size, dtype=torch.float64)
        match contract:
            case "nll":
                loss = F.nll_loss(z, torch.tensor([0]))
            case "kl_div":
                loss = F.kl_div(z, torch.full((1, 3), 1 / 3, dtype=torch.float64), reduction="batchmean")
            case "bce_with_logits":
                label = 255.0 if target is Domain.BYTES else -1.0
                loss = F.binary_cross_entropy_with_logits(math.copysign(1, label) * z, torch.full_like(z, label))
            case _:
                raise AssertionError(f"no run for a loss without a floor: {contract}")
        values.append(float(loss))
    return values[2] < values[1] < values[0] < 0
