"""The numbers that prove a misuse, in closed form.

Natural logarithms throughout. C is the number of classes, p a row of probabilities, q a target distribution, H its
entropy. A floor is what no model output can go below, a ceiling what none can exceed, chance is the value at equal
scores. Every formula follows from the definition of the loss on the page of its contract, and is recomputed on tensors
by the tests.
"""

from __future__ import annotations

from math import e, exp, expm1, log, log1p

HIT = log1p(exp(-1))
"""Least loss of a positive binary decision whose logit is at most 1: log(1 + 1/e) = 0.3133."""

EVEN = log(2)
"""Loss of a binary decision at logit 0: log 2 = 0.6931."""


def softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow: the binary cross-entropy of logit x against label 0."""
    return max(x, 0.0) + log1p(exp(-abs(x)))


def chance_cross_entropy(classes: int) -> float:
    """Cross-entropy at equal logits: log C."""
    return log(classes)


def smoothed_floor(classes: int, smoothing: float) -> float:
    """Least cross-entropy with label smoothing s: H(q) with q = (1 - s) one-hot + s / C; 0 without smoothing."""
    rest = smoothing / classes
    target = 1 - smoothing + rest
    return sum(-n * q * log(q) for n, q in ((1, target), (classes - 1, rest)) if q > 0)


def bounded_floor(classes: int, width: float = 1.0, smoothing: float = 0.0) -> float:
    """Least cross-entropy of "logits" that differ by at most `width`: log(1 + (C - 1) exp(-width)).

    Width 1 covers softmax and sigmoid outputs in [0, 1], width 2 tanh outputs in [-1, 1]. With label smoothing s the
    best gap between the target and the rest is log(1 + C (1 - s) / s) or `width`, whichever is smaller; the loss at a
    gap g is log(1 + (C - 1) exp(-g)) + g s (C - 1) / C.
    """
    gap = width if smoothing <= 0 else min(width, log1p(classes * (1 - smoothing) / smoothing))
    return log1p((classes - 1) * exp(-gap)) + gap * smoothing * (classes - 1) / classes


def softmax_ceiling(classes: int, smoothing: float = 0.0) -> float:
    """Largest cross-entropy of probabilities read as logits: all mass on a wrong class, which has s / C of the target.

    log(e + C - 1) - s / C.
    """
    return log(e + classes - 1) - smoothing / classes


def bounded_ceiling(classes: int, width: float = 1.0, smoothing: float = 0.0) -> float:
    """Largest cross-entropy of free "logits" that differ by at most `width`: log(1 + (C - 1) exp(width)).

    The loss is convex, so k wrong classes stand at the upper end and all others at the lower; with label smoothing s
    that costs log(C - k + k exp(width)) - width k s / C, which is concave in k: the best k is C - 1, or where the
    slope is zero.
    """
    wrong = classes - 1
    if smoothing > 0:
        flat = int(classes * (1 / (width * smoothing) - 1 / expm1(width)))
        wrong = min(wrong, max(flat, 1))

    def cost(k: int) -> float:
        return log(classes - k + k * exp(width)) - width * k * smoothing / classes

    return max(cost(k) for k in {wrong, min(wrong + 1, classes - 1)})


def largest_probability(classes: int, width: float = 1.0) -> float:
    """Largest softmax output for values that differ by at most `width`: 1 / (1 + (C - 1) / e^width)."""
    return 1 / (1 + (classes - 1) * exp(-width))


def softmax_gradient_ratio(classes: int) -> float:
    """Gradient at equal logits with a doubled softmax over the right one: 1 / C."""
    return 1 / classes


def slope_ratio(width: float) -> float:
    """Gradient at zero logits with a squashing before cross-entropy over the right one: its slope at 0.

    1/4 for the sigmoid (width 1), 1 for tanh (width 2): width^2 / 4 for both, as tanh(x) = 2 sigmoid(2x) - 1.
    """
    return width**2 / 4


def nll_chance_on_probabilities(classes: int) -> float:
    """NLLLoss of uniform probabilities without the logarithm: -1 / C, in a range of [-1, 0]."""
    return -1 / classes


def double_sigmoid_floor(positives: float) -> float:
    """Least BCE-with-logits of values in [0, 1] when the share `positives` of the labels is 1.

    r log(1 + 1/e) + (1 - r) log 2: a positive costs at least 0.3133, a negative at least 0.6931.
    """
    return positives * HIT + (1 - positives) * EVEN


def softmax_bce_floor(classes: int) -> float:
    """Least BCE-with-logits of softmax outputs against one-hot rows: (log(1 + 1/e) + (C - 1) log 2) / C."""
    return (HIT + (classes - 1) * EVEN) / classes


def softmax_bce_chance(classes: int) -> float:
    """BCE-with-logits of uniform softmax outputs: (softplus(-1/C) + (C - 1) softplus(1/C)) / C."""
    return (softplus(-1 / classes) + (classes - 1) * softplus(1 / classes)) / classes


def kl_floor_on_probabilities(classes: int) -> float:
    """Least KL divergence (batchmean) whose input lacks the logarithm: -log(e + C - 1); it stays below 0.

    Over all targets, sum q log q - q p is least at q = softmax(p), where it is -logsumexp(p); over the probabilities p
    that is least where all mass is on one class.
    """
    return -log(e + classes - 1)


def kl_on_log_flag(classes: int) -> float:
    """Batchmean of log_target=True on uniform probabilities that equal the model's: C e^(1/C) (1/C + log C)."""
    return classes * exp(1 / classes) * (1 / classes + log(classes))


def double_softmax_dice(classes: int) -> float:
    """Soft Dice loss of a perfect one-hot prediction that is softmaxed again: 1 - e / (e + C - 1)."""
    return 1 - e / (e + classes - 1)


def double_sigmoid_dice(positives: float) -> float:
    """Soft Dice loss of a perfect mask that passes another sigmoid, for the share `positives` of ones.

    With a = e / (1 + e): 1 - 2 a r / (a r + (1 - r) / 2 + r).
    """
    hit = e / (1 + e)
    return 1 - 2 * hit * positives / (hit * positives + (1 - positives) / 2 + positives)


def double_sigmoid_focal(alpha: float | None = 0.25, gamma: float = 2.0) -> tuple[float, float]:
    """Least sigmoid focal loss of values in [0, 1] for label 0 and for label 1.

    (1 - alpha) 0.5^gamma log 2 and alpha (1 / (1 + e))^gamma log(1 + 1/e); without alpha both weights are 1.
    """
    negative, positive = (1.0, 1.0) if alpha is None else (1 - alpha, alpha)
    return negative * 0.5**gamma * EVEN, positive * (1 / (1 + e)) ** gamma * HIT


def multi_margin_chance(classes: int, margin: float = 1.0) -> float:
    """MultiMarginLoss of equal scores: margin (C - 1) / C."""
    return margin * (classes - 1) / classes


def gaussian_floor(eps: float = 1e-6) -> float:
    """Least GaussianNLLLoss: 0.5 log eps, with no error and the variance at its clamp."""
    return 0.5 * log(eps)


def poisson_floor(count: float) -> float:
    """Least PoissonNLLLoss for the count t: t - t log t, at the rate t; 0 for t = 0."""
    return count - count * log(count) if count else 0.0
