"""Executes the Numbers blocks of rule documents and compares every `#:` comment with what happens.

After an expression stands `#: value` (a number, a list, a truth value; compared to 1e-4 absolute and relative),
`#: raises ErrorClass` or `#: warns WarningClass`.
"""

from __future__ import annotations

import ast
import math
import warnings
from typing import Any

TOLERANCE = 1e-4


def expectations(text: str) -> int:
    """How many lines of a block are checked."""
    return sum("#:" in line for line in text.splitlines()) + text.count("assert ")


def execute(text: str) -> list[str]:
    """The deviations of one block, empty when all numbers hold."""
    wanted = {row: line.split("#:", 1)[1].strip() for row, line in enumerate(text.splitlines(), 1) if "#:" in line}
    space: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
    faults: list[str] = []
    for statement in ast.parse(text).body:
        expected = wanted.pop(statement.end_lineno or 0, None)
        code = ast.get_source_segment(text, statement) or ""
        if expected is None:
            exec(compile(ast.Module([statement], []), "<numbers>", "exec"), space)
        elif not isinstance(statement, ast.Expr):
            faults.append(f"{code}: only an expression can have a value")
        else:
            faults.extend(_compare(code, statement.value, expected, space))
    faults.extend(f"line {row}: '#: {text}' stands after no statement" for row, text in wanted.items())
    return faults


def _compare(code: str, expression: ast.expr, expected: str, space: dict[str, Any]) -> list[str]:
    kind, _, name = expected.partition(" ")
    compiled = compile(ast.Expression(expression), "<numbers>", "eval")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = eval(compiled, space)
        except Exception as error:
            return [] if kind == "raises" and type(error).__name__ == name else [f"{code}: raised {error!r}"]
    if kind == "raises":
        return [f"{code}: expected {name}, got {value!r}"]
    if kind == "warns":
        seen = [warning.category.__name__ for warning in caught]
        return [] if name in seen else [f"{code}: expected {name}, warned {seen}"]
    right = eval(expected, {"inf": math.inf, "nan": math.nan})
    return [] if _close(_plain(value), right) else [f"{code}: expected {right!r}, got {_plain(value)!r}"]


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _close(value: Any, right: Any) -> bool:
    if isinstance(right, list):
        return isinstance(value, list) and len(value) == len(right) and all(map(_close, value, right))
    if isinstance(right, bool) or isinstance(value, bool | str):
        return bool(value == right) and isinstance(value, bool) == isinstance(right, bool)
    if math.isnan(right) or math.isinf(right):
        return (math.isnan(value) and math.isnan(right)) or value == right
    scale = abs(right) if 0 < abs(right) < TOLERANCE else max(1.0, abs(right))
    return bool(abs(value - right) <= TOLERANCE * scale)
