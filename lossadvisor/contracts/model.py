"""The shape of a contract. The rows themselves are data, one file per family or package beside this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from lossadvisor.contracts.wants import Want
from lossadvisor.late import dataclass
from lossadvisor.values import Dtype

Constant = bool | int | float | str | None


class Family(Enum):
    """Which formula a loss computes; losses of one family share their numbers, whatever library they come from."""

    CROSS_ENTROPY = "cross-entropy"  # log-softmax inside, then the log-likelihood of the target
    NLL = "nll"  # picks the target entry, takes no logarithm
    BCE = "bce"  # on probabilities per element
    BCE_WITH_LOGITS = "bce-with-logits"  # sigmoid inside
    DIVERGENCE = "divergence"
    SEQUENCE = "sequence"
    MARGIN = "margin"
    SOFT_MARGIN = "soft-margin"
    LIKELIHOOD = "likelihood"
    REGRESSION = "regression"
    EMBEDDING = "embedding"
    OVERLAP = "overlap"  # Dice, Jaccard, Tversky and their kin
    FOCAL = "focal"
    BOXES = "boxes"
    IMAGE = "image"
    ADVERSARIAL = "adversarial"


class Shapes(Enum):
    """How the shapes of prediction and target relate."""

    CLASSES = "classes"  # the target lacks the class axis of the input
    CLASSES_OR_EQUAL = "classes-or-equal"  # so, or equal shapes: then the target holds probabilities
    EQUAL = "equal"
    ROWS = "rows"  # the target has one entry per row of the input
    TRIPLET = "triplet"  # three tensors of one shape, no target
    SEQUENCE = "sequence"  # frames against label sequences, with lengths
    OWN = "own"  # the loss has a relation of its own, stated in its documentation


class Mismatch(Enum):
    """What the loss does with a column (N, 1) against a row (N), or with other broken relations that broadcast."""

    RAISES = "raises"
    WARNS = "warns"
    SILENT = "silent"
    UNKNOWN = "unknown"


class Autocast(Enum):
    """What the loss does under `torch.autocast` on CUDA."""

    FLOAT32 = "float32"  # computed in float32
    RAISES = "raises"
    INPUT = "input"  # computed in the type of the input
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a constructor or a function. `required` parameters have no default.

    `opaque` marks a default that is no constant (a tuple, a function); `default` is None then. `port` names the port
    that the parameter feeds where port and parameter are called differently.
    """

    name: str
    default: Constant = None
    required: bool = False
    keyword_only: bool = False
    opaque: bool = False
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """One tensor argument with what it wants. `class_axis` holds the classes (negative counts from the end), or None.

    `role` is "prediction", "target" or "other" (variances, second embeddings, lengths). `dtypes` are the kinds of
    element that pass forward and backward; empty means that no claim is made.
    """

    name: str
    want: Want
    role: str
    class_axis: int | None = None
    dtypes: tuple[Dtype, ...] = ()


@dataclass(frozen=True, slots=True)
class Switch:
    """When `option` has the value `equals`, `port` wants `want` instead.

    `differs` turns it round: the switch fires for every value but `equals`. `given` holds further options with the
    values that they must have at the same time. The first switch that fires decides.
    """

    option: str
    equals: Constant
    port: str
    want: Want
    differs: bool = False
    given: tuple[tuple[str, Constant], ...] = ()

    def options(self) -> tuple[str, ...]:
        """Every option that the switch looks at."""
        return (self.option, *(name for name, _ in self.given))


@dataclass(frozen=True, slots=True)
class Operator:
    """A callable of the same meaning with parameters of its own: the builtin twins such as `torch.kl_div`."""

    name: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """What one loss promises and asks for.

    `classes` and `functionals` are qualified names, the canonical one first, aliases after it. `constructor` are the
    parameters of the class (without self), `call` those of its forward in order, `function` those of the functional;
    `operators` lists those functionals that take other parameters. A parameter feeds the port of its name (see
    `feeds`). `source` is the page that documents the contract, `library` the package that ships it.

    `reduction` is what happens to the elements when nothing is said ("none" returns them, "own" means a reduction that
    is not one of torch's). `value_range` bounds a rightly used loss, None being no bound; where it depends on an
    option, it holds for the default options. `plain` says that the value is the formula of the family and nothing
    else, so that the numbers of the family hold.
    """

    id: str
    classes: tuple[str, ...]
    functionals: tuple[str, ...]
    constructor: tuple[Parameter, ...]
    call: tuple[Parameter, ...]
    function: tuple[Parameter, ...]
    ports: tuple[Port, ...]
    source: str
    family: Family
    switches: tuple[Switch, ...] = ()
    stable_twin: str | None = None  # contract id of the fused, stable form
    deprecated: tuple[str, ...] = ()  # deprecated parameter names
    operators: tuple[Operator, ...] = ()
    library: str = "torch"
    reduction: str = "mean"
    reductions: tuple[str, ...] = ("none", "mean", "sum")
    value_range: tuple[float | None, float | None] = (0.0, None)
    shapes: Shapes = Shapes.EQUAL
    mismatch: Mismatch = Mismatch.UNKNOWN
    autocast: Autocast = Autocast.UNKNOWN
    plain: bool = False

    def names(self) -> Iterator[str]:
        """Every qualified name of the loss."""
        yield from self.classes
        yield from self.functionals

    def port(self, name: str) -> Port | None:
        """The port of that name, or None."""
        return next((port for port in self.ports if port.name == name), None)

    def feeds(self, parameter: Parameter) -> Port | None:
        """The port that a parameter of `call`, `function` or an operator feeds, or None for an option."""
        return self.port(parameter.port or parameter.name)

    def parameters(self, name: str) -> tuple[Parameter, ...]:
        """The parameters of a call under that qualified name: of forward for a class, else of the function."""
        for operator in self.operators:
            if operator.name == name:
                return operator.parameters
        return self.call if name in self.classes else self.function

    def want(self, port: Port, options: Mapping[str, Constant], unknown: Iterable[str] = ()) -> Want:
        """What the port wants under these options; unwritten options have their defaults.

        `unknown` names the options that are written but whose value could not be told. Where they decide, the answer
        is what all possibilities have in common, else `Want.ANY`.
        """
        return common(self._wants(port, options, frozenset(unknown)))

    def option(self, name: str, options: Mapping[str, Constant]) -> Constant:
        """The value of an option: as written, else its default."""
        if name in options:
            return options[name]
        for parameter in (*self.constructor, *self.function):
            if parameter.name == name:
                return parameter.default
        return None

    def _wants(self, port: Port, options: Mapping[str, Constant], unknown: frozenset[str]) -> set[Want]:
        possible: set[Want] = set()
        for switch in self.switches:
            if switch.port != port.name or not self._may_fire(switch, options, unknown):
                continue
            possible.add(switch.want)
            if unknown.isdisjoint(switch.options()):
                return possible
        return possible | {port.want}

    def _may_fire(self, switch: Switch, options: Mapping[str, Constant], unknown: frozenset[str]) -> bool:
        if switch.option not in unknown and (self.option(switch.option, options) == switch.equals) == switch.differs:
            return False
        return all(name in unknown or self.option(name, options) == value for name, value in switch.given)


def common(wants: set[Want]) -> Want:
    """What holds for each of several possible wants."""
    if len(wants) == 1:
        return next(iter(wants))
    if wants == {Want.LOGITS, Want.BINARY_LOGITS}:
        return Want.EITHER_LOGITS
    return Want.ANY
