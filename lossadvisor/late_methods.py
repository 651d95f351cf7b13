"""The methods of late dataclasses: some calls are answered from a plan of the fields, then the method is written.

To write a method is to let Python compile its text. In a run on one file most methods are called less than ten times,
in a long run some are called by the million.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any

PLAN = "__late_plan__"
"""The attribute with the fields that a class adds, by name: a default, a `Field`, or `MISSING`."""

FROZEN = "__late_frozen__"
"""The attribute that says whether objects of a late class stay as they are."""

OFTEN = 16
"""Calls after which a method is written: to write `__init__` costs as much as forty calls that are answered without."""

_DEMANDS: Mapping[str, Mapping[str, bool]] = {
    "__repr__": {"repr": True},
    "__eq__": {"eq": True},
    "__hash__": {"eq": True, "unsafe_hash": True},
    **{name: {"eq": True, "order": True} for name in ("__lt__", "__le__", "__gt__", "__ge__")},
}
"""What makes the standard library write a method."""

_MISSING = dataclasses.MISSING
_set: Callable[[Any, str, Any], None] = object.__setattr__

plain: Callable[..., Any] = dataclasses.dataclass
"""The decorator of the standard library."""


def plan_of(owners: tuple[type[Any], ...]) -> dict[str, object]:
    """The fields of all these classes, given as in `__mro__`, in the order in which `__init__` takes them."""
    plan: dict[str, object] = {}
    for owner in reversed(owners):
        own: Mapping[str, object] | None = owner.__dict__.get(PLAN)
        plan |= owner.__dict__.get("__dataclass_fields__", {}) if own is None else own
    return plan


def positional(raw: object) -> bool:
    """Whether a field of a plan can be given by place."""
    return not isinstance(raw, dataclasses.Field) or (raw.init and raw.kw_only is not True)


def stand_in(name: str) -> Callable[..., Any]:
    """A method that answers some calls from the plan, and then writes the one that takes its place."""
    calls = 0
    owner: type[Any] | None = None
    answer: Callable[..., Any] | None = None

    def method(self: Any, *args: Any, **named: Any) -> Any:
        nonlocal calls, owner, answer
        calls += 1
        if owner is None:
            # The last one: a class may have taken over the method of another one that it derives from.
            owner = next(one for one in reversed(type(self).__mro__) if one.__dict__.get(name) is method)
        if answer is None or calls == OFTEN:
            answer = write(owner, name) if calls == OFTEN or name not in _PLANNED else _PLANNED[name](owner)
        return answer(self, *args, **named)

    method.__name__ = name
    return method


def write(owner: type[Any], name: str) -> Callable[..., Any]:
    """The real method for the fields of a class, from now on in the place of its stand-in."""
    method = initialiser(owner) if name == "__init__" else _standard(owner, name)
    method.__qualname__, method.__module__ = f"{owner.__qualname__}.{name}", owner.__module__
    setattr(owner, name, method)
    return method


def _standard(owner: type[Any], name: str) -> Callable[..., Any]:
    """The method as the standard library writes it."""
    fields = dataclasses.fields(owner)
    content: dict[str, Any] = {field.name: field for field in fields}
    content["__annotations__"] = {field.name: field.type for field in fields}
    content["__doc__"] = name  # else the standard library asks for the signature, which is dear
    twin = plain(type(owner.__name__, (), content), **{"init": False, "repr": False, "eq": False, **_DEMANDS[name]})
    method: Callable[..., Any] = twin.__dict__[name]
    return method


def _planned_init(owner: type[Any]) -> Callable[..., None]:
    """`__init__` from the plan. Of a call that it can make no sense of, the real one says what is wrong."""
    plan = plan_of(owner.__mro__)
    placed = [name for name, raw in plan.items() if positional(raw)]
    rows = [(name, _setter(owner, name), *_parts(raw)) for name, raw in plan.items()]
    allowed = {name for name, _, init, _, _ in rows if init}
    ends = hasattr(owner, "__post_init__")

    def method(self: Any, *args: Any, **named: Any) -> None:
        given = dict(zip(placed, args, strict=False)) | named
        if len(given) != len(args) + len(named) or not given.keys() <= allowed:
            write(owner, "__init__")(self, *args, **named)
            return
        for name, put, init, default, factory in rows:
            value = given.get(name, default)
            if value is not _MISSING:
                put(self, value)
            elif factory is not _MISSING:
                put(self, factory())
            elif init:
                write(owner, "__init__")(self, *args, **named)
                return
        if ends:
            self.__post_init__()

    return method


def _setter(owner: type[Any], name: str) -> Callable[[Any, Any], None]:
    """What sets a field."""
    slot = getattr(owner, name, None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__set__
    put = _set if getattr(owner, FROZEN) else setattr
    return lambda self, value: put(self, name, value)


def _parts(raw: object) -> tuple[bool, Any, Any]:
    """Of a field: whether it is a parameter, its default and what makes one."""
    if isinstance(raw, dataclasses.Field):
        return raw.init, raw.default, raw.default_factory
    return True, raw, _MISSING


def _compared(owner: type[Any], *, hashed: bool) -> Callable[[Any], object]:
    """What tells objects apart, as one value."""
    names = []
    for name, raw in plan_of(owner.__mro__).items():
        counts = not isinstance(raw, dataclasses.Field) or raw.compare
        if hashed and isinstance(raw, dataclasses.Field) and raw.hash is not None:
            counts = raw.hash
        if counts:
            names.append(name)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _planned_eq(owner: type[Any]) -> Callable[[Any, object], object]:
    value = _compared(owner, hashed=False)
    return lambda self, other: value(self) == value(other) if other.__class__ is self.__class__ else NotImplemented


def _planned_hash(owner: type[Any]) -> Callable[[Any], int]:
    value = _compared(owner, hashed=True)
    return lambda self: hash(value(self))


_PLANNED: Mapping[str, Callable[[type[Any]], Callable[..., Any]]] = {
    "__init__": _planned_init,
    "__eq__": _planned_eq,
    "__hash__": _planned_hash,
}


def initialiser(owner: type[Any]) -> Callable[..., None]:
    """`__init__`, at a third of the price of the standard library's, and in use twice as fast where there are slots."""
    known: dict[str, Any] = {"_set_": _set, "_not_given_": object()}
    first: list[str] = []
    last: list[str] = []
    body: list[str] = []
    for name, raw in plan_of(owner.__mro__).items():
        made, default = f"_make_{name}_", f"_default_{name}_"
        init, known[default], known[made] = _parts(raw)
        value = parameter = name
        if known[made] is not _MISSING:
            parameter = f"{name}=_not_given_"
            value = f"{made}() if {name} is _not_given_ else {name}" if init else f"{made}()"
        elif known[default] is not _MISSING:
            parameter = f"{name}={default}"
            value = name if init else default
        elif not init:
            continue
        if init:
            (first if positional(raw) else last).append(parameter)
        body.append(_setting(owner, name, value, known))
    if hasattr(owner, "__post_init__"):
        body.append("_self_.__post_init__()")
    parameters = ", ".join(["_self_", *first, *(["*", *last] if last else [])])
    rows = "\n  ".join(body or ["pass"])
    exec(f"def __init__({parameters}):\n  {rows}", known)
    method: Callable[..., None] = known["__init__"]
    return method


def _setting(owner: type[Any], name: str, value: str, known: dict[str, Any]) -> str:
    """The statement that sets a field; what it needs is put among the names that are `known`."""
    slot = getattr(owner, name, None)
    if isinstance(slot, MemberDescriptorType):
        known[f"_set_{name}_"] = slot.__set__
        return f"_set_{name}_(_self_, {value})"
    return f"_set_(_self_, {name!r}, {value})" if getattr(owner, FROZEN) else f"_self_.{name} = {value}"


def fixed_methods(slots: bool) -> dict[str, Callable[..., Any]]:
    """The methods of a class whose objects stay as they are."""
    found: dict[str, Callable[..., Any]] = {"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting}
    return found | ({"__getstate__": state, "__setstate__": restore} if slots else {})


def _refuse_setting(self: Any, name: str, value: object) -> None:
    owner = _decorated(type(self))
    if type(self) is owner or name in plan_of(owner.__mro__):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    super(owner, self).__setattr__(name, value)


def _refuse_deleting(self: Any, name: str) -> None:
    owner = _decorated(type(self))
    if type(self) is owner or name in plan_of(owner.__mro__):
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
    super(owner, self).__delattr__(name)


def _decorated(kind: type[Any]) -> Any:
    return next(owner for owner in kind.__mro__ if FROZEN in owner.__dict__)


def state(self: Any) -> dict[str, object]:
    """What a copy of an object with slots is made from: `__getstate__`."""
    return {name: getattr(self, name) for name in plan_of(type(self).__mro__) if hasattr(self, name)}


def restore(self: Any, values: Mapping[str, object]) -> None:
    """Make a copy of an object what the object was: `__setstate__`."""
    for name, value in values.items():
        _set(self, name, value)


__all__ = [
    "FROZEN",
    "OFTEN",
    "PLAN",
    "fixed_methods",
    "initialiser",
    "plain",
    "plan_of",
    "positional",
    "restore",
    "stand_in",
    "state",
    "write",
]
