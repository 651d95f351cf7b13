"""The names of a module as a mapping: `globals()[name]`, `models.__dict__[name]`, `vars(module)[name]`.

What the names mean is asked for one by one; the mapping holds the module alone, as the value of every key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Constant, Dict, Known, Mod, Opaque, Value, options, union

if TYPE_CHECKING:
    from lossadvisor.interpreter.guards import Guard
    from lossadvisor.interpreter.machine import Machine

_KIND = "names of a module"


def of_module(module: Mod) -> Dict:
    """The mapping of the names of a module."""
    return Dict({}, module, kind=_KIND)


def is_names(found: Dict) -> bool:
    """Whether a dictionary is such a mapping."""
    return found.kind == _KIND and isinstance(found.rest, Mod)


def picked(machine: Machine, found: Dict, index: Value | None) -> Value:
    """The value of one name, or of each that a setting may choose."""
    module = found.rest
    if not isinstance(module, Mod) or index is None:
        return Opaque("a name of a module")
    chosen: list[tuple[Guard, Value]] = [
        (guard, member(machine, module, single)) for guard, single in options(index)
    ]
    return union(chosen)


def member(machine: Machine, module: Mod, name: Value) -> Value:
    """An attribute of a module whose name is a constant or a setting."""
    match name:
        case Known(value=str() as text):
            return machine.modules.member(module.package, text)
        case Opaque():
            return _choice(machine, module, name)
        case _:
            return Opaque("a name of a module that is not known")


def _choice(machine: Machine, module: Mod, name: Opaque) -> Value:
    """One of the classes and functions that the module defines, keyed by the setting that names it."""
    from lossadvisor.interpreter import iterate

    found: dict[Constant, Value] = {}
    usual = name.default.value if isinstance(name.default, Known) else None
    if isinstance(usual, str):
        found[usual] = machine.modules.member(module.package, usual)
    defined = _defined(module)
    if len(defined) + len(found) <= iterate.MAX_CHOICES:
        for one in defined:
            value = machine.modules.name(module.scope, one) if module.scope is not None else None
            if value is not None:
                found[one] = value
    if not found:
        return Opaque("a name of a module that is not known")
    key = name.key if name.key is not None else ("name of", id(module.scope))
    return iterate.by_key(Opaque(name.reason, key, name.default, name.origin), found)


def _defined(module: Mod) -> list[str]:
    """The public classes and functions of a module."""
    return [] if module.scope is None else [
        definition.name
        for statement in module.scope.index.statements
        for definition in statement.definitions
        if not definition.name.startswith("_")
    ]
