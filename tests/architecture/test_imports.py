"""The packages in their order, and the imports that are dear."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lossadvisor"
ORDER = (
    "values", "findings", "contracts", "transfers", "source", "project", "interpreter", "catalogue", "config",
    "checking", "fixes", "cache", "engine", "workers", "reporters", "runtime", "advisor", "hosts", "server", "cli",
)  # fmt: skip
"""A package may import from itself and from those before it."""

MODULES = sorted(path.relative_to(ROOT) for path in PACKAGE.rglob("*.py"))
TORCH_ALLOWED = ("runtime",)
CODEMODS_ALLOWED = ("fixes",)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports when it runs, wherever in the file; imports for type checkers left out."""
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pending.extend(node.orelse)
                continue
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(level=0, module=str(module)):
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.ImportFrom():
                yield f"<relative import in row {node.lineno}>"
        pending.extend(ast.iter_child_nodes(node))


def owner(module: Path) -> str:
    """The package below lossadvisor that a file belongs to; empty for the files of lossadvisor itself."""
    return module.parts[1] if len(module.parts) > 2 else ""


def test_every_package_has_its_place() -> None:
    packages = {owner(module) for module in MODULES} - {""}
    assert packages <= set(ORDER), f"give {sorted(packages - set(ORDER))} a place in ORDER"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_go_one_way(module: Path) -> None:
    package = owner(module)
    if package:
        allowed = {"", *ORDER[: ORDER.index(package) + 1]}
    else:
        allowed = {""} if module.name == "__init__.py" else {"", *ORDER}
    used = {name.split(".")[1] for name in imports(ROOT / module) if name.startswith("lossadvisor.")}
    used = {name for name in used if (PACKAGE / name).is_dir()}
    assert used <= allowed, f"{module} imports {sorted(used - allowed)}, which come later"
    assert not [name for name in imports(ROOT / module) if name.startswith("<relative")]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_dear_imports_stay_where_they_belong(module: Path) -> None:
    names = {*imports(ROOT / module)}
    torch = {name for name in names if name.split(".")[0] in {"torch", "torchvision", "lightning", "transformers"}}
    assert owner(module) in TORCH_ALLOWED or not torch
    codemods = {name for name in names if name.startswith(("libcst.matchers", "libcst.codemod"))}
    assert owner(module) in CODEMODS_ALLOWED or not codemods


CHECK_ALL = """
import sys
from lossadvisor.cli.main import main
sys.argv = ["lossadvisor", *{args!r}]
try:
    main()
except SystemExit as end:
    status = end.code
dear = [name for name in sys.modules if name.split(".")[0] in {{"torch", "numpy", "rich", "pygls"}}]
dear += [name for name in sys.modules if name.startswith(("libcst.matchers", "libcst.codemod"))]
print("DEAR", status, sorted(dear))
"""


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["check", "fixtures/two_files"], 1),
        (["check", "fixtures/two_files", "--output-format", "sarif"], 1),
        (["losses", "fixtures/two_files"], 0),
        (["rule", "LA101"], 0),
        (["--help"], 0),
    ],
)
def test_linting_needs_no_torch(tmp_path: Path, args: list[str], status: int) -> None:
    trap = tmp_path / "torch.py"
    trap.write_text("raise SystemError('torch was imported')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    done = subprocess.run(
        [sys.executable, "-c", CHECK_ALL.format(args=args)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == [f"DEAR {status} []"], done.stdout + done.stderr


def test_importing_the_package_is_cheap() -> None:
    code = "import sys; before = set(sys.modules); import lossadvisor; print(sorted(set(sys.modules) - before))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "['lossadvisor']\n"


NEWER_THAN_3_10 = {"assert_never", "Self", "Never", "LiteralString", "NotRequired", "Required", "Unpack", "override"}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_nothing_newer_than_the_oldest_python(module: Path) -> None:
    """Python 3.10 is supported; the tests usually run on a newer one."""
    if module == Path("lossadvisor/values/exhaustive.py"):
        return
    newer = {f"typing.{name}" for name in NEWER_THAN_3_10} | {"enum.StrEnum", "datetime.UTC"}
    assert not newer & {*imports(ROOT / module)}
