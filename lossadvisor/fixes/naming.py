"""Names and imports of one file: what a dotted name means, and how to write a qualified one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from lossadvisor.findings import Edit
from lossadvisor.fixes.sheet import Sheet

_CUSTOMARY = {"torch.nn.functional": "F", "torch.nn": "nn"}


class Names:
    """The imports of a file, as far as they are the same everywhere in it."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @cached_property
    def _imported(self) -> dict[str, str | None]:
        """Name to qualified name; None for a name that is bound more than once."""
        found: dict[str, str | None] = {}
        for name, meaning in _bindings(self._sheet.tree):
            found[name] = meaning if found.get(name, meaning) == meaning else None
        for node in ast.walk(self._sheet.tree):
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                    if name in found:
                        found[name] = None
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                    if name in found:
                        found[name] = None
        return found

    @cached_property
    def _at_top(self) -> frozenset[str]:
        return frozenset(name for node in self._sheet.tree.body for name, _ in _of_statement(node))

    @cached_property
    def used(self) -> frozenset[str]:
        """Every name that the file uses for anything."""
        found: set[str] = set()
        for node in ast.walk(self._sheet.tree):
            match node:
                case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(name)
        return frozenset(found) | frozenset(name for name, _ in _bindings(self._sheet.tree))

    def brings(self, name: str) -> bool:
        """Whether the file gets that name, or all names of some module, from elsewhere."""
        return name in self._imported or self._stars

    @cached_property
    def _stars(self) -> bool:
        imports = [node for node in ast.walk(self._sheet.tree) if isinstance(node, ast.ImportFrom)]
        return any(alias.name == "*" for node in imports for alias in node.names)

    def meaning(self, node: ast.AST) -> str | None:
        """The qualified name that a dotted name stands for, `torch.nn.functional.softmax`; None when not imported."""
        match node:
            case ast.Name(id=name):
                return self._imported.get(name)
            case ast.Attribute(value=value, attr=attribute):
                base = self.meaning(value)
                return None if base is None else f"{base}.{attribute}"
            case _:
                return None

    def spelled(self, *qualified: str) -> tuple[str, tuple[Edit, ...]] | None:
        """How to write the first of these names that the file can write, with the import that it needs.

        Names that need no import are preferred to those that do. None when the file gives its names other meanings.
        """
        for name in qualified:
            written = self._through_imports(name)
            if written is not None:
                return written, ()
        return self._with_import(qualified[-1])

    def sibling(self, node: ast.expr, name: str) -> tuple[str, tuple[Edit, ...]] | None:
        """How to write, in the place of `node`, another name of the same module: as `node` is written, where it can."""
        if isinstance(node, ast.Attribute):
            return self._sheet.of(node)[: -len(node.attr)] + name, ()
        meaning = self.meaning(node)
        return None if meaning is None else self.spelled(f"{meaning.rpartition('.')[0]}.{name}")

    def _through_imports(self, qualified: str) -> str | None:
        best: str | None = None
        for alias, meaning in self._imported.items():
            if meaning is None or alias not in self._at_top:
                continue
            if qualified == meaning or qualified.startswith(meaning + "."):
                written = alias + qualified[len(meaning) :]
                if best is None or written.count(".") < best.count("."):
                    best = written
        return best

    def _with_import(self, qualified: str) -> tuple[str, tuple[Edit, ...]] | None:
        module, _, attribute = qualified.rpartition(".")
        alias = _CUSTOMARY.get(module, module.partition(".")[0])
        if alias in self.used:
            return None
        line = f"import {module} as {alias}" if module in _CUSTOMARY else f"import {module}"
        at = self._import_row()
        return None if at is None else (f"{alias}.{attribute}", (self._sheet.edit(at, at, f"{line}\n"),))

    def _import_row(self) -> int | None:
        """The offset at which an import can be put: after the last import at the top of the file."""
        if self._sheet.document.cells:
            return None
        body = self._sheet.tree.body
        last: ast.stmt | None = None
        for index, node in enumerate(body):
            docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not docstring and not isinstance(node, ast.Import | ast.ImportFrom):
                break
            last = node
        if last is None:
            return self._sheet.start(body[0]) if body else None
        row = last.end_lineno or last.lineno
        follows = body[body.index(last) + 1] if last is not body[-1] else None
        if follows is not None and follows.lineno == row:
            return None
        return self._sheet.starts[row] if self._sheet.text[self._sheet.starts[row] - 1 :][:1] == "\n" else None


def _bindings(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        yield from _of_statement(node)


def _of_statement(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        case ast.ImportFrom(module=str(module), level=0, names=names):
            for alias in names:
                if alias.name != "*":
                    yield alias.asname or alias.name, f"{module}.{alias.name}"
        case ast.ImportFrom(module=module, names=names):
            for alias in names:
                if alias.name != "*":
                    yield alias.asname or alias.name, f".{module or ''}.{alias.name}"


def last(name: str | None) -> str:
    """The last part of a qualified name."""
    return "" if name is None else name.rpartition(".")[2]


def plain_arguments(call: ast.Call) -> bool:
    """Whether every argument is written out, without `*args` and `**kwargs`."""
    return not any(isinstance(argument, ast.Starred) for argument in call.args) and all(
        keyword.arg is not None for keyword in call.keywords
    )


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """The keyword argument of that name."""
    return next((given for given in call.keywords if given.arg == name), None)


def in_order(sheet: Sheet, call: ast.Call) -> Sequence[ast.expr | ast.keyword]:
    """All arguments of a call as they are written."""
    return sorted((*call.args, *call.keywords), key=sheet.start)
