"""Dataclasses and named tuples: classes whose constructor only fills fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import classes
from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.values import Cls, Dict, External, Known, Obj, Opaque, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

# Filled from the command line, the environment or a file. Sources: the pages of typed-argument-parser and pydantic.
SETTINGS_BASES = ("tap.Tap", "tap.TypedArgs", "pydantic.BaseSettings", "pydantic_settings.BaseSettings")
_RECORD_BASES = (
    *SETTINGS_BASES, "typing.NamedTuple", "pydantic.BaseModel", "transformers.utils.ModelOutput",
    "transformers.file_utils.ModelOutput", "transformers.modeling_outputs.ModelOutput",
)


def _makes_record(decorator: str) -> bool:
    return "dataclass" in decorator or decorator.startswith(("attr.", "attrs.", "define"))


def is_record(machine: Machine, cls: Cls) -> bool:
    """True for dataclasses and named tuples of the project."""
    for one in classes.linearize(machine, cls):
        if isinstance(one, Cls) and any(_makes_record(decorator) for decorator in one.decorators):
            return True
        if isinstance(one, External) and one.name in _RECORD_BASES:
            return True
    return False


def field_nodes(machine: Machine, cls: Cls) -> list[tuple[str, cst.AnnAssign, Cls]]:
    """Annotated fields, base classes first."""
    found: dict[str, tuple[str, cst.AnnAssign, Cls]] = {}
    for one in reversed(classes.linearize(machine, cls)):
        if not isinstance(one, Cls):
            continue
        body = list(one.node.body.body) if one.node is not None else []
        if one.definition is not None:
            for member in one.definition.members:
                if member.plain:
                    body += list(member.fragment.statements())
        for line in body:
            for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                    found[small.target.value] = (small.target.value, small, one)
    return list(found.values())


def fill(machine: Machine, obj: Obj, arguments: Arguments) -> None:
    """Fill the fields of a new record."""
    names = field_nodes(machine, obj.cls)
    obj.cls.fields = tuple(name for name, _, _ in names)
    told = any(one in SETTINGS_BASES for one in classes.external_bases(machine, obj.cls))
    for position, (name, node, owner) in enumerate(names):
        given = arguments.get(position, name)
        if given is not None:
            obj.attrs[name] = given
            continue
        default = _default(machine, name, node, owner)
        if default is None or arguments.double or arguments.star or told:
            key = ("field", id(obj.cls), name)
            obj.attrs[name] = Opaque(f"the field {name} of {obj.cls.name}", key, default, Origin.CONFIG)
        else:
            obj.attrs[name] = default
    post = classes.class_member(machine, obj.cls, "__post_init__")
    if post is not None:
        from lossadvisor.interpreter import calls

        calls.call(machine, classes.bind(machine, post, obj), calls.Arguments([], {}), None)


def _default(machine: Machine, name: str, node: cst.AnnAssign, owner: Cls) -> Value | None:
    if node.value is None:
        return None
    value = classes.own_member(machine, owner, name)
    if isinstance(value, Dict) and value.kind == "field":
        factory = value.items.get("default_factory")
        if "default" in value.items:
            return value.items["default"]
        if factory is not None:
            from lossadvisor.interpreter import calls

            return calls.call(machine, factory, calls.Arguments([], {}), None)
        return None
    return value if value is not None else Known(None)
