"""What the numbers of a real tensor can mean: the measured side of `values.Domain`.

`measure` looks once at a tensor and keeps a handful of numbers; `Measured.domain` names the most special domain that
they allow. `satisfies` asks the opposite question, whether a tensor can belong to a given domain, and is what the
linter's transfer functions are tested with. A measurement can refute a domain for certain; it confirms one only as far
as its sample goes, which is why `rows` and `elements` are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lossadvisor.late import dataclass
from lossadvisor.values import Domain, Dtype
from lossadvisor.values.exhaustive import assert_never

# Bounds on |sum p - 1| and |logsumexp| for tensors produced in the format: measured over 2 to 50257 classes and logit
# scales 0.1 to 20 on torch 2.13 and widened by a factor of about three.
_SUM_TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-4, torch.float16: 4e-3, torch.bfloat16: 2e-2}
_LOG_TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-4, torch.float16: 1.5e-2, torch.bfloat16: 1.2e-1}

MAX_ELEMENTS = 1 << 20
"""At most about this many elements are looked at; the leading rows stand for the rest."""


def kind(dtype: torch.dtype) -> Dtype:
    """The kind of element type that the linter distinguishes."""
    if dtype.is_floating_point or dtype.is_complex:
        return Dtype.FLOAT
    return Dtype.BOOL if dtype == torch.bool else Dtype.INTEGER


def sum_tolerance(dtype: torch.dtype) -> float:
    """How far a row of probabilities of that format may be from one; integers have to be exact."""
    return _SUM_TOLERANCE.get(dtype, 1e-2 if dtype.is_floating_point else 0.0)


def log_tolerance(dtype: torch.dtype) -> float:
    """How far the logsumexp of a row of log-probabilities of that format may be from zero."""
    return _LOG_TOLERANCE.get(dtype, 1e-1 if dtype.is_floating_point else 0.0)


@dataclass(frozen=True, slots=True)
class AxisSums:
    """Per candidate axis: the extreme sums and logsumexps of the rows along it."""

    axis: int
    size: int
    rows: int
    least_sum: float
    greatest_sum: float
    least_log: float
    greatest_log: float

    def sum_error(self) -> float:
        """max |sum - 1| over the rows; nan when a sum is not finite."""
        return max(abs(self.least_sum - 1), abs(self.greatest_sum - 1))

    def log_error(self) -> float:
        """max |logsumexp| over the rows."""
        return max(abs(self.least_log), abs(self.greatest_log))


@dataclass(frozen=True, slots=True)
class Measured:
    """Numbers of one tensor. Shares are fractions of the elements looked at; `minimum` ignores nothing."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    elements: int
    minimum: float
    maximum: float
    finite: bool
    integral: bool
    zeros: float
    ones: float
    minus_ones: float
    spread: float
    axes: tuple[AxisSums, ...]

    @property
    def kind(self) -> Dtype:
        """float, integer or bool."""
        return kind(self.dtype)

    def binary(self) -> bool:
        """Every element is 0 or 1."""
        return self.elements > 0 and self.zeros + self.ones > 1 - 1e-9

    def signs(self) -> bool:
        """Every element is -1 or +1 (and at least one is -1)."""
        return self.minus_ones > 0 and self.minus_ones + self.ones > 1 - 1e-9

    def in_unit(self) -> bool:
        """Every element lies in [0, 1] up to the rounding of its format."""
        slack = sum_tolerance(self.dtype)
        return self.elements > 0 and self.minimum >= -slack and self.maximum <= 1 + slack

    def along(self, axis: int) -> AxisSums | None:
        """The sums along `axis` (counted from either end), or None where they were not taken."""
        if not self.shape:
            return None
        wanted = axis % len(self.shape) if -len(self.shape) <= axis < len(self.shape) else None
        return next((sums for sums in self.axes if sums.axis == wanted), None)

    def sums_to_one(self, axis: int) -> bool:
        """Every row along `axis` (of at least two entries) is a probability distribution."""
        sums = self.along(axis)
        return sums is not None and sums.size > 1 and self.in_unit() and sums.sum_error() <= sum_tolerance(self.dtype)

    def is_log(self, axis: int) -> bool:
        """Every row along `axis` (of at least two entries) is the logarithm of a distribution."""
        sums = self.along(axis)
        slack = log_tolerance(self.dtype)
        return sums is not None and sums.size > 1 and self.maximum <= slack and sums.log_error() <= slack

    def domain(self) -> tuple[Domain, int | None]:
        """The most special domain that the numbers allow, and its axis. Scores are REAL: nothing tells them apart."""
        if not self.elements or (not self.finite and self.maximum != 0):
            return Domain.UNKNOWN, None
        if self.integral:
            return self._whole_domain()
        for sums in self.axes:
            if self.sums_to_one(sums.axis):
                return Domain.PROBABILITIES, sums.axis
        for sums in self.axes:
            if self.is_log(sums.axis):
                return Domain.LOG_PROBABILITIES, sums.axis
        if self.in_unit():
            return Domain.UNIT_INTERVAL, None
        if self.minimum >= -1 and self.maximum <= 1:
            return Domain.SIGNED_UNIT, None
        if self.minimum >= 0:
            return (Domain.RECTIFIED if self.zeros >= 0.1 else Domain.NON_NEGATIVE), None
        return Domain.REAL, None

    def _whole_domain(self) -> tuple[Domain, int | None]:
        """The domain of a tensor whose elements are all whole numbers."""
        if self.binary():
            for sums in self.axes:
                if sums.size > 1 and sums.least_sum == sums.greatest_sum == 1:
                    return Domain.ONE_HOT, sums.axis
            return Domain.MULTI_HOT, None
        if self.signs():
            return Domain.SIGNS, None
        if self.minimum >= 0:
            return (Domain.BYTES if self.maximum > 127 and self.maximum <= 255 else Domain.INDICES), None
        return Domain.REAL, None


def _sample(tensor: Tensor) -> Tensor:
    """The leading rows of `tensor`, at most about MAX_ELEMENTS elements, detached; never a copy."""
    tensor = tensor.detach()
    if tensor.dim() == 0 or tensor.numel() <= MAX_ELEMENTS:
        return tensor
    per_row = tensor.numel() // tensor.shape[0]
    return tensor[: max(1, MAX_ELEMENTS // max(per_row, 1))]


def measure(tensor: Tensor, axes: Sequence[int] | None = None) -> Measured:
    """Measure `tensor` (any shape, any dtype, any device) along `axes` (default: axis 1 where there is one, then the
    last, then 0). Sums are taken in float64 (float32 on devices without it); one transfer to the host, nothing random.
    """
    seen = _sample(tensor)
    numel = seen.numel()
    shape = tuple(tensor.shape)
    if not numel or seen.is_complex() or seen.layout is not torch.strided:
        return Measured(shape, tensor.dtype, 0, 0.0, 0.0, True, False, 0.0, 0.0, 0.0, 0.0, ())
    wide = seen.to(torch.float32 if seen.device.type == "mps" else torch.float64)
    wanted = _axes(shape, axes)
    low, high = torch.aminmax(wide)
    whole = (wide == wide.trunc()).all()
    one = wide.abs() == 1
    columns = [low, high, whole, (wide == 0).sum(), (one & (wide > 0)).sum(), one.sum(), wide.isfinite().all()]
    columns.append(wide.std(correction=0) if numel > 1 else low * 0)
    for axis in wanted:
        columns += [*torch.aminmax(wide.sum(axis)), *torch.aminmax(wide.logsumexp(axis))]
    numbers: list[float] = torch.stack([column.to(wide.dtype) for column in columns]).tolist()
    sums = tuple(
        AxisSums(axis, shape[axis], numel // seen.shape[axis], *numbers[8 + 4 * i : 12 + 4 * i])
        for i, axis in enumerate(wanted)
    )
    ones, minus = numbers[4] / numel, (numbers[5] - numbers[4]) / numel
    return Measured(
        shape, tensor.dtype, numel, numbers[0], numbers[1], bool(numbers[6]), bool(numbers[2]), numbers[3] / numel,
        ones, minus, numbers[7], sums,
    )  # fmt: skip


def _axes(shape: tuple[int, ...], axes: Sequence[int] | None) -> list[int]:
    """Axes to sum over, from 0, without repetition; a vector has its only axis."""
    rank = len(shape)
    if not rank:
        return []
    chosen = axes if axes is not None else ([1, rank - 1, 0] if rank > 1 else [0])
    return list(dict.fromkeys(axis % rank for axis in chosen if -rank <= axis < rank))


def satisfies(tensor: Tensor, domain: Domain, axis: int | None = None) -> bool:
    """Whether the numbers of `tensor` are allowed in `domain` (over `axis`, or over any axis when None).

    UNKNOWN, SCORES, REAL, DROPPED and SIMILARITY allow every finite float; nothing measured can refute them.
    """
    seen = measure(tensor, None if axis is None else [axis])
    candidates = [sums.axis for sums in seen.axes]
    slack = sum_tolerance(tensor.dtype)
    match domain:
        case Domain.UNKNOWN:
            return True
        case Domain.SCORES | Domain.REAL | Domain.DROPPED | Domain.SIMILARITY:
            return seen.finite and seen.kind is Dtype.FLOAT
        case Domain.RECTIFIED | Domain.NON_NEGATIVE:
            return seen.minimum >= 0
        case Domain.PROBABILITIES:
            return any(seen.sums_to_one(one) or (seen.shape[one] == 1 and seen.ones == 1) for one in candidates)
        case Domain.LOG_PROBABILITIES:
            return any(seen.is_log(one) or (seen.shape[one] == 1 and seen.zeros == 1) for one in candidates)
        case Domain.UNIT_INTERVAL:
            return seen.in_unit()
        case Domain.LOG_UNIT_INTERVAL:
            return seen.maximum <= log_tolerance(tensor.dtype)
        case Domain.SIGNED_UNIT:
            return seen.minimum >= -1 - slack and seen.maximum <= 1 + slack
        case Domain.INDICES:
            return seen.integral and seen.minimum >= 0
        case Domain.ONE_HOT:
            exact = (seen.along(one) for one in candidates)
            return seen.binary() and any(s is not None and s.least_sum == s.greatest_sum == 1 for s in exact)
        case Domain.MULTI_HOT:
            return seen.binary()
        case Domain.SIGNS:
            return seen.minus_ones + seen.ones > 1 - 1e-9
        case Domain.BYTES:
            return seen.integral and seen.minimum >= 0 and seen.maximum <= 255
    assert_never(domain)
