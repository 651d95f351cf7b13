"""What the values of a loss betray, without a look at its arguments.

Formulas: the loss of a right construction has a lower bound (0 for likelihoods and divergences); an activation too
many moves it. With a softmax too many, cross-entropy over C classes stays within [log(1 + (C-1)/e), log(e + C - 1)];
with a sigmoid too many, binary cross-entropy stays above 0.3133 r + 0.6931 (1 - r) for a share r of positive labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossadvisor.late import dataclass

SLACK = 1e-4
"""Rounding allowed before a value counts as below a bound."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A value pattern: its name, what it says, and the code that it points to (None: a mere observation)."""

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


_BELOW_ZERO = {
    "kl_div": ("its input is not in log space", "LA110"),
    "ctc": ("its input does not hold log-probabilities", "LA112"),
    "bce": ("targets outside [0, 1]", "LA204"),
    "bce_with_logits": ("targets outside [0, 1]", "LA204"),
    "cross_entropy": ("targets that are no distribution", "LA206"),
}
"""Losses that a right use keeps at or above 0, and what a negative value means. NLLLoss stands in `_negative`."""


def _negative(contract: str, least: float) -> Signature | None:
    if least >= -SLACK:
        return None
    if contract == "nll" and least >= -1 - SLACK:
        reason, code = "probabilities where log-probabilities are wanted", "LA108"
    elif contract == "nll":
        reason, code = "raw scores where log-probabilities are wanted", "LA109"
    elif contract in _BELOW_ZERO:
        reason, code = _BELOW_ZERO[contract]
    else:
        return None
    return Signature("negative-loss", f"{contract} of {least:.4g}: {reason}", code, {"least_value": least})


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
    found.extend(_settled(contract, finite, classes))
    return found


def _settled(contract: str, values: list[float], classes: int | None) -> list[Signature]:
    """Losses that stand still, or that settle where an activation too many ends."""
    last = values[-1]
    if len(values) >= 5 and max(values) - min(values) <= 1e-7 * max(1.0, abs(values[0])):
        text = f"the loss was {values[0]:.6g} on all {len(values)} batches looked at"
        return [Signature("constant-loss", text, None, {"value": values[0]})]
    if len(values) < 20:
        return []
    if contract == "cross_entropy" and classes is not None and classes > 2:
        floor, ceiling = double_softmax_floor(classes), double_softmax_ceiling(classes)
        if min(values) >= floor - SLACK and max(values) <= ceiling + SLACK and last - floor < 0.1:
            text = f"the loss settles at {last:.4g}, just above {floor:.4f}: where a doubled softmax ends"
            return [Signature("double-softmax-floor", text, None, {"floor": floor, "classes": classes})]
    still = max(values[-5:]) - min(values[-5:]) < 5e-3
    if contract == "bce_with_logits" and still and abs(last - double_sigmoid_floor(0.5)) < 5e-3:
        text = f"the loss settles at {last:.4g}: where a doubled sigmoid ends for balanced labels"
        return [Signature("double-sigmoid-floor", text, None, {"floor": double_sigmoid_floor(0.5)})]
    return []
