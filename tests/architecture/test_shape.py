"""The size of files and functions, and the words that must not appear in them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lossadvisor.cli.commands import COMMANDS
from lossadvisor.config import OUTPUT_FORMATS
from lossadvisor.reporters import FORMATS

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "lossadvisor").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)


def test_every_command_and_format_is_there() -> None:
    targets = [command.target for command in COMMANDS] + list(FORMATS.values())
    for target in targets:
        module, _, attribute = target.partition(":")
        path = ROOT / (module.replace(".", "/") + ".py")
        defined = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
        assert attribute in defined, target
    assert set(FORMATS) == set(OUTPUT_FORMATS)
