"""The parts of a module: those that `children`, `named_children` and `apply` go through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Dict, Known, Layer, Obj, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_MAX = 64  # modules that `apply` visits


def parts(module: Value) -> Iterator[tuple[str, Value]]:
    """The direct children with their names."""
    match module:
        case Obj(attrs=attrs):
            stored = attrs.get("<modules>")
            if stored is not None:
                yield from parts(stored)
            for name, value in attrs.items():
                modules = isinstance(value, Layer | Obj) or (isinstance(value, Seq) and value.kind != "list") or (
                    isinstance(value, Dict) and value.kind == "ModuleDict"
                )
                if modules and name[:1] != "<":
                    yield name, value
        case Seq(items=items, kind="Sequential" | "ModuleList"):
            yield from ((str(position), value) for position, value in enumerate(items))
        case Dict(items=items, kind="ModuleDict"):
            yield from ((str(key), value) for key, value in items.items())
        case _:
            return


def named(module: Value) -> Value:
    """named_children()."""
    pairs: list[Value] = [Seq([Known(name), value], "tuple") for name, value in parts(module)]
    return Seq(pairs, "tuple")


def applied(machine: Machine, module: Value, function: Value) -> Value:
    """module.apply(function): the children first, then the module itself."""
    from lossadvisor.interpreter.calls import Arguments, call

    count = 0

    def visit(value: Value, depth: int) -> None:
        nonlocal count
        if depth < 6:
            for _, part in list(parts(value)):
                visit(part, depth + 1)
        count += 1
        if count <= _MAX:
            call(machine, function, Arguments([value], {}), None)

    visit(module, 0)
    return module
