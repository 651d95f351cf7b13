"""What the packages themselves say: the signatures of their losses, read from their source without importing anything.

    python -m tests.contracts.library_signatures FOLDER > tests/contracts/library_signatures.json

FOLDER holds unpacked wheels (`pip download --no-deps PACKAGE`, `unzip`). The table keeps names, order, defaults and
keyword-only marks, and under which of the names that the contracts know a package offers the loss.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

from lossadvisor.contracts import LIBRARIES, METRICS, PACKAGES

TABLE = Path(__file__).with_suffix(".json")
Definition = ast.ClassDef | ast.FunctionDef
ROOTS = sorted(PACKAGES | {"torchmetrics"})


def resolved(folder: Path, name: str, depth: int = 0) -> Definition | None:
    """The class or function that a qualified name stands for, through re-exports; None when there is none."""
    module, _, attribute = name.rpartition(".")
    base = folder.joinpath(*module.split("."))
    file = base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"
    if not module or depth > 8 or not file.is_file():
        return None
    here = module if file.name == "__init__.py" else module.rpartition(".")[0]
    stars: list[str] = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == attribute:
            return node
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):  # a second name for the same
            if any(isinstance(target, ast.Name) and target.id == attribute for target in node.targets):
                return resolved(folder, f"{module}.{node.value.id}", depth + 1)
        if isinstance(node, ast.ImportFrom):
            origin = _absolute(here, node)
            for alias in node.names:
                if alias.name == "*":
                    stars.append(origin)
                elif (alias.asname or alias.name) == attribute:
                    return resolved(folder, f"{origin}.{alias.name}", depth + 1)
    found = (resolved(folder, f"{origin}.{attribute}", depth + 1) for origin in stars)
    return next((one for one in found if one is not None), None)


def _absolute(here: str, node: ast.ImportFrom) -> str:
    parts = here.split(".")[: len(here.split(".")) - node.level + 1] if node.level else []
    return ".".join([*parts, *([node.module] if node.module else [])])


def written(function: ast.FunctionDef, bound: bool) -> str:
    """The parameters as Python writes them, without annotations and without `self`."""
    arguments = function.args
    for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if one is not None:
            one.annotation = None
    if bound:
        (arguments.posonlyargs or arguments.args).pop(0)
    return ast.unparse(arguments)


def described(source: Definition) -> dict[str, str]:
    """The signatures that a definition has itself; what it inherits is left out."""
    if isinstance(source, ast.FunctionDef):
        return {"function": written(source, False)}
    found = {}
    for method in source.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            found["constructor"] = written(method, True)
        elif isinstance(method, ast.FunctionDef) and method.name in ("forward", "__call__", "update"):
            found.setdefault("call", written(method, True))
    return found


def table(folder: Path) -> dict[str, dict[str, dict[str, str]]]:
    """By package, the names that it offers, with their signatures."""
    found: dict[str, dict[str, dict[str, str]]] = {root: {} for root in ROOTS}
    for contract in (*LIBRARIES, *METRICS):
        for name in contract.names():
            source = resolved(folder, name)
            if source is not None:
                found[name.partition(".")[0]][name] = described(source)
    return found


if __name__ == "__main__":
    json.dump(table(Path(sys.argv[1])), sys.stdout, indent=1, sort_keys=True)
    print()
