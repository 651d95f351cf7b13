"""Edits of the arguments of a call, and of an expression that takes the place of another."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from lossadvisor.findings import Edit
from lossadvisor.fixes.naming import in_order, keyword
from lossadvisor.fixes.sheet import Sheet, Unfit
from lossadvisor.source.tokens import Token

ATOMS = (
    ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.List, ast.Dict, ast.Set, ast.ListComp,
    ast.Tuple,
)  # fmt: skip
"""Expressions that need no brackets wherever they stand."""


def opening(sheet: Sheet, call: ast.Call) -> int:
    """The offset after the bracket that opens the arguments."""
    at = sheet.end(call.func)
    token = sheet.token_after(at)
    while token is not None and token.text == ")":  # brackets around what is called
        token = sheet.token_after(token.end)
    return _expected(token, "(").end


def closing(sheet: Sheet, call: ast.Call) -> int:
    """The offset of the bracket that closes the arguments."""
    return sheet.end(call) - 1


def appended(sheet: Sheet, call: ast.Call, text: str) -> Edit:
    """One more argument at the end, in front of a comma that ends the list."""
    given = in_order(sheet, call)
    at = closing(sheet, call)
    before = sheet.token_before(at)
    if not given or before is None:
        return sheet.edit(at, at, text)
    if before.text == ",":
        return sheet.edit(before.start, before.start, f", {text}")
    return sheet.edit(before.end, before.end, f", {text}")


def removed(sheet: Sheet, call: ast.Call, gone: Sequence[ast.expr | ast.keyword]) -> Iterator[Edit]:
    """The edits that take arguments out of a call, each with one comma."""
    given = list(in_order(sheet, call))
    kept = [argument for argument in given if argument not in gone]
    if not kept:
        yield sheet.edit(opening(sheet, call), closing(sheet, call), "")
        return
    for argument in gone:
        start, end = outer(sheet, argument)
        if given.index(argument) < given.index(kept[-1]):
            after = _expected(sheet.token_after(end), ",")
            following = sheet.token_after(after.end)
            if following is None:
                raise Unfit
            yield sheet.edit(start, following.start, "")
        else:
            before = _expected(sheet.token_before(start), ",")
            yield sheet.edit(before.start, end, "")


def _expected(token: Token | None, text: str) -> Token:
    if token is None or token.text != text:
        raise Unfit
    return token


def outer(sheet: Sheet, argument: ast.expr | ast.keyword) -> tuple[int, int]:
    """Where an argument starts and ends, with the brackets that stand around it."""
    start, end = sheet.start(argument), sheet.end(argument)
    while True:
        before, after = sheet.token_before(start), sheet.token_after(end)
        if before is None or after is None or before.text != "(" or after.text != ")":
            return start, end
        parent = sheet.parents.get(argument)
        call = parent if isinstance(parent, ast.Call) else None
        if call is not None and (before.end == opening(sheet, call) or after.start == closing(sheet, call)):
            return start, end
        start, end = before.start, after.end


def option(sheet: Sheet, call: ast.Call, name: str, text: str) -> Edit:
    """The keyword argument `name` with the value `text`, replaced or added."""
    given = keyword(call, name)
    if given is None:
        return appended(sheet, call, f"{name}={text}")
    return sheet.edit(sheet.start(given.value), sheet.end(given.value), text)


def unwrapped(sheet: Sheet, whole: ast.expr, inner: ast.expr) -> tuple[Edit, ...]:
    """The edits after which only `inner`, a part of `whole`, is left; brackets are set where they are needed."""
    left, right = ("(", ")") if _needs_brackets(sheet, whole, inner) else ("", "")
    return (
        sheet.edit(sheet.start(whole), sheet.start(inner), left),
        sheet.edit(sheet.end(inner), sheet.end(whole), right),
    )


def _needs_brackets(sheet: Sheet, whole: ast.expr, inner: ast.expr) -> bool:
    parent = sheet.parents.get(whole)
    if isinstance(parent, ast.Call) and whole is not parent.func:
        return isinstance(inner, ast.GeneratorExp)
    if "\n" in sheet.of(inner) and not isinstance(inner, ast.Call | ast.List | ast.Dict):
        return True
    if isinstance(parent, ast.stmt | ast.keyword):
        return isinstance(inner, ast.GeneratorExp | ast.NamedExpr)
    return not isinstance(inner, ATOMS)


def negated(sheet: Sheet, node: ast.expr) -> str:
    """The text of minus an expression."""
    return f"-{sheet.of(node)}" if isinstance(node, ATOMS) else f"-({sheet.of(node)})"


def quote(sheet: Sheet) -> str:
    """The quotation mark that the file prefers."""
    marks = [token.text.lstrip("rRbBuUfF")[:1] for token in sheet.tokens if token.kind == "string"]
    return "'" if marks.count("'") > marks.count('"') else '"'
