"""Losses written out a second time, from their definitions, in elementary operations.

Nothing of torch.nn.functional is used here, so that an agreement is evidence. All functions take float64 tensors and
give the loss of each sample or element before any reduction. Sources: the formulas on the pages of the classes on
docs.pytorch.org; CTC after Graves et al. (2006), section 4.1.
"""

from __future__ import annotations

import torch
from torch import Tensor


def logsumexp(x: Tensor, axis: int) -> Tensor:
    """log of the sum of exponentials, the maximum taken out first."""
    top = x.max(axis, keepdim=True).values
    return (top + (x - top).exp().sum(axis, keepdim=True).log()).squeeze(axis)


def distribution(target: Tensor, classes: int, smoothing: float = 0.0) -> Tensor:
    """Indices (N) or probabilities (N, C) as rows that sum to one, smoothed: (1 - s) q + s / C."""
    rows = target if target.is_floating_point() else torch.eye(classes, dtype=torch.float64)[target]
    return (1 - smoothing) * rows + smoothing / classes


def cross_entropy(z: Tensor, target: Tensor, smoothing: float = 0.0) -> Tensor:
    """(N, C) scores: logsumexp(z) - <q, z>."""
    q = distribution(target, z.shape[1], smoothing)
    return logsumexp(z, 1) - (q * z).sum(1)


def nll(x: Tensor, target: Tensor) -> Tensor:
    """(N, C): minus the entry of the target."""
    return -torch.stack([row[index] for row, index in zip(x, target.tolist(), strict=True)])


def bce(p: Tensor, t: Tensor) -> Tensor:
    """-(t log p + (1 - t) log(1 - p)), each logarithm at least -100 as documented."""
    return -(t * p.log().clamp(min=-100) + (1 - t) * (1 - p).log().clamp(min=-100))


def bce_with_logits(z: Tensor, t: Tensor) -> Tensor:
    """softplus(z) - t z, written so that no exponential overflows."""
    return z.clamp(min=0) - t * z + (1 + (-z.abs()).exp()).log()


def kl_div(x: Tensor, t: Tensor, log_target: bool = False) -> Tensor:
    """t (log t - x), or exp(t) (t - x) for targets in log space; 0 where the target is 0."""
    if log_target:
        return t.exp() * (t - x)
    return torch.where(t > 0, t * (t.clamp(min=1e-300).log() - x), -t * x)


def huber(x: Tensor, t: Tensor, delta: float = 1.0) -> Tensor:
    """e^2 / 2 within delta, delta (|e| - delta / 2) beyond."""
    error = (x - t).abs()
    return torch.where(error <= delta, error * error / 2, delta * (error - delta / 2))


def smooth_l1(x: Tensor, t: Tensor, beta: float = 1.0) -> Tensor:
    """e^2 / (2 beta) within beta, |e| - beta / 2 beyond."""
    error = (x - t).abs()
    return torch.where(error < beta, error * error / (2 * beta), error - beta / 2)


def soft_margin(z: Tensor, y: Tensor) -> Tensor:
    """log(1 + exp(-y z))."""
    return (1 + (-y * z).exp()).log()


def multi_margin(x: Tensor, target: Tensor, p: int = 1, margin: float = 1.0) -> Tensor:
    """(N, C): sum over the other classes of max(0, margin - x_y + x_j)^p, divided by C."""
    rows = []
    for row, y in zip(x, target.tolist(), strict=True):
        others = [(margin - row[y] + value).clamp(min=0) ** p for j, value in enumerate(row) if j != y]
        rows.append(torch.stack(others).sum() / len(row))
    return torch.stack(rows)


def multilabel_margin(x: Tensor, target: Tensor) -> Tensor:
    """(N, C): sum over labels y and non-labels j of max(0, 1 - (x_y - x_j)), divided by C."""
    rows = []
    for row, listed in zip(x, target.tolist(), strict=True):
        labels = listed[: listed.index(-1)] if -1 in listed else listed
        terms = [(1 - (row[y] - row[j])).clamp(min=0) for y in labels for j in range(len(row)) if j not in labels]
        rows.append((torch.stack(terms).sum() if terms else row.sum() * 0) / len(row))
    return torch.stack(rows)


def hinge_embedding(x: Tensor, y: Tensor, margin: float = 1.0) -> Tensor:
    """x for y = 1, max(0, margin - x) for y = -1."""
    return torch.where(y > 0, x, (margin - x).clamp(min=0))


def margin_ranking(a: Tensor, b: Tensor, y: Tensor, margin: float = 0.0) -> Tensor:
    """max(0, -y (a - b) + margin)."""
    return (-y * (a - b) + margin).clamp(min=0)


def cosine_embedding(a: Tensor, b: Tensor, y: Tensor, margin: float = 0.0) -> Tensor:
    """(N, D): 1 - cos for y = 1, max(0, cos - margin) for y = -1."""
    cosine = (a * b).sum(1) / ((a * a).sum(1).sqrt() * (b * b).sum(1).sqrt())
    return torch.where(y > 0, 1 - cosine, (cosine - margin).clamp(min=0))


def triplet(a: Tensor, p: Tensor, n: Tensor, margin: float = 1.0, eps: float = 1e-6) -> Tensor:
    """(N, D): max(0, |a - p + eps| - |a - n + eps| + margin) with Euclidean norms."""
    near, far = (((a - other + eps) ** 2).sum(1).sqrt() for other in (p, n))
    return (near - far + margin).clamp(min=0)


def gaussian_nll(x: Tensor, t: Tensor, var: Tensor, eps: float = 1e-6, full: bool = False) -> Tensor:
    """(log var + e^2 / var) / 2, with log(2 pi) / 2 added when full."""
    var = var.clamp(min=eps)
    constant = 0.5 * torch.log(torch.tensor(2 * torch.pi, dtype=torch.float64)) if full else 0.0
    return 0.5 * (var.log() + (x - t) ** 2 / var) + constant


def poisson_nll(x: Tensor, t: Tensor, log_input: bool = True, eps: float = 1e-8) -> Tensor:
    """exp(x) - t x, or x - t log(x + eps) without log_input."""
    return x.exp() - t * x if log_input else x - t * (x + eps).log()


def ctc(log_probs: Tensor, targets: Tensor, lengths: Tensor, sizes: Tensor, blank: int = 0) -> Tensor:
    """(T, N, C): minus the log of the summed probability of all alignments, by the forward recursion."""
    losses = []
    for sample in range(log_probs.shape[1]):
        labels = targets[sample, : int(sizes[sample])].tolist()
        spread = [blank, *(symbol for label in labels for symbol in (label, blank))]
        frames = log_probs[: int(lengths[sample]), sample]
        nothing = frames.new_full((), -torch.inf)
        alpha = [frames[0, spread[k]] if k < 2 else nothing for k in range(len(spread))]
        for frame in frames[1:]:
            alpha = [frame[spread[k]] + _sum_logs(_before(alpha, spread, k, blank)) for k in range(len(spread))]
        losses.append(-_sum_logs(alpha[-2:] if len(alpha) > 1 else alpha))
    return torch.stack(losses)


def _before(alpha: list[Tensor], spread: list[int], k: int, blank: int) -> list[Tensor]:
    """The states from which state `k` can be entered: itself, the one before, and two before past a blank."""
    skip = k > 1 and spread[k] != blank and spread[k] != spread[k - 2]
    return [alpha[k], *alpha[k - 1 : k if k else 0], *([alpha[k - 2]] if skip else [])]


def _sum_logs(values: list[Tensor]) -> Tensor:
    finite = [value for value in values if bool(torch.isfinite(value))]
    return logsumexp(torch.stack(finite), 0) if finite else values[0]
