"""The activation behind a finding, and what can be done to it where it stands."""

from __future__ import annotations

import ast
from collections.abc import Callable

from lossadvisor.findings import Edit
from lossadvisor.fixes.activations import Activation, activation, structural
from lossadvisor.fixes.calls import removed, unwrapped
from lossadvisor.fixes.naming import Names, plain_arguments
from lossadvisor.fixes.sheet import Sheet
from lossadvisor.fixes.site import Site
from lossadvisor.fixes.stability import renamed_edits, stable_name
from lossadvisor.late import dataclass
from lossadvisor.values import Span


@dataclass(frozen=True, slots=True)
class Cause:
    """The operation that gave the value its wrong meaning.

    `made` is its application; None where it is the last layer of a container, which `layer` is then. `built` is the
    call that builds the module, where the operation is one that is built elsewhere.
    """

    sheet: Sheet
    names: Names
    kind: str
    made: Activation | None
    layer: ast.Call | None
    built: ast.Call | None


Change = Callable[[Cause], "tuple[Edit, ...] | None"]


def cause(site: Site) -> Cause | None:
    """The one operation on the trail of a finding; None when there are several or it is not to be found."""
    steps = [entry for entry in site.finding.trace if not structural(entry.message)]
    if len(steps) == 2:
        return _exponential(site, steps[0].span, steps[1].span)
    if len(steps) != 1:
        return None
    found = site.expression(steps[0].span)
    if found is None:
        return None
    sheet, names, node = found
    if not isinstance(node, ast.Call):
        return None
    kind = steps[0].message.partition(" ")[0]
    container = sheet.parents.get(node)
    if isinstance(container, ast.Call) and _is_sequential(container, names) and container.args[-1] is node:
        return Cause(sheet, names, kind, None, node, node)
    if _added_to(container) is not None and isinstance(container, ast.Call) and container.args[-1] is node:
        return Cause(sheet, names, kind, None, node, node)
    made = activation(node, names)
    if made is not None:
        inline = node.func if isinstance(node.func, ast.Call) else None
        return Cause(sheet, names, made.kind, made, None, inline) if made.kind == kind else None
    named = node.func
    if isinstance(named, ast.Name | ast.Attribute) and len(node.args) == 1 and not node.keywords:
        built = _built(sheet, names, named)
        if built is not None and plain_arguments(node):
            return Cause(sheet, names, kind, Activation(kind, node.args[0], node, named, method=False), None, built)
    return None


def _exponential(site: Site, later: Span, earlier: Span) -> Cause | None:
    """exp of log_softmax on the spot: a softmax in two steps."""
    found, inner = site.expression(later), site.expression(earlier)
    if found is None or inner is None:
        return None
    sheet, names, node = found
    outer, first = activation(node, names), activation(inner[2], names)
    if outer is None or first is None or (outer.kind, first.kind) != ("exp", "log_softmax"):
        return None
    if outer.operand is not first.whole:
        return None
    whole = Activation("softmax", first.operand, outer.whole, first.named, method=False)
    return Cause(sheet, names, "exp of log_softmax", whole, None, None)


def _is_sequential(call: ast.Call, names: Names) -> bool:
    return names.meaning(call.func) == "torch.nn.Sequential" and bool(call.args) and plain_arguments(call)


def _added_to(call: ast.AST | None) -> ast.Name | ast.Attribute | None:
    """The container that `container.add_module("name", layer)` adds to."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() as held, attr="add_module"), args=[_, _]):
            return None if isinstance(held, ast.Name) and held.id == "self" else held
        case _:
            return None


def holder(found: Cause) -> ast.Name | ast.Attribute | None:
    """The name of the container that the operation is added to by a call of its own."""
    return _added_to(found.sheet.parents.get(found.layer)) if found.layer is not None else None


def _built(sheet: Sheet, names: Names, named: ast.Name | ast.Attribute) -> ast.Call | None:
    """The call that builds the module that a name holds, when the name is assigned once in its class or file."""
    around: ast.AST | None = sheet.above(named, ast.ClassDef) if isinstance(named, ast.Attribute) else sheet.tree
    text = ast.unparse(named)
    found: list[ast.expr] = []
    for node in ast.walk(around or sheet.tree):
        match node:
            case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=value):
                if ast.unparse(target) == text:
                    found.append(value)
    if len(found) != 1 or not isinstance(found[0], ast.Call):
        return None
    meaning = names.meaning(found[0].func)
    return found[0] if meaning is not None and meaning.startswith("torch.nn.") else None


def dropped(found: Cause) -> tuple[Edit, ...] | None:
    """The value as it was before the operation."""
    sheet = found.sheet
    if found.layer is not None:
        container = sheet.parents[found.layer]
        if holder(found) is not None:
            statement = sheet.parents.get(container)
            return _without_statement(sheet, statement) if isinstance(statement, ast.Expr) else None
        if not isinstance(container, ast.Call) or len(container.args) < 2:
            return None
        return tuple(removed(sheet, container, [found.layer]))
    if found.made is None:
        return None
    whole, operand = found.made.whole, found.made.operand
    statement = sheet.parents.get(whole)
    match statement, operand:
        case ast.Assign(targets=[ast.Name(id=target)]), ast.Name(id=source) if target == source:
            return _without_statement(sheet, statement)
    return unwrapped(sheet, whole, operand)


def _without_statement(sheet: Sheet, statement: ast.stmt) -> tuple[Edit, ...] | None:
    """The rows of a statement that stands alone on them, in a block that has others."""
    parent = sheet.parents.get(statement)
    blocks = (getattr(parent, name, None) for name in ("body", "orelse", "finalbody"))
    block = next((block for block in blocks if isinstance(block, list) and statement in block), [])
    first = sheet.starts[statement.lineno - 1]
    after = sheet.starts[statement.end_lineno or statement.lineno]
    row = sheet.text[first:after]
    if len(block) < 2 or row.strip() != sheet.of(statement):
        return None
    return (sheet.edit(first, after, ""),)


def in_logarithms(found: Cause) -> tuple[Edit, ...] | None:
    """A softmax becomes a log-softmax."""
    if found.kind != "softmax":
        return None
    if found.built is not None and isinstance(found.built.func, ast.Name | ast.Attribute):
        written = found.names.spelled("torch.nn.LogSoftmax")
        if written is None or not _used_once(found):
            return None
        function = found.built.func
        return (found.sheet.edit(found.sheet.start(function), found.sheet.end(function), written[0]), *written[1])
    renamed = None if found.made is None else stable_name(found.made, found.names)
    if renamed is None or found.made is None:
        return None
    return renamed_edits(found.sheet, found.made, renamed)


def _used_once(found: Cause) -> bool:
    """Whether the module is applied in one place only."""
    if found.made is None or found.built is None or isinstance(found.made.whole.func, ast.Call):
        return True
    named = ast.unparse(found.made.named)
    calls = [node for node in ast.walk(found.sheet.tree) if isinstance(node, ast.Call)]
    return sum(ast.unparse(call.func) == named for call in calls) == 1


_FUNCTIONS = {
    "softmax": ("torch.softmax", "torch.nn.functional.softmax"),
    "log_softmax": ("torch.log_softmax", "torch.nn.functional.log_softmax"),
    "sigmoid": ("torch.sigmoid",),
    "tanh": ("torch.tanh",),
}


def applied_to(found: Cause, names: Names) -> tuple[str, str, tuple[Edit, ...]] | None:
    """What to write before and after an expression in another file so that the operation is applied there."""
    if found.kind not in _FUNCTIONS:
        return None
    source = found.built if found.built is not None else found.made.whole if found.made is not None else None
    if source is None:
        return None
    operand = None if found.made is None or found.built is not None else found.made.operand
    given: tuple[ast.expr | ast.keyword, ...] = (*source.args, *source.keywords)
    rest = [argument for argument in given if _value(argument) is not operand]
    if not all(isinstance(_constant(_value(argument)), int) for argument in rest):
        return None
    texts = [found.sheet.of(argument) for argument in rest]
    if found.kind in ("softmax", "log_softmax"):
        if len(texts) != 1:
            return None
        texts = [texts[0] if "=" in texts[0] else f"dim={texts[0]}"]
    elif texts:
        return None
    written = names.spelled(*_FUNCTIONS[found.kind])
    return None if written is None else (f"{written[0]}(", "".join(f", {text}" for text in texts) + ")", written[1])


def _value(argument: ast.expr | ast.keyword) -> ast.expr:
    return argument.value if isinstance(argument, ast.keyword) else argument


def _constant(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
        case _:
            return None


