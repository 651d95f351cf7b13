"""Formulas written by hand: softmax (LA404), the mean under a mask (LA511), and decisions (LA701)."""

from __future__ import annotations

import ast

from lossadvisor.findings import Finding, Fix
from lossadvisor.fixes.calls import ATOMS
from lossadvisor.fixes.naming import Names
from lossadvisor.fixes.site import Sheets, Site, unsafe


def handwritten_softmax(site: Site) -> Fix | None:
    """`torch.exp(x) / torch.exp(x).sum(dim=1, keepdim=True)` becomes `torch.softmax(x, dim=1)`."""
    match site.node:
        case ast.BinOp(left=above, op=ast.Div(), right=below):
            operand = _exponent(above, site.names)
            summed = _summed(below, site.names)
        case _:
            return None
    if operand is None or summed is None or not isinstance(operand, ast.Name):
        return None
    inner = _exponent(summed[0], site.names)
    written = site.names.spelled("torch.softmax", "torch.nn.functional.softmax")
    if inner is None or ast.dump(inner) != ast.dump(operand) or written is None:
        return None
    text = f"{written[0]}({site.sheet.of(operand)}, dim={site.sheet.of(summed[1])})"
    edit = site.sheet.edit(site.sheet.start(site.node), site.sheet.end(site.node), text)
    return unsafe("Use softmax", edit, *written[1])


def _exponent(node: ast.expr, names: Names) -> ast.expr | None:
    match node:
        case ast.Call(func=function, args=[argument], keywords=[]) if names.meaning(function) == "torch.exp":
            return argument
        case ast.Call(func=ast.Attribute(value=value, attr="exp") as function, args=[], keywords=[]):
            return value if names.meaning(function) is None else None
        case _:
            return None


def _summed(node: ast.expr, names: Names) -> tuple[ast.expr, ast.expr] | None:
    """What is summed over which one axis, which stays as an axis of size one."""
    match node:
        case ast.Call(func=function, args=[value, *rest], keywords=options) if names.meaning(function) == "torch.sum":
            pass
        case ast.Call(func=ast.Attribute(value=value, attr="sum"), args=rest, keywords=options):
            pass
        case _:
            return None
    given = dict(zip(("dim", "keepdim"), rest, strict=False)) | {one.arg: one.value for one in options if one.arg}
    axis, keeps = given.get("dim", given.get("axis")), given.get("keepdim", given.get("keepdims"))
    if axis is None or not isinstance(keeps, ast.Constant) or keeps.value is not True:
        return None
    return (value, axis) if isinstance(axis, ast.Constant | ast.UnaryOp | ast.Name) else None


def masked_mean(site: Site) -> Fix | None:
    """`(each * mask).mean()` becomes `(each * mask).sum() / mask.sum()`."""
    match site.node:
        case ast.Call(
            func=ast.Attribute(value=ast.BinOp(op=ast.Mult(), right=ast.Name() as mask), attr="mean") as function,
            args=[],
            keywords=[],
        ):
            sheet = site.sheet
        case _:
            return None
    if not isinstance(sheet.parents.get(site.node), ast.Return | ast.Assign):
        return None
    at, end = sheet.end(function), sheet.end(site.node)
    return unsafe(
        "Divide by the number of elements that count",
        sheet.edit(at - len("mean"), at, "sum"),
        sheet.edit(end, end, f" / {mask.id}.sum()"),
    )


def threshold_mismatch(site: Site) -> Fix | None:
    """Half of a probability is 0 on the scale of scores."""
    match site.node:
        case ast.Compare(left=ast.Constant(value=int() | float()) as number, ops=[_]):
            pass
        case ast.Compare(ops=[_], comparators=[ast.Constant(value=int() | float()) as number]):
            pass
        case _:
            return None
    wanted = "0" if number.value == 0.5 else "0.5" if number.value == 0 else None
    if wanted is None:
        return None
    edit = site.sheet.edit(site.sheet.start(number), site.sheet.end(number), wanted)
    return unsafe(f"Compare with {wanted}", edit)


def accumulated_loss(finding: Finding, sheets: Sheets) -> Fix | None:
    """`total += loss` becomes `total += loss.item()`; a statement, so the finding stands on no expression."""
    found = sheets.of(finding.span.filename)
    if found is None:
        return None
    sheet = found[0]
    row = sheet.document.row_of(finding.span.cell, finding.span.start.row)
    for node in ast.walk(sheet.tree):
        match node:
            case ast.AugAssign(op=ast.Add(), value=value, lineno=line) if line == row and isinstance(value, ATOMS):
                end = sheet.end(value)
                return unsafe("Add up the value", sheet.edit(end, end, ".item()"))
    return None
