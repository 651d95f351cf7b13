"""What else is known of a tensor than its domain: small facts that some operations keep and others end."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from lossadvisor.late import dataclass
from lossadvisor.values.domains import Domain
from lossadvisor.values.places import Place, Step

if TYPE_CHECKING:
    from lossadvisor.values.facts import Fact


@dataclass(frozen=True, slots=True)
class OfLoss:
    """Computed from the loss called at `site` by way of `calls`; `reduced` to one number, `plain` when nothing was
    done since."""

    site: Place
    calls: tuple[Place, ...]
    loss: str
    reduced: bool
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Masked:
    """An unreduced loss times a mask of zeros and ones."""

    loss: str


@dataclass(frozen=True, slots=True)
class Exponential:
    """exp of something that was not bounded before; `of` identifies what, `told` says that its meaning is known."""

    of: str
    told: bool


@dataclass(frozen=True, slots=True)
class SummedExponential:
    """The sum of such."""

    of: str


@dataclass(frozen=True, slots=True)
class Bounded:
    """Bounded above: a maximum was subtracted, or the values were clamped."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """A maximum, or a logarithm of a sum of exponentials, of a tensor."""


@dataclass(frozen=True, slots=True)
class MayBeZero:
    """Probabilities that can be exactly zero; `why` in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Padded:
    """Padded with that number."""

    value: float


@dataclass(frozen=True, slots=True)
class Integers:
    """Integers that are known to reach from `low` to `high`, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Ones:
    """Filled with one constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Fixed:
    """Computed from numbers that stand in the code alone (positions, ranges, literals): nothing that learns."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Drawn from [0, 1): a stand-in for whatever is wanted there."""


@dataclass(frozen=True, slots=True)
class Scrambled:
    """Channel-first scores that were viewed as rows of classes."""


@dataclass(frozen=True, slots=True)
class Similar:
    """Inner products of the outputs of networks, or what was made of them without another layer."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a layer or a parameter, as they are or as some of their rows."""


@dataclass(frozen=True, slots=True)
class Normed:
    """Vectors of length one: their products are cosines."""


@dataclass(frozen=True, slots=True)
class Paired:
    """Outputs of networks multiplied element by element: their sum is an inner product."""


@dataclass(frozen=True, slots=True)
class Twice:
    """Activated at `place` after an activation had been applied before, which led to `before` along `trail`."""

    place: Place
    before: Domain
    trail: tuple[Step, ...]
    guard: Hashable  # the conditions under which it happens beyond those of the place


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over all elements, times a number written in the code at most."""


@dataclass(frozen=True, slots=True)
class Spread:
    """At least one axis is left after a reduction over a later one."""


@dataclass(frozen=True, slots=True)
class PickedLog:
    """The log-probabilities of the target classes, with which nothing else was done."""

    negated: bool = False


@dataclass(frozen=True, slots=True)
class NormalisedFrom:
    """A distribution, or its logarithms, made of the scores `source`."""

    source: object = field(compare=False, hash=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unsqueezed:
    """An axis of size one has been added at `dim`; how many there are is not known."""

    dim: int


@dataclass(frozen=True, slots=True)
class Minus:
    """The negative of the distribution `of`, or of its logarithms."""

    of: Fact = field(compare=False, hash=False, repr=False)


@dataclass(frozen=True, slots=True)
class SoftCross:
    """The distribution `target` times the logarithms of another, multiplied at `place`; gradients flow into both."""

    place: Place
    negated: bool
    target: Fact = field(compare=False, hash=False, repr=False)


@dataclass(frozen=True, slots=True)
class PickedAcross:
    """Entries picked at `place` along another axis than the one over which they sum to one."""

    place: Place


@dataclass(frozen=True, slots=True)
class Accumulated:
    """A running total that is added to at `place`."""

    place: Place


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A new tensor, made at `place`, of the numbers of a loss."""

    place: Place
    loss: str


@dataclass(frozen=True, slots=True)
class Severed:
    """Numbers without a history, read at `place` from the losses called at `sites`, or from what gradients flow
    through; `added` to something that is trained, which is reached under `path`."""

    place: Place
    sites: frozenset[Place]
    added: bool = False
    path: Hashable = frozenset()


class Form(Enum):
    """What an adversarial objective makes of the output of a critic."""

    AVERAGE = "average"
    MINUS = "negated average"
    ABOVE = "one plus it"
    BELOW = "one minus it"
    HINGE_ABOVE = "one plus it, cut at zero"
    HINGE_BELOW = "one minus it, cut at zero"


@dataclass(frozen=True, slots=True)
class OfCritic:
    """Made of the output of a network whose last sigmoid stands at `head`."""

    head: Place
    form: Form
    trail: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class AgainstItself:
    """Two terms of one network with a sigmoid head, combined at `place`, that pull its scores apart."""

    place: Place
    trail: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class EqualsEnd:
    """A comparison with the number of the padding, which under `guard` is the end of the sequence."""

    guard: Hashable


@dataclass(frozen=True, slots=True)
class MadePositive:
    """These very numbers came out of the exp or softplus at `place`, reached by way of `calls`."""

    place: Place
    calls: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Read from a table of numbers: of two axes, unless it has but one row or column."""


Mark = (
    OfLoss | Masked | Exponential | SummedExponential | Bounded | Extreme | MayBeZero | Padded | Integers | Ones
    | Scrambled | Rebuilt | Severed | Similar | Accumulated | Twice | Total | Spread | Fixed | Uniform
    | PickedLog | PickedAcross | Table | Weights | Normed | Paired | OfCritic | AgainstItself | EqualsEnd
    | MadePositive | NormalisedFrom | Minus | SoftCross | Unsqueezed
)
