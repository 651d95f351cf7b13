"""The formulas of losses of other packages whose contract says that they are plain: the family's and nothing else.

Independent of the packages: they are the reference where a package is installed, and tried themselves where it is not.
Per sample or element, before any reduction; float64 in, float64 out. Sources: the definitions of cross-entropy and of
binary cross-entropy on docs.pytorch.org, the focal loss of Lin et al. (2017), equation 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from torch import Tensor

from lossadvisor.contracts import Contract, Family, Want
from lossadvisor.late import dataclass
from lossadvisor.runtime.battery import forms
from lossadvisor.runtime.battery import references as ref
from lossadvisor.runtime.battery.problems import Options, Problem
from lossadvisor.runtime.battery.subject import Reference, Scalar

_SMOOTHING = ("label_smoothing", "smoothing", "smooth_factor", "eps")
"""How packages call the smoothing of targets in cross-entropy."""

_OTHERS = frozenset({"weight", "pos_weight", "class_weights", "ignore_index", "normalized", "reduced_threshold"})
"""Options that change the value in ways that a package defines; with one of them set no formula is claimed."""


@dataclass(frozen=True)
class Formula:
    """The value per sample or element, its least value, and its value at equal scores (None: depends on more)."""

    value: Reference
    floor: Scalar
    chance: Scalar


def _number(contract: Contract, options: Mapping[str, object], name: str, default: float | None) -> float | None:
    value = options.get(name, contract.option(name, {}))
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def _smoothing(contract: Contract, options: Mapping[str, object]) -> float:
    known = {parameter.name for parameter in (*contract.constructor, *contract.function)}
    name = next((name for name in _SMOOTHING if name in known), None)
    return 0.0 if name is None else _number(contract, options, name, 0.0) or 0.0


def focal(z: Tensor, t: Tensor, alpha: float | None, gamma: float) -> Tensor:
    """-w (1 - p)^gamma log p with p the probability given to label t; w is alpha for 1 and 1 - alpha for 0."""
    cost = ref.bce_with_logits(z, t)
    value = (1 - (-cost).exp()) ** gamma * cost
    return value if alpha is None else (alpha * t + (1 - alpha) * (1 - t)) * value


def _cross_entropy(contract: Contract, options: Mapping[str, object]) -> Formula:
    s = _smoothing(contract, options)

    def least(problem: Problem, given: Options) -> float:
        return float(forms.entropy(ref.distribution(problem.target, problem.scores.shape[1], s)).mean())

    return Formula(lambda x, p, o: ref.cross_entropy(x, p.target, s), least, forms.log_classes)


def _focal(contract: Contract, options: Mapping[str, object]) -> Formula:
    alpha = _number(contract, options, "alpha", None)
    alpha = None if alpha is not None and alpha < 0 else alpha  # torchvision: -1 switches the weights off
    gamma = _number(contract, options, "gamma", 2.0) or 0.0

    def chance(problem: Problem, given: Options) -> float:
        positive = float(problem.target.mean())
        share = 1.0 if alpha is None else alpha * positive + (1 - alpha) * (1 - positive)
        return float(share * 0.5**gamma * math.log(2))

    return Formula(lambda x, p, o: focal(x, p.target, alpha, gamma), forms.zero, chance)


_BINARY = Formula(lambda x, p, o: ref.bce_with_logits(x, p.target), forms.zero, forms.log_two)
_PROBABILITY = Formula(lambda x, p, o: ref.bce(x, p.target), forms.zero, forms.log_two)


def formula(contract: Contract, options: Mapping[str, object], problem: Problem) -> Formula | None:
    """The formula of a plain contract under these options, for batches like `problem`; None where none is claimed."""
    if not contract.plain or any(options.get(name) is not None for name in _OTHERS):
        return None
    given = {name: value for name, value in options.items() if isinstance(value, (bool, int, float, str))}
    want = contract.want(contract.ports[0], given)
    bits = problem.target.is_floating_point() and problem.target.shape == problem.scores.shape
    makers: dict[tuple[Family, Want], Callable[[], Formula]] = {
        (Family.BCE_WITH_LOGITS, Want.BINARY_LOGITS): lambda: _BINARY,
        (Family.CROSS_ENTROPY, Want.BINARY_LOGITS): lambda: _BINARY,
        (Family.BCE, Want.ELEMENT_PROBABILITIES): lambda: _PROBABILITY,
        (Family.FOCAL, Want.BINARY_LOGITS): lambda: _focal(contract, options),
    }
    maker = makers.get((contract.family, want))
    if maker is not None:
        smoothed = contract.family is not Family.FOCAL and _smoothing(contract, options)
        return maker() if bits and not smoothed else None
    if contract.family is Family.CROSS_ENTROPY and want is Want.LOGITS and problem.scores.dim() == 2:
        return _cross_entropy(contract, options)
    return None
