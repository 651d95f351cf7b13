"""Values inside of others: an element of a tuple, a field of a record, a value of a dictionary."""

from __future__ import annotations

import ast

from lossadvisor.fixes.sheet import Sheet
from lossadvisor.fixes.site import Sheets

Part = int | str
"""The position in a tuple or list, or the name of a field or key."""


def container(sheets: Sheets, sheet: Sheet, node: ast.expr) -> tuple[ast.expr, Part] | None:
    """The expression that holds the value of a node as one of its parts, and which part it is."""
    parent = sheet.parents.get(node)
    match parent:
        case ast.Tuple(elts=values) | ast.List(elts=values) if not any(isinstance(one, ast.Starred) for one in values):
            return parent, values.index(node)
        case ast.Dict(keys=keys, values=values):
            key = keys[values.index(node)] if node in values else None
            return (parent, key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
        case ast.keyword(arg=str() as name):
            call = sheet.parents.get(parent)
            return (call, name) if isinstance(call, ast.Call) and name in _fields(sheets, call) else None
        case ast.Call(args=arguments) if node in arguments:
            fields = _fields(sheets, parent)
            position = arguments.index(node)
            return (parent, fields[position]) if position < len(fields) else None
        case _:
            return None


def _fields(sheets: Sheets, call: ast.Call) -> tuple[str, ...]:
    """The fields of a dataclass or named tuple of the project that has nothing but fields; none for other calls."""
    if not isinstance(call.func, ast.Name) or any(isinstance(one, ast.Starred) for one in call.args):
        return ()
    name, found = call.func.id, []
    for filename, document in sheets.documents.items():
        if f"class {name}" in document.raw and (known := sheets.of(filename)) is not None:
            found += [node for node in ast.walk(known[0].tree) if isinstance(node, ast.ClassDef) and node.name == name]
    if len(found) != 1 or not _is_record(found[0]):
        return ()
    fields: list[str] = []
    for statement in found[0].body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field)):
                fields.append(field)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                continue
            case _:
                return ()  # a method may read the field
    return tuple(fields)


def _is_record(definition: ast.ClassDef) -> bool:
    marks = [*definition.decorator_list, *definition.bases]
    words = {ast.unparse(mark.func if isinstance(mark, ast.Call) else mark).rsplit(".", 1)[-1] for mark in marks}
    return bool(words) and words <= {"dataclass", "NamedTuple"}
