"""What can be changed in a module or a rule document: one small mistake at a time, as somebody could have typed it.

Known tools change functions only (mutmut) or numbers and operators only (cosmic-ray); here most of what decides is a
row of a table, so the words of rows are changed as well: a member of an enumeration becomes its neighbour, an element
of a tuple or a keyword of a call is dropped, a name is misspelt. Sentences and addresses are left alone.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import EnumMeta
from pathlib import Path
from types import ModuleType

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Pow: "*", ast.BitOr: "&",
    ast.BitAnd: "|", ast.Mod: "*",
}  # fmt: skip
# What is prose or an address and reaches nobody's decision.
SILENT = frozenset({"source", "page", "message", "help", "reason", "url", "__all__", "__slots__"})
_NAME = re.compile(r"[\w.*|-]+")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the characters from `start` to `end` of a file become `new`; `row` counts from 1.

    `inside` tells a change in the body of a function from one of a table or of the document of a rule.
    """

    path: Path
    row: int
    start: int
    end: int
    old: str
    new: str
    inside: bool = False

    def applied(self, text: str) -> str:
        """The text of the file with the change."""
        return text[: self.start] + self.new + text[self.end :]

    def label(self, root: Path) -> str:
        """One line for a person."""
        old, new = (" ".join(part.split())[:70] for part in (self.old, self.new))
        return f"{self.path.relative_to(root)}:{self.row}: {old} -> {new or '(nothing)'}"


class _Changes(ast.NodeVisitor):
    """Collects (node or span, new text) pairs."""

    def __init__(self, text: str, module: ModuleType | None) -> None:
        self.text = text
        self.module = module
        self.starts = [0]
        for line in text.encode().split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.data = text.encode()
        self.found: list[tuple[int, int, int, str, bool]] = []
        self.depth = 0

    def span(self, node: ast.AST) -> tuple[int, int]:
        row, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_row, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        first = len(self.data[: self.starts[row - 1] + column].decode())
        last = len(self.data[: self.starts[end_row - 1] + end_column].decode())
        return first, last

    def source(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def put(self, node: ast.AST, new: str) -> None:
        start, end = self.span(node)
        self.found.append((node.lineno, start, end, new, self.depth > 0))  # type: ignore[attr-defined]

    def generic_visit(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "type_params", "decorator_list"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self.visit(child)

    # --- statements --------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        return

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return

    def visit_Assign(self, node: ast.Assign) -> None:
        if not any(isinstance(target, ast.Name) and target.id in SILENT for target in node.targets):
            self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.put(node, "pass")
        self.visit(node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return  # documentation
        if self.depth:
            self.put(node, "pass")
        self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            self.put(node.test, f"not ({self.source(node.test)})")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.put(node.test, f"not ({self.source(node.test)})")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self.put(condition, "True")
        self.visit(node.iter)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not isinstance(node.value, ast.Constant | ast.Compare | ast.BoolOp):
            self.put(node.value, "None")
        if node.value is not None:
            self.visit(node.value)

    def visit_Continue(self, node: ast.Continue) -> None:
        self.put(node, "break")

    def visit_Break(self, node: ast.Break) -> None:
        self.put(node, "continue")

    # --- expressions -------------------------------------------------------------------------------------------

    def visit_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1:
            left, right = self.source(node.left), self.source(node.comparators[0])
            self.put(node, f"{left} {COMPARISONS[type(node.ops[0])]} {right}")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = " or " if isinstance(node.op, ast.And) else " and "
        self.put(node, "(" + other.join(f"({self.source(value)})" for value in node.values) + ")")
        for dropped in node.values:
            kept = [self.source(value) for value in node.values if value is not dropped]
            joined = (" and " if isinstance(node.op, ast.And) else " or ").join(f"({part})" for part in kept)
            self.put(node, f"({joined})")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub):
            self.put(node, f"({self.source(node.operand)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        other = ARITHMETIC.get(type(node.op))
        if other is not None:
            self.put(node, f"({self.source(node.left)} {other} {self.source(node.right)})")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.put(node, str(not value))
        elif isinstance(value, int | float):
            self.put(node, f"({value!r} + 1)")
        elif isinstance(value, str) and value and _NAME.fullmatch(value):
            self.put(node, repr(f"{value}_"))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        return

    def visit_Attribute(self, node: ast.Attribute) -> None:
        kind = getattr(self.module, node.value.id, None) if isinstance(node.value, ast.Name) else None
        if isinstance(kind, EnumMeta) and node.attr in kind.__members__:
            names = list(kind.__members__)
            other = names[(names.index(node.attr) + 1) % len(names)]
            self.put(node, f"{self.source(node.value)}.{other}")
        else:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SILENT or "Error" in name:
            return
        for keyword in node.keywords:
            if keyword.arg in SILENT:
                continue
            if keyword.arg is not None and not self.depth:
                self._drop(keyword)
            self.visit(keyword.value)
        for argument in node.args:
            self.visit(argument)
        self.visit(node.func)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        if isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
            self._shorter(node.elts)
        self.generic_visit(node)

    visit_List = visit_Tuple  # type: ignore[assignment]

    def visit_Set(self, node: ast.Set) -> None:
        if len(node.elts) > 1:
            self._shorter(node.elts)
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        if self.depth == 0:
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None:
                    self._cut(self.span(key)[0], self.span(value)[1], key.lineno)
        for value in node.values:
            self.visit(value)

    def _shorter(self, elements: Sequence[ast.expr]) -> None:
        for element in elements:
            self._drop(element)

    def _drop(self, node: ast.AST) -> None:
        start, end = self.span(node)
        self._cut(start, end, node.lineno)  # type: ignore[attr-defined]

    def _cut(self, start: int, end: int, row: int) -> None:
        """Without an element of a list and its comma; what is in brackets of its own stays as it is."""
        comma = re.match(r"\s*,", self.text[end:])
        if comma is not None:
            self.found.append((row, start, end + comma.end(), "", self.depth > 0))


def of_module(path: Path, name: str) -> Iterator[Mutant]:
    """The mutants of one Python module, which is imported under `name` to know its enumerations."""
    text = path.read_text(encoding="utf-8")
    changes = _Changes(text, importlib.import_module(name))
    changes.visit(ast.parse(text))
    for row, start, end, new, inside in changes.found:
        mutant = Mutant(path, row, start, end, text[start:end], new, inside)
        try:
            ast.parse(mutant.applied(text))
        except SyntaxError:
            continue
        yield mutant


_WORD = re.compile(r'"([\w*.-]+)"')
# The closed vocabularies of a rule's table; a word of one becomes the next of the same.
VOCABULARIES = (
    ("error", "warning", "note"),
    ("default", "note", "opt-in"),
    ("safe", "unsafe", "display", "none"),
    ("violates", "redundant", "fits", "unknown"),
    ("prediction", "target", "other"),
    ("logits", "probabilities", "log_probabilities", "class_indices"),
)


def of_rule(path: Path) -> Iterator[Mutant]:
    """The mutants of the table of one rule document: a word replaced, a line left out."""
    text = path.read_text(encoding="utf-8")
    start = text.index("```toml\n") + len("```toml\n")
    end = text.index("```", start)
    at = start
    for line in text[start:end].splitlines(keepends=True):
        key = line.partition("=")[0].strip()
        row = text.count("\n", 0, at) + 1
        if "=" in line and key not in SILENT and key not in {"since", "tier"}:
            yield Mutant(path, row, at, at + len(line), line, "")
            for word in _WORD.finditer(line):
                yield _swapped(path, row, at + word.start(1), word.group(1))
        at += len(line)


def _swapped(path: Path, row: int, at: int, word: str) -> Mutant:
    for words in VOCABULARIES:
        if word in words:
            new = words[(words.index(word) + 1) % len(words)]
            break
    else:
        new = f"{word}_"
    return Mutant(path, row, at, at + len(word), word, new)
