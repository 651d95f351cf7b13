"""What the numbers of an argument mean, from the graph that made them and from the numbers themselves."""

from __future__ import annotations

from dataclasses import field

from torch import Tensor

from lossadvisor.late import dataclass
from lossadvisor.runtime import lineage
from lossadvisor.runtime.predicates import AxisSums, Measured, log_tolerance
from lossadvisor.values import BY_ELEMENT, Domain

# Operation at the end of the graph -> domain it leaves behind.
_BY_OP = {
    "softmax": Domain.PROBABILITIES,
    "log_softmax": Domain.LOG_PROBABILITIES,
    "sigmoid": Domain.UNIT_INTERVAL,
    "hardsigmoid": Domain.UNIT_INTERVAL,
    "logsigmoid": Domain.LOG_UNIT_INTERVAL,
    "tanh": Domain.SIGNED_UNIT,
    "relu": Domain.RECTIFIED,
    "dropout": Domain.DROPPED,
    "softplus": Domain.NON_NEGATIVE,
    "abs": Domain.NON_NEGATIVE,
    "linear": Domain.SCORES,
    "convolution": Domain.SCORES,
}
_WORDS = {
    Domain.PROBABILITIES: "probabilities",
    Domain.LOG_PROBABILITIES: "log-probabilities",
    Domain.UNIT_INTERVAL: "numbers in [0, 1]",
    Domain.LOG_UNIT_INTERVAL: "logarithms of numbers in [0, 1]",
    Domain.SIGNED_UNIT: "numbers in [-1, 1]",
    Domain.RECTIFIED: "scores cut at zero",
    Domain.DROPPED: "scores with dropped elements",
    Domain.NON_NEGATIVE: "non-negative numbers",
    Domain.SCORES: "raw scores",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A domain with what supports it. `proof` and `weight` are those of a Suspicion."""

    domain: Domain
    axis: int | None
    proof: bool
    weight: int
    words: str
    op: str | None = None
    numbers: dict[str, object] = field(default_factory=dict)


def word(domain: Domain) -> str:
    """The domain in words for a sentence."""
    return _WORDS.get(domain, domain.value)


def meaning(tensor: Tensor, seen: Measured, axis: int | None) -> Meaning | None:
    """What `tensor`, measured as `seen`, means; `axis` is the class axis its loss reads. None: nothing to say."""
    by_graph = _graph(tensor, seen)
    if by_graph is not None:
        return by_graph
    found = _numbers(seen, axis)
    if found is not None and found.domain is Domain.DROPPED and not _is_dropout(tensor, axis):
        return None
    return found


def _is_dropout(tensor: Tensor, axis: int | None) -> bool:
    """Zeros scattered by a multiplication, not whole rows masked out."""
    made = lineage.maker(tensor)
    if made is None or made.op != "mul":
        return False
    zero = tensor == 0
    whole_rows = zero.all(-1 if axis is None else axis).sum() * tensor.shape[-1 if axis is None else axis]
    return bool(whole_rows * 2 < zero.sum())


def _after_moves(seen: Measured, domain: Domain) -> tuple[Domain, int | None]:
    """A distribution that was viewed, permuted or selected from: the numbers tell whether its rows are still whole."""
    for sums in seen.axes:
        if seen.sums_to_one(sums.axis) if domain is Domain.PROBABILITIES else seen.is_log(sums.axis):
            return domain, sums.axis
    single = seen.ones == 1 if domain is Domain.PROBABILITIES else seen.zeros == 1
    return (domain, None) if single else (BY_ELEMENT[domain], None)


def _graph(tensor: Tensor, seen: Measured) -> Meaning | None:
    made = lineage.maker(tensor)
    if made is None:
        return None
    op, domain, axis = made.op, _BY_OP.get(made.op), made.axis
    if op == "log":
        below = next(iter(lineage.parents(made)), None)
        if below is not None and below.op == "softmax":
            op, domain, axis = "log of softmax", Domain.LOG_PROBABILITIES, below.axis
        elif below is not None and below.op == "sigmoid":
            op, domain = "log of sigmoid", Domain.LOG_UNIT_INTERVAL
    elif op == "exp":
        below = next(iter(lineage.parents(made)), None)
        domain = Domain.NON_NEGATIVE
        if below is not None and below.op == "log_softmax":
            op, domain, axis = "exp of log_softmax", Domain.PROBABILITIES, below.axis
    if domain is None or (domain is Domain.RECTIFIED and seen.minimum < 0):
        return None
    if domain in BY_ELEMENT and made.moved:
        domain, axis = _after_moves(seen, domain)
    elif axis is not None and axis < 0:
        axis += len(seen.shape)
    numbers: dict[str, object] = {"made_by": op, "minimum": seen.minimum, "maximum": seen.maximum}
    if domain is Domain.PROBABILITIES and (sums := seen.along(1 if axis is None else axis)) is not None:
        numbers["row_sums"] = (sums.least_sum, sums.greatest_sum)
    if domain is Domain.RECTIFIED:
        numbers["share_of_zeros"] = seen.zeros
    words = f"{word(domain)} made by {op}"
    return Meaning(domain, axis, True, seen.elements, words + _sums(seen, domain, axis), op, numbers)


def _sums(seen: Measured, domain: Domain, axis: int | None) -> str:
    sums = seen.along(1 if axis is None else axis) if domain is Domain.PROBABILITIES else None
    if sums is None or sums.sum_error() > 1e-2:
        return ""
    return f" (rows sum to {(sums.least_sum + sums.greatest_sum) / 2:.3f})"


def _numbers(seen: Measured, axis: int | None) -> Meaning | None:
    if not seen.elements or not seen.finite:
        return None
    order: list[AxisSums] = sorted(seen.axes, key=lambda sums: sums.axis != axis)
    for sums in order:
        if seen.sums_to_one(sums.axis) and not seen.binary() and sums.rows > 1:
            text = f"rows of the input sum to {(sums.least_sum + sums.greatest_sum) / 2:.3f} over axis {sums.axis}"
            numbers: dict[str, object] = {"row_sums": (sums.least_sum, sums.greatest_sum), "minimum": seen.minimum}
            return Meaning(Domain.PROBABILITIES, sums.axis, sums.rows >= 8, sums.rows * 8, text, None, numbers)
    for sums in order:
        if seen.is_log(sums.axis) and sums.rows > 1 and seen.minimum < 0:
            text = f"logsumexp of the rows is 0 over axis {sums.axis}"
            numbers = {"logsumexp": (sums.least_log, sums.greatest_log), "maximum": seen.maximum}
            return Meaning(Domain.LOG_PROBABILITIES, sums.axis, sums.rows >= 8, sums.rows * 8, text, None, numbers)
    return _loose(seen)


def _loose(seen: Measured) -> Meaning | None:
    """Domains without a sum: an interval kept by every element is a sign, an element outside is a proof."""
    low, high = seen.minimum, seen.maximum
    text = f"the input lies between {low:.4g} and {high:.4g}"
    numbers: dict[str, object] = {"minimum": low, "maximum": high, "share_of_zeros": seen.zeros}
    if seen.in_unit() and not seen.integral and seen.spread > 0 and seen.zeros < 0.05:
        return Meaning(Domain.UNIT_INTERVAL, None, False, seen.elements, text, None, numbers)
    if low >= 0 and seen.zeros >= 0.1 and seen.spread > 0:
        text += f", {seen.zeros:.0%} of it exactly 0"
        return Meaning(Domain.RECTIFIED, None, False, seen.elements, text, None, numbers)
    if low < 0 and seen.zeros >= 0.05 and not seen.integral:
        text += f", {seen.zeros:.0%} of it exactly 0"
        return Meaning(Domain.DROPPED, None, False, seen.elements, text, None, numbers)
    if low >= 0:
        return Meaning(Domain.NON_NEGATIVE, None, False, seen.elements, text, None, numbers)
    if high > log_tolerance(seen.dtype):
        return Meaning(Domain.REAL, None, True, seen.elements, text, None, numbers)
    return None
