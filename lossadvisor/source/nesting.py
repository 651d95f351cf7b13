"""Text so deeply nested that a recursive parser would overflow its stack, which no exception can catch.

The parser of libcst is native code: some thousands of levels end the process. A recursion limit of 400 leaves it a
tenth of the stack that threads usually have; programs written by people stay below 60.
"""

from __future__ import annotations

import ast
import warnings

from lossadvisor.patterns import pattern

LIMIT = 400
_LONG_LINE = 1_500
_MANY = 300
_BRACKET = pattern(r"[()\[\]{}]")
_QUOTE = pattern(r"['\"]")


def too_deep(text: str) -> bool:
    """Whether `text` (some statements, indented or not, that the grammar accepts) is nested beyond the limit."""
    if not suspicious(text):
        return False
    body = "if 1:\n" + text if text[:1] in " \t" else text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return _depth(tree) > LIMIT or _pieces(text)


def suspicious(text: str) -> bool:
    """A cheap look: only long lines, many brackets open at once and long chains are worth a count."""
    if text.count("elif ") > _MANY or any(len(line) > _LONG_LINE for line in text.split("\n")):
        return True
    if text.count("\\\n") > _MANY:
        return True
    if text.count("(") + text.count("[") + text.count("{") <= 60:
        return False
    depth = rows = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match.group() in "([{" else -1
        rows = max(rows, depth)
    return rows > 60 or text.count("\n") > 2_000


def _depth(tree: ast.Module) -> int:
    """The greatest number of nodes above a node; what a parser takes one at a time counts one each."""
    deepest = 0
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, above = pending.pop()
        match node:
            case ast.BoolOp(values=values):
                above += len(values)
            case ast.Compare(ops=ops):
                above += len(ops)
            case ast.Assign(targets=targets):
                above += len(targets)
            case _:
                above += 1
        if above > LIMIT:
            return above
        deepest = max(deepest, above)
        pending += [(child, above) for child in ast.iter_child_nodes(node)]
    return deepest


def _pieces(text: str) -> bool:
    """Strings written side by side: each piece is one level more for the parser, and none for the tree."""
    return any(len(_QUOTE.findall(line)) > 4 * LIMIT for line in text.split("\n") if len(line) > _LONG_LINE)
