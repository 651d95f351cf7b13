"""Dataclasses whose methods are written when they are first called.

`dataclasses.dataclass` writes up to ten methods for every class, each as text that Python compiles, when the class is
made: half a millisecond, and half of the time in which the analyzer is imported. Most of these methods are never
called in one run. Here the class is made by the standard library with all of them left out; stand-ins take their
places, which write the real method and put it there at the first call. What a class does is the same.
(A class with an `InitVar` is not provided for.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

_FROZEN = "__late_frozen__"
_OPTIONS = frozenset({"frozen", "eq", "order", "slots", "match_args"})  # that are provided for
_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")
_DEMANDS: Mapping[str, Mapping[str, bool]] = {
    "__init__": {"init": True},
    "__repr__": {"repr": True},
    "__eq__": {"eq": True},
    "__hash__": {"eq": True, "unsafe_hash": True},
    **{name: {"eq": True, "order": True} for name in _ORDER},
}
"""What makes the standard library write a method."""


def _made(
    cls: type[Any],
    *,
    frozen: bool = False,
    eq: bool = True,
    order: bool = False,
    slots: bool = False,
    match_args: bool = True,
) -> Any:
    own = dict(cls.__dict__)
    if own.get("__doc__") is None:
        cls.__doc__ = cls.__name__  # else the standard library asks for the signature, which is dear
    with _thawed(cls):
        made: Any = _plain(cls, init=False, repr=False, eq=False, slots=slots, match_args=match_args)
    setattr(made, _FROZEN, frozen)
    about = made.__dataclass_params__
    about.init, about.repr, about.eq, about.order, about.frozen = True, True, eq, order, frozen
    named = ["__init__", "__repr__", *(("__eq__",) if eq else ()), *(_ORDER if order else ())]
    methods: dict[str, object] = {name: _STAND_INS[name] for name in named}
    if frozen:
        methods |= {"__setattr__": _refuse_setting, "__delattr__": _refuse_deleting}
        methods |= {"__getstate__": _state, "__setstate__": _restore} if slots else {}
    for name, method in methods.items():
        if name not in own:
            setattr(made, name, method)
    if eq and own.get("__hash__") is None and ("__hash__" not in own or "__eq__" in own):
        made.__hash__ = _STAND_INS["__hash__"] if frozen else None
    return made


@contextmanager
def _thawed(cls: type[Any]) -> Iterator[None]:
    """The late classes that `cls` derives from as the standard library has made them: not frozen."""
    bases: tuple[Any, ...] = cls.__mro__[1:]
    frozen = [base.__dataclass_params__ for base in bases if base.__dict__.get(_FROZEN)]
    for about in frozen:
        about.frozen = False
    try:
        yield
    finally:
        for about in frozen:
            about.frozen = True


def _stand_in(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **named: Any) -> Any:
        return _written(type(self), name, method)(self, *args, **named)

    method.__name__ = name
    return method


_STAND_INS = {name: _stand_in(name) for name in _DEMANDS}


def _written(kind: type[Any], name: str, stand_in: object) -> Callable[..., Any]:
    """The real method, from now on in the place of the stand-in that an object of `kind` found."""
    for owner in kind.__mro__:
        if owner.__dict__.get(name) is stand_in:
            setattr(owner, name, _write(owner, name))
            break
    method: Callable[..., Any] = getattr(kind, name)
    return method


def _write(owner: type[Any], name: str) -> object:
    """One method for the fields of a class."""
    method = _initialiser(owner) if name == "__init__" else _standard(owner, name)
    method.__qualname__, method.__module__ = f"{owner.__qualname__}.{name}", owner.__module__
    return method


def _standard(owner: type[Any], name: str) -> Any:
    """The method as the standard library writes it."""
    fields = dataclasses.fields(owner)
    content: dict[str, Any] = {field.name: field for field in fields}
    content["__annotations__"] = {field.name: field.type for field in fields}
    twin = _plain(type(owner.__name__, (), content), **{"init": False, "repr": False, "eq": False, **_DEMANDS[name]})
    return twin.__dict__[name]


def _initialiser(owner: type[Any]) -> Any:
    """`__init__`, at a third of the price of the standard library's, and in use twice as fast where there are slots."""
    known: dict[str, Any] = {"_set_": object.__setattr__, "_not_given_": object()}
    first: list[str] = []
    last: list[str] = []
    body: list[str] = []
    for field in dataclasses.fields(owner):
        name, made, default = field.name, f"_make_{field.name}_", f"_default_{field.name}_"
        value = parameter = name
        known[made], known[default] = field.default_factory, field.default
        if field.default_factory is not dataclasses.MISSING:
            parameter = f"{name}=_not_given_"
            value = f"{made}() if {name} is _not_given_ else {name}" if field.init else f"{made}()"
        elif field.default is not dataclasses.MISSING:
            parameter = f"{name}={default}"
            value = name if field.init else default
        elif not field.init:
            continue
        if field.init:
            (last if field.kw_only else first).append(parameter)
        body.append(_setting(owner, name, value, known))
    if hasattr(owner, "__post_init__"):
        body.append("_self_.__post_init__()")
    parameters = ", ".join(["_self_", *first, *(["*", *last] if last else [])])
    rows = "\n  ".join(body or ["pass"])
    exec(f"def __init__({parameters}):\n  {rows}", known)
    return known["__init__"]


def _setting(owner: type[Any], name: str, value: str, known: dict[str, Any]) -> str:
    """The statement that sets a field; what it needs is put among the names that are `known`."""
    slot = getattr(owner, name, None)
    if isinstance(slot, MemberDescriptorType):
        known[f"_set_{name}_"] = slot.__set__
        return f"_set_{name}_(_self_, {value})"
    return f"_set_(_self_, {name!r}, {value})" if getattr(owner, _FROZEN) else f"_self_.{name} = {value}"


def _refuse_setting(self: Any, name: str, value: object) -> None:
    owner = _decorated(type(self))
    if type(self) is owner or name in owner.__dataclass_fields__:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    super(owner, self).__setattr__(name, value)


def _refuse_deleting(self: Any, name: str) -> None:
    owner = _decorated(type(self))
    if type(self) is owner or name in owner.__dataclass_fields__:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
    super(owner, self).__delattr__(name)


def _decorated(kind: type[Any]) -> Any:
    return next(owner for owner in kind.__mro__ if _FROZEN in owner.__dict__)


def _state(self: Any) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_plain: Callable[..., Any] = dataclasses.dataclass

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **options):
        """`dataclasses.dataclass` with the options `frozen`, `eq`, `order`, `slots` and `match_args`."""
        return (lambda late: _made(late, **options)) if cls is None else _made(cls, **options)


@contextmanager
def late_in(package: str) -> Iterator[None]:
    """While this holds, the dataclasses of another package are made in the same way: for its import.

    Two thirds of the time in which libcst is imported go into methods of nodes.
    """

    def decorate(cls: Any = None, /, **options: Any) -> Any:
        if cls is None:
            return lambda given: decorate(given, **options)
        foreign = cls.__module__.partition(".")[0] != package or not options.keys() <= _OPTIONS
        return _plain(cls, **options) if foreign else _made(cls, **options)

    dataclasses.dataclass = decorate
    try:
        yield
    finally:
        dataclasses.dataclass = _plain


__all__ = ["dataclass", "late_in"]
