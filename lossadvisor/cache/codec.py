"""Reports as JSON and back, exactly.

A cache lies inside the project, and a project may come from anybody: what is read from it must not be able to do
anything. So no pickle: only the classes of this table are ever made, from fields that are checked by making them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from lossadvisor import findings, values

_CLASSES: Mapping[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        findings.Edit, findings.Finding, findings.Fix, findings.LossVerdict, findings.PortReport, findings.Report,
        findings.TraceEntry, values.Location, values.Span,
    )
}  # fmt: skip
_ENUMS: Mapping[str, type[Enum]] = {
    cls.__name__: cls
    for cls in (
        findings.Confidence, findings.FixApplicability, findings.Severity, findings.Verdict, values.Domain,
        values.Dtype, values.Grad,
    )
}  # fmt: skip
_NAMES = {cls: tuple(field.name for field in fields(cls)) for cls in _CLASSES.values()}


class CodecError(ValueError):
    """A value that has no exact form in JSON, or a form that means no value."""


def encode(value: object) -> object:
    """A JSON value from which `decode` makes an equal one. Raises CodecError for a value of an unknown kind."""
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return _tagged("e", _ENUMS, value, value.name)
        case list():
            return [encode(item) for item in value]
        case tuple():
            return {"t": [encode(item) for item in value]}
        case Mapping():
            return {"d": [[encode(key), encode(item)] for key, item in value.items()]}
        case frozenset():
            return {"f": sorted((encode(item) for item in value), key=repr)}
        case _ if is_dataclass(value):
            names = _NAMES.get(type(value), ())
            return _tagged("c", _CLASSES, value, [encode(getattr(value, name)) for name in names])
        case _:
            raise CodecError(f"{type(value).__name__} has no form in the cache")


def _tagged(tag: str, table: Mapping[str, type[Any]], value: object, content: object) -> object:
    name = type(value).__name__
    if table.get(name) is not type(value):
        raise CodecError(f"{name} has no form in the cache")
    return {tag: name, "v": content}


def decode(form: object) -> Any:
    """The value that a form means. Raises CodecError."""
    try:
        return _decode(form)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CodecError(f"no form of a report: {error}") from None


def _decode(form: Any) -> Any:
    if isinstance(form, list):
        return [_decode(item) for item in form]
    if not isinstance(form, dict):
        return form
    for tag, make in _MAKERS.items():
        if tag in form:
            return make(form)
    raise CodecError("no form of a report")


_MAKERS: Mapping[str, Callable[[Any], Any]] = {
    "c": lambda form: _CLASSES[form["c"]](*(_decode(item) for item in form["v"])),
    "t": lambda form: tuple(_decode(item) for item in form["t"]),
    "e": lambda form: _ENUMS[form["e"]][form["v"]],
    "d": lambda form: {_decode(key): _decode(item) for key, item in form["d"]},
    "f": lambda form: frozenset(_decode(item) for item in form["f"]),
}
