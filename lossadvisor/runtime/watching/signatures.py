"""What the values of a loss betray, without a look at its arguments.

Formulas: the loss of a right construction has a lower bound (0 for likelihoods and divergences); an activation too
many moves it. With a softmax too many, cross-entropy over C classes stays within [log(1 + (C-1)/e), log(e + C - 1)];
with a sigmoid too many, binary cross-entropy stays above 0.3133 r + 0.6931 (1 - r) for a share r of positive labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SLACK = 1e-4
"""Rounding allowed before a value counts as below a bound."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A value pattern: its name, what it says, and the code of the rule that it points to (None: a mere observation)."""

    kind: str
    message: str
    code: str | None
    numbers: dict[str, object]


def double_softmax_floor(classes: int) -> float:
    """The least cross-entropy over `classes` when softmax runs twice: log(1 + (C-1)/e)."""
    return math.log(1 + (classes - 1) / math.e)


def double_softmax_ceiling(classes: int) -> float:
    """The greatest cross-entropy over `classes` when softmax runs twice: log(e + C - 1)."""
    return math.log(math.e + classes - 1)


def double_sigmoid_floor(positive: float) -> float:
    """The least binary cross-entropy when sigmoid runs twice, for a share `positive` of labels 1."""
    return positive * math.log(1 + 1 / math.e) + (1 - positive) * math.log(2)


def _negative(contract: str, least: float) -> Signature | None:
    numbers: dict[str, object] = {"least_value": least}
    if least >= -SLACK:
        return None
    match contract:
        case "nll" if least >= -1 - SLACK:
            return Signature("negative-loss", f"nll_loss of {least:.4g}: probabilities, not their logarithms", "LA108", numbers)
        case "nll":
            return Signature("negative-loss", f"nll_loss of {least:.4g}: raw scores, not log-probabilities", "LA109", numbers)
        case "kl_div":
            return Signature("negative-loss", f"kl_div of {least:.4g}: its input is not in log space", "LA110", numbers)
        case "ctc":
            return Signature("negative-loss", f"ctc_loss of {least:.4g}: not log-probabilities", "LA112", numbers)
        case "bce" | "bce_with_logits":
            return Signature("negative-loss", f"{contract} of {least:.4g}: targets outside [0, 1]", "LA204", numbers)
        case "cross_entropy":
            return Signature("negative-loss", f"cross_entropy of {least:.4g}: targets that are no distribution", "LA206", numbers)
    return None


def read(contract: str, values: Sequence[float], classes: int | None = None) -> list[Signature]:
    """The signatures in the mean-reduced `values` of one loss, in order of calls; `classes` where known.

    Constant values need at least five calls; the double-softmax band needs at least twenty and a narrow spread.
    """
    finite = [value for value in values if math.isfinite(value)]
    found: list[Signature] = []
    if len(finite) < len(values):
        count = len(values) - len(finite)
        found.append(Signature("non-finite-loss", f"{count} of {len(values)} values are nan or inf", None, {}))
    if not finite:
        return found
    negative = _negative(contract, min(finite))
    if negative is not None:
        found.append(negative)
    if len(finite) >= 5 and max(finite) - min(finite) <= 1e-7 * max(1.0, abs(finite[0])):
        text = f"the loss was {finite[0]:.6g} on all {len(finite)} batches looked at"
        found.append(Signature("constant-loss", text, None, {"value": finite[0]}))
    elif contract == "cross_entropy" and classes is not None and classes > 2 and len(finite) >= 20:
        floor, ceiling = double_softmax_floor(classes), double_softmax_ceiling(classes)
        if min(finite) >= floor - SLACK and max(finite) <= ceiling + SLACK and finite[-1] - floor < 0.1:
            text = f"the loss settles at {finite[-1]:.4g}, just above {floor:.4f}: where a doubled softmax ends"
            found.append(Signature("double-softmax-floor", text, None, {"floor": floor, "classes": classes}))
    elif contract == "bce_with_logits" and len(finite) >= 20 and abs(finite[-1] - double_sigmoid_floor(0.5)) < 5e-3:
        if max(finite[-5:]) - min(finite[-5:]) < 5e-3:
            text = f"the loss settles at {finite[-1]:.4g}: where a doubled sigmoid ends for balanced labels"
            found.append(Signature("double-sigmoid-floor", text, None, {"floor": double_sigmoid_floor(0.5)}))
    return found
