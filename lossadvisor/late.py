"""Dataclasses whose methods are written when they are called often, and whose fields are made when they are asked for.

`dataclasses.dataclass` writes up to ten methods for every class, each as text that Python compiles, when the class is
made: half a millisecond, and half of the time in which the analyzer is imported. Most of these methods are called a few
times in one run, or never. Here a class gets stand-ins (`lossadvisor/late_methods.py`) and a plan of its fields, which
is much less than what `dataclasses.fields` tells; that is made when somebody asks. What a class does is the same.
(A class with an `InitVar` or a `KW_ONLY` is not provided for.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, get_origin

from lossadvisor.late_methods import FROZEN, PLAN, fixed_methods, plain, plan_of, positional, stand_in

_FIELDS = "__dataclass_fields__"
_PARAMS = "__dataclass_params__"
_MISSING = dataclasses.MISSING
_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")

OPTIONS = frozenset({"frozen", "eq", "order", "slots", "match_args"})
"""The options of `dataclasses.dataclass` that are provided for."""


def made(
    cls: type[Any],
    *,
    frozen: bool = False,
    eq: bool = True,
    order: bool = False,
    slots: bool = False,
    match_args: bool = True,
) -> Any:
    """The class with everything that `dataclasses.dataclass` would give it, the dear parts late."""
    content = cls.__dict__
    own = {name: content.get(name, _MISSING) for name, kind in cls.__annotations__.items() if not _of_class(kind)}
    added: dict[str, object] = {
        PLAN: own,
        FROZEN: frozen,
        _FIELDS: _Settled(_FIELDS),
        _PARAMS: _Settled(_PARAMS, eq=eq, order=order, frozen=frozen),
    }
    if match_args and "__match_args__" not in content:
        plan = plan_of(cls.__mro__[1:]) | own
        added["__match_args__"] = tuple(name for name, raw in plan.items() if positional(raw))
    named = ["__init__", "__repr__", *(("__eq__",) if eq else ()), *(_ORDER if order else ())]
    added |= {name: stand_in(name) for name in named if name not in content}
    if frozen:
        added |= {name: method for name, method in fixed_methods(slots).items() if name not in content}
    if eq and content.get("__hash__") is None and ("__hash__" not in content or "__eq__" in content):
        added["__hash__"] = stand_in("__hash__") if frozen else None
    if slots:
        return with_slots(cls, added)
    for name, value in added.items():
        setattr(cls, name, value)
    for name, raw in own.items():
        if isinstance(raw, dataclasses.Field):
            delattr(cls, name) if raw.default is _MISSING else setattr(cls, name, raw.default)
    return cls


def with_slots(cls: type[Any], added: Mapping[str, object]) -> Any:
    """The same class again with what is `added`, and slots for its fields."""
    content = {**cls.__dict__, **added}
    own: Mapping[str, object] = content[PLAN]
    for name in (*own, "__dict__", "__weakref__"):
        content.pop(name, None)
    inherited = {slot for base in cls.__mro__[1:-1] for slot in base.__dict__.get("__slots__", ())}
    content["__slots__"] = tuple(name for name in own if name not in inherited)
    kind: Any = type(cls)
    again = kind(cls.__name__, cls.__bases__, content)
    again.__qualname__ = cls.__qualname__
    return again


def _of_class(kind: object) -> bool:
    """Whether an annotation is of a variable of the class, which is no field."""
    if isinstance(kind, str):
        return kind.startswith(("ClassVar", "typing.ClassVar"))
    return kind is ClassVar or get_origin(kind) is ClassVar


class _Settled:
    """What the standard library knows about a dataclass, made when somebody asks for it."""

    def __init__(self, name: str, **told: bool) -> None:
        self.name, self.told = name, told

    def __get__(self, instance: object, kind: type[Any]) -> Any:
        owner = next(one for one in kind.__mro__ if one.__dict__.get(self.name) is self)
        plan: Mapping[str, object] = owner.__dict__[PLAN]
        content: dict[str, object] = {name: raw for name, raw in plan.items() if raw is not _MISSING}
        content |= {"__annotations__": {name: owner.__annotations__[name] for name in plan}, "__doc__": owner.__name__}
        twin = plain(type(owner.__name__, (), content), init=False, repr=False, eq=False)
        known = getattr(twin, self.name)
        if self.name == _FIELDS:
            inherited: dict[str, object] = {}
            for base in owner.__mro__[-1:0:-1]:
                inherited |= getattr(base, _FIELDS, {})
            known = inherited | known
        else:
            known.init = known.repr = True
            for name, value in self.told.items():
                setattr(known, name, value)
        setattr(owner, self.name, known)
        return known


if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **options):
        """`dataclasses.dataclass` with the options `frozen`, `eq`, `order`, `slots` and `match_args`."""
        return (lambda late: made(late, **options)) if cls is None else made(cls, **options)


__all__ = ["OPTIONS", "dataclass", "made", "with_slots"]
