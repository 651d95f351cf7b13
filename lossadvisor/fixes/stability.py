"""log of softmax and log of sigmoid, written as the one stable function (LA401, LA402)."""

from __future__ import annotations

import ast

from lossadvisor.findings import Edit, Fix
from lossadvisor.fixes.activations import Activation, activation
from lossadvisor.fixes.calls import negated, unwrapped
from lossadvisor.fixes.locals import only_assignment
from lossadvisor.fixes.naming import Names, last
from lossadvisor.fixes.sheet import Sheet
from lossadvisor.fixes.site import Site, safe, unsafe

_STABLE = {
    "softmax": ("torch.log_softmax", "torch.nn.functional.log_softmax"),
    "Softmax": ("torch.nn.LogSoftmax",),
}


def log_of_softmax(site: Site) -> Fix | None:
    """`torch.log(F.softmax(x, dim=1))` becomes `F.log_softmax(x, dim=1)`; safe within one expression.

    Through a variable that is used for nothing else the value is the same, but the variable changes its meaning.
    """
    inner = logarithm(site.node, site.names)
    if inner is None:
        return None
    how = safe
    match inner:
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant()):
            inner, how = left, unsafe  # without the constant the value changes, if little
    made = _confirmed(site, inner)
    if made is not None and made.kind == "softmax":
        renamed = stable_name(made, site.names)
        if renamed is None:
            return None
        edits = (*unwrapped(site.sheet, site.node, inner), *renamed_edits(site.sheet, made, renamed))
        return how("Use log_softmax", *edits)
    if not isinstance(inner, ast.Name):
        return None
    bound = only_assignment(site.sheet, inner)
    if bound is None or bound.uses != 1:
        return None
    made = _confirmed(site, bound.value)
    renamed = stable_name(made, site.names) if made is not None and made.kind == "softmax" else None
    if made is None or renamed is None:
        return None
    edits = (*unwrapped(site.sheet, site.node, inner), *renamed_edits(site.sheet, made, renamed))
    return unsafe(f"Compute {inner.id} with log_softmax", *edits)


def log_of_sigmoid(site: Site) -> Fix | None:
    """`torch.log(torch.sigmoid(x))` becomes `F.logsigmoid(x)`, `torch.log(1 - torch.sigmoid(x))` `F.logsigmoid(-x)`."""
    inner = logarithm(site.node, site.names)
    if inner is None:
        return None
    complement = False
    match inner:
        case ast.BinOp(left=ast.Constant(value=1 | 1.0), op=ast.Sub(), right=right):
            inner, complement = right, True
    made = _confirmed(site, inner)
    if made is None or made.kind != "sigmoid" or len(made.whole.args) + len(made.whole.keywords) > (not made.method):
        return None
    written = site.names.spelled("torch.nn.functional.logsigmoid")
    if written is None:
        return None
    function, imports = written
    sheet, operand = site.sheet, made.operand
    if complement:
        content = f"{function}({negated(sheet, operand)})"
        edits: tuple[Edit, ...] = (sheet.edit(sheet.start(site.node), sheet.end(site.node), content),)
    else:
        edits = (
            sheet.edit(sheet.start(site.node), sheet.start(operand), f"{function}("),
            sheet.edit(sheet.end(operand), sheet.end(site.node), ")"),
        )
    return safe("Use logsigmoid", *imports, *edits)


def logarithm(node: ast.expr, names: Names) -> ast.expr | None:
    """What `torch.log(x)` or `x.log()` is the logarithm of."""
    match node:
        case ast.Call(func=function, args=[argument], keywords=[]) if names.meaning(function) == "torch.log":
            return None if isinstance(argument, ast.Starred) else argument
        case ast.Call(func=ast.Attribute(value=value, attr="log") as function, args=[], keywords=[]):
            return value if names.meaning(function) is None else None
        case _:
            return None


def _confirmed(site: Site, node: ast.expr) -> Activation | None:
    """The activation at a node, when the trail of the finding says the same."""
    found = activation(node, site.names)
    if found is None or not site.finding.trace:
        return None
    told = [entry.span for entry in site.finding.trace if entry.span.filename == site.finding.span.filename]
    return found if any(site.sheet.at(span) is found.whole for span in told) else None


Renamed = tuple[str, tuple[Edit, ...]]


def stable_name(made: Activation, names: Names) -> Renamed | None:
    """How to write the logarithmic twin of a softmax in the place of its name."""
    if made.method:
        return "log_softmax", ()
    meaning = names.meaning(made.named)
    if meaning is None:
        return None
    twin = meaning.rpartition(".")[0] + "." + {"softmax": "log_softmax", "Softmax": "LogSoftmax"}[last(meaning)]
    return names.spelled(twin, *_STABLE[last(meaning)])


def renamed_edits(sheet: Sheet, made: Activation, renamed: Renamed) -> tuple[Edit, ...]:
    """The edits that write another name for the operation."""
    text, imports = renamed
    start = sheet.end(made.named) - len(made.named.attr) if made.method and isinstance(made.named, ast.Attribute) else (
        sheet.start(made.named)
    )
    return (sheet.edit(start, sheet.end(made.named), text), *imports)


