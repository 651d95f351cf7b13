"""What a function does with one of its local names."""

from __future__ import annotations

import ast

from lossadvisor.fixes.sheet import Sheet
from lossadvisor.late import dataclass


@dataclass(frozen=True, slots=True)
class Bound:
    """A name that is assigned once, alone, by one plain statement. `loads` are all places that read it."""

    name: str
    value: ast.expr
    statement: ast.Assign
    loads: tuple[ast.Name, ...]

    @property
    def uses(self) -> int:
        return len(self.loads)


def only_assignment(sheet: Sheet, name: ast.Name) -> Bound | None:
    """The one assignment of a local name; None when it is bound in any other way, shared with an inner function, or
    read before it.
    """
    scope = sheet.scope(name)
    if isinstance(scope, ast.Module | ast.Lambda):
        return None
    stores: list[ast.Name] = []
    loads: list[ast.Name] = []
    for node in ast.walk(scope):
        match node:
            case ast.Name(id=name.id, ctx=ast.Store() | ast.Del()):
                stores.append(node)
            case ast.Name(id=name.id):
                loads.append(node)
                if sheet.scope(node) is not scope:
                    return None
            case ast.arg(arg=name.id):
                return None
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name.id in names:
                return None
    if len(stores) != 1 or not loads:
        return None
    statement = sheet.parents.get(stores[0])
    match statement:
        case ast.Assign(targets=[target], value=value) if target is stores[0]:
            if all(sheet.start(load) > sheet.end(statement) for load in loads):
                return Bound(name.id, value, statement, tuple(loads))
    return None
