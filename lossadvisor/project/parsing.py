"""Text to trees, by the native parser of libcst.

`libcst.parse_module` does the same for text, but brings the tokenizer of an older parser with it, whose patterns cost
more than most files.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import libcst as cst

_native: Any = import_module("libcst.native")


def parse_module(text: str) -> cst.Module:
    """The tree of a whole module. Raises `cst.ParserSyntaxError`, and RecursionError or ValueError for some texts."""
    tree: cst.Module = _native.parse_module(text, encoding="utf-8")
    return tree


def parse_expression(text: str) -> cst.BaseExpression:
    """The tree of one expression, without space around it. Raises like `parse_module`."""
    tree: cst.BaseExpression = _native.parse_expression(text)
    return tree
