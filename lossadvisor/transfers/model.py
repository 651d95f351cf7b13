"""The closed set of effects that an operation can have on a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from lossadvisor.late import dataclass
from lossadvisor.values import Domain, Dtype


@dataclass(frozen=True, slots=True)
class Same:
    """Values, shape and meaning stay (clone, contiguous, device moves)."""


@dataclass(frozen=True, slots=True)
class Reshaped:
    """Values stay, axes move or merge: the domain stays, what is known of axes does not."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Averages or maxima over places: scores stay scores, what was cut at zero is just non-negative."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """Becomes a distribution (or its logarithm) over the axis given by the option `dim`."""

    domain: Domain


@dataclass(frozen=True, slots=True)
class Becomes:
    """Becomes `domain`, whatever it was."""

    domain: Domain
    dtype: Dtype = Dtype.FLOAT


@dataclass(frozen=True, slots=True)
class Mapped:
    """An element-wise function: the new domain by the old one, else `otherwise`; `floats`: makes floats of integers."""

    table: Mapping[Domain, Domain]
    otherwise: Domain = Domain.REAL
    floats: bool = False


@dataclass(frozen=True, slots=True)
class Affine:
    """A learnt affine map: unconstrained scores; `size` names the option that holds the number of outputs."""

    size: str | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """Dropout: scores lose elements, other domains lose their meaning only where it matters."""


@dataclass(frozen=True, slots=True)
class Picked:
    """Chooses indices: integer, without a derivative."""

    domain: Domain = Domain.INDICES
    dtype: Dtype = Dtype.INTEGER


@dataclass(frozen=True, slots=True)
class Cut:
    """An element-wise operation whose derivative is zero or missing (round, comparison).

    The result is `domain` where the input is one of `of` (None: whatever the input is), else nothing is known of it.
    """

    domain: Domain
    dtype: Dtype
    of: frozenset[Domain] | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """A change of dtype."""

    dtype: Dtype


@dataclass(frozen=True, slots=True)
class CastBy:
    """A change of dtype given by the option `dtype`."""


@dataclass(frozen=True, slots=True)
class Detached:
    """The same values without gradient."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """Sum, mean and their like over some axes."""

    keeps_scores: bool = True


@dataclass(frozen=True, slots=True)
class Selected:
    """Single elements chosen by an index tensor (gather, take_along_dim)."""


@dataclass(frozen=True, slots=True)
class Clamped:
    """Limited from below and above by the options `min` and `max`."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new tensor that owes nothing to its inputs."""

    domain: Domain = Domain.UNKNOWN
    dtype: Dtype = Dtype.FLOAT


Effect = (
    Same | Reshaped | Pooled | Normalised | Becomes | Mapped | Affine | Dropped | Picked | Cut | Cast | CastBy
    | Detached | Reduced | Selected | Clamped | Made
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: canonical qualified name, parameters (the input first), effect, and the sentence for a trail."""

    name: str
    parameters: tuple[str, ...]
    effect: Effect
    says: str | None = None
    defaults: Mapping[str, bool | int | float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layered:
    """An nn.Module class that applies `operation`; `constructor` are its parameters."""

    operation: Operation
    constructor: tuple[str, ...]
