"""What the interpreter saw that a rule may speak of: a closed sum of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from lossadvisor.contracts import Contract
from lossadvisor.contracts.model import Constant
from lossadvisor.interpreter.guards import ALWAYS, Guard
from lossadvisor.interpreter.values import Value
from lossadvisor.late import dataclass
from lossadvisor.values import Fact, Place


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a loss call: its value with all alternatives, and where it is written."""

    value: Value
    place: Place


@dataclass(frozen=True, eq=False, slots=True)
class LossCall:
    """A loss was applied. `calls` are the places of the calls that led here, outermost first."""

    place: Place
    loss: str
    contract: Contract
    options: Mapping[str, Constant]
    unknown_options: frozenset[str]
    arguments: Mapping[str, Argument]
    path: Guard
    calls: tuple[Place, ...]
    assumed: bool
    made: Place | None = None
    by_default: bool = False  # the callee was taken from a default or another assumption
    given: Mapping[str, Value] = field(default_factory=dict)  # every written option with its value
    positional: frozenset[str] = frozenset()  # options of a functional that are given by position
    contexts: tuple[str, ...] = ()  # no_grad, autocast, ... around the call, outermost first
    doubt: int = 0  # points of doubt: the call itself is not seen, a trainer is assumed to make it
    chosen: Guard = ALWAYS  # what of the path says only that this one of several losses is called
    switch: Guard = ALWAYS  # the conditions under which an autocast around the call is on


@dataclass(frozen=True, eq=False, slots=True)
class Applied:
    """An operation of the transfer table was applied to a fact, under `guard` where `path` has been reached."""

    place: Place
    operation: str
    fact: Fact
    result: Fact
    options: Mapping[str, object]
    path: Guard
    guard: Guard
    calls: tuple[Place, ...]
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Constructed:
    """An external class was instantiated with these positional and keyword arguments.

    `guard` holds the conditions under which the thing called is that class, where `path` has been reached.
    """

    place: Place
    name: str
    args: tuple[Value, ...]
    keywords: Mapping[str, Value]
    path: Guard
    guard: Guard
    calls: tuple[Place, ...]


@dataclass(frozen=True, eq=False, slots=True)
class PickedAlong:
    """Entries of something that sums to one over axis 0 were picked along axis 1; `rank` axes, None when not known.

    `guard` is what makes it that thing, where `path` has been reached.
    """

    place: Place
    fact: Fact
    rank: int | None
    path: Guard
    guard: Guard
    contexts: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Combined:
    """Arithmetic on a value of which something is marked; `kind` is the name of the operator's node."""

    place: Place
    kind: str
    left: Fact
    right: Fact
    result: Fact
    path: Guard
    contexts: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Backward:
    """A value was handed to backward, or is returned to something that will do so."""

    place: Place
    fact: Fact
    seeded: bool  # with a gradient of its own
    guard: Guard
    path: Guard


@dataclass(frozen=True, eq=False, slots=True)
class NumberReturned:
    """A function returns a single number that was computed from something marked."""

    place: Place
    fact: Fact
    contexts: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """The number of a loss was read."""

    place: Place
    fact: Fact


@dataclass(frozen=True, eq=False, slots=True)
class AddedUp:
    """A loss was added to a running total in place."""

    place: Place
    fact: Fact
    path: Guard


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """A tensor is compared with a number; `operator` is the name of the operator's node."""

    place: Place
    fact: Fact
    operator: str
    number: float
    path: Guard


@dataclass(frozen=True, eq=False, slots=True)
class EndMasked:
    """Labels equal to the padding become the ignored index, and under `guard` the padding ends the sequence."""

    place: Place
    path: Guard
    guard: Guard


@dataclass(frozen=True, eq=False, slots=True)
class ModelCalled:
    """A model of a library was called with these positional and keyword arguments."""

    place: Place
    model: str
    args: tuple[Value, ...]
    keywords: Mapping[str, Value]
    path: Guard
    guard: Guard


@dataclass(frozen=True, eq=False, slots=True)
class ParametersAsked:
    """A module was asked for its parameters or its parts."""

    module: Value


@dataclass(frozen=True, eq=False, slots=True)
class CriterionCalled:
    """Something that has parameters of its own was called and gave a loss; under `guard` it was what is called."""

    place: Place
    criterion: Value
    own: tuple[Value, ...]
    guard: Guard


@dataclass(frozen=True, eq=False, slots=True)
class Averaged:
    """A running total was divided by something."""

    place: Place
    fact: Fact
    by: Value
    path: Guard


Event = (
    LossCall | Applied | Constructed | Combined | Backward | NumberReturned | Measured | AddedUp
    | PickedAlong | Compared | EndMasked | ModelCalled | ParametersAsked | CriterionCalled | Averaged
)
