"""The values of the abstract interpreter: a closed sum, plus `Union` for alternatives under guards."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import field
from itertools import count
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.guards import ALWAYS, Condition, Guard, Origin, conjoin
from lossadvisor.late import dataclass
from lossadvisor.values import Dtype, Fact, Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.scopes import Frame, ModuleScope
    from lossadvisor.project import Definition, Fragment
    from lossadvisor.source import Document

BIRTHS = count()
"""The order in which objects, layers and containers are made."""

Constant = bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Known:
    """A constant."""

    value: Constant


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something unknown. With a key, it is the same unknown wherever the key appears; `default` is used unless told.

    `number` is the kind of a number of Python whose value is not known (UNKNOWN: whole or not); None: no such number.
    """

    reason: str
    key: Hashable = None
    default: Value | None = field(default=None, compare=False, hash=False)
    origin: Origin = Origin.OPAQUE
    place: Place | None = field(default=None, compare=False, hash=False)
    number: Dtype | None = field(default=None, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor with its fact."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class External:
    """A name outside the project: module, function or class, by qualified name."""

    name: str


@dataclass(eq=False, slots=True)
class Layer:
    """An instance of an external class, with the arguments of its construction."""

    name: str
    args: list[Value]
    keywords: dict[str, Value]
    place: Place
    attrs: dict[str, Value] = field(default_factory=dict)
    base: Guard = ALWAYS
    since: dict[str, Guard] = field(default_factory=dict)  # attributes set once, under a condition
    born: int = field(default_factory=BIRTHS.__next__, repr=False)  # the order of making


@dataclass(frozen=True, slots=True)
class Identity:
    """A value as part of a key: two are equal when they hold the very same value, and it is never written out."""

    value: Layer | Obj | Seq | Dict = field(repr=False)
    identity: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "identity", id(self.value))

    def __hash__(self) -> int:
        return hash(self.identity)


@dataclass(eq=False, slots=True)
class Cls:
    """A class of the project."""

    name: str
    fragment: Fragment
    scope: ModuleScope
    bases: tuple[Value, ...]
    members: dict[str, Value]
    definition: Definition | None
    closure: Frame | None = None
    decorators: tuple[str, ...] = ()
    node: cst.ClassDef | None = None
    linear: tuple[Value, ...] | None = None
    fields: tuple[str, ...] = ()
    instance: Obj | None = None  # the instance made when the class is analysed on its own
    huge: bool = False  # such an instance has been too large to build in passing
    made: list[Obj] = field(default_factory=list)  # the first instances that visible code makes


@dataclass(eq=False, slots=True)
class Obj:
    """An instance of a class of the project."""

    cls: Cls
    attrs: dict[str, Value] = field(default_factory=dict)
    base: Guard = ALWAYS
    since: dict[str, Guard] = field(default_factory=dict)  # attributes set once, under a condition
    set_by: set[str] = field(default_factory=set)  # setters already tried for an attribute that was missing
    assumed: bool = False  # built with unknown arguments, because no visible code builds it
    place: Place | None = None
    cut: bool = False  # its initializer was too large to follow to the end: what it holds may be changed later
    short: bool = False  # something that its initializer calls was too large to follow
    born: int = field(default_factory=BIRTHS.__next__, repr=False)  # the order of making


@dataclass(eq=False, slots=True)
class Func:
    """A function or lambda of the project; its node is parsed when it is first needed."""

    name: str
    node: cst.FunctionDef | cst.Lambda | None
    fragment: Fragment
    scope: ModuleScope
    closure: Frame | None = None
    owner: Cls | None = None
    decorators: tuple[str, ...] = ()

    def tree(self) -> cst.FunctionDef | cst.Lambda | None:
        """The syntax of the function; None when it cannot be parsed."""
        if self.node is None:
            for statement in self.fragment.statements():
                if isinstance(statement, cst.FunctionDef) and statement.name.value == self.name:
                    self.node = statement
        return self.node


@dataclass(eq=False, slots=True)
class Bound:
    """A method with its object. `function` is a project function or an external qualified name."""

    function: Func | External
    receiver: Value


@dataclass(eq=False, slots=True)
class Partial:
    """functools.partial."""

    function: Value
    args: list[Value]
    keywords: dict[str, Value]


@dataclass(eq=False, slots=True)
class Seq:
    """A list, tuple or set by element. `rest` stands for any number of further elements.

    `grown` says that a loop of unknown length has filled it: what is known of its elements holds, not their number.
    `names` are the children of a module container that have names of their own.
    """

    items: list[Value]
    kind: str = "list"
    rest: Value | None = None
    base: Guard = ALWAYS
    names: dict[str, Value] = field(default_factory=dict)
    grown: bool = False
    born: int = field(default_factory=BIRTHS.__next__, repr=False)  # the order of making


@dataclass(eq=False, slots=True)
class Dict:
    """A mapping by constant key. `rest` stands for the values of unknown keys."""

    items: dict[Constant, Value]
    rest: Value | None = None
    base: Guard = ALWAYS
    kind: str = "dict"
    factory: Value | None = None  # of a defaultdict: what makes the value of a missing key
    born: int = field(default_factory=BIRTHS.__next__, repr=False)


@dataclass(eq=False, slots=True)
class Mod:
    """A module or package of the project; one without `__init__` has no scope, its dotted name is its parts."""

    scope: ModuleScope | None
    package: Document | tuple[str, ...]


@dataclass(eq=False, slots=True)
class Super:
    """super() inside a method."""

    cls: Cls
    receiver: Value


@dataclass(frozen=True, slots=True)
class Union:
    """Alternatives, each under a guard. Never nested, never fewer than two."""

    options: tuple[tuple[Guard, Single], ...]


Single = (
    Known | Opaque | Tensor | External | Layer | Cls | Obj | Func | Bound | Partial | Seq | Dict | Mod | Super
)
Value = Single | Union

NONE = Known(None)
MAX_ALTERNATIVES = 16
_FEW = 4  # different ones that are told apart when there are too many conditions
MOST_MODELS = 10  # of more alternatives than that


def options(value: Value) -> Iterator[tuple[Guard, Single]]:
    """The alternatives of a value."""
    if isinstance(value, Union):
        yield from value.options
    else:
        yield ALWAYS, value


def union(found: list[tuple[Guard, Value]], reason: str = "too many alternatives") -> Value:
    """One value for several alternatives: flattened, impossible ones dropped, equal ones merged."""
    if len(found) == 1 and not isinstance(found[0][1], Union):
        return found[0][1]
    flat: list[tuple[Guard, Single]] = []
    for guard, value in found:
        for inner, single in options(value):
            both = conjoin(guard, inner)
            if both is not None:
                _merge(flat, both, single)
    if not flat:
        return Opaque("no alternative is possible")
    if len(flat) == 1:
        return flat[0][1]
    first = flat[0][1]
    if all(same(first, single) for _, single in flat[1:]):
        return first
    if len(flat) > MAX_ALTERNATIVES:
        return _few([single for _, single in flat]) or _some(flat, reason)
    return Union(tuple(flat))


def _few(found: list[Single]) -> Value | None:
    """A few values that hold under too many conditions: which of them holds when is forgotten; None for many values."""
    different: list[Single] = []
    for single in found:
        if not any(same(single, other) for other in different):
            different.append(single)
        if len(different) > _FEW:
            return None
    return Union(tuple((frozenset({(_forgotten(), True)}), single) for single in different))


def _forgotten() -> Condition:
    return Condition(("further", next(_SERIAL)), None, Origin.OPAQUE, "a condition among too many")


def _some(flat: list[tuple[Guard, Single]], reason: str) -> Value:
    """The first models of too many alternatives, and that there are further ones; of anything else, nothing."""
    made = [(guard, single) for guard, single in flat if _is_network(single)]
    others = [single for _, single in flat if not _is_network(single)]
    if len(made) < 2 or any(not isinstance(single, Opaque) and single != NONE for single in others):
        return Opaque(reason)
    further = Condition(("further", next(_SERIAL)), None, Origin.OPAQUE, reason)
    return Union((*made[:MOST_MODELS], (frozenset({(further, True)}), Opaque(reason))))


def _is_network(single: Single) -> bool:
    match single:
        case Obj(cls=cls):
            return External("torch.nn.Module") in (cls.linear or ())
        case Layer(name=name):
            return name.startswith("torch.nn.")
        case _:
            return False


_SERIAL = count()


def _merge(flat: list[tuple[Guard, Single]], guard: Guard, single: Single) -> None:
    kind = type(single)
    for position, (known, value) in enumerate(flat):
        if value is single or (type(value) is kind and kind in _EQUATED and same(value, single)):
            if known <= guard:
                return
            if guard <= known:
                flat[position] = (guard, value)
                return
            differing = known ^ guard
            if len(differing) == 2 and len({condition for condition, _ in differing}) == 1:
                flat[position] = (known & guard, value)
                return
    flat.append((guard, single))


_EQUATED = frozenset({Known, External, Tensor, Opaque})


def same(left: Single, right: Single) -> bool:
    """True when both are the same value as far as any question goes."""
    if left is right:
        return True
    match left, right:
        case Known(a), Known(b):
            return type(a) is type(b) and a == b
        case External(a), External(b):
            return a == b
        case Tensor(a), Tensor(b):
            return a is b or (
                a.domain is b.domain and a.axis == b.axis and a.dtype is b.dtype and a.trail == b.trail
                and a.grad is b.grad and a.shape == b.shape and a.marks == b.marks
            )
        case Opaque(), Opaque():
            return left.key == right.key
        case _:
            return False
