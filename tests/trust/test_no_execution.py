# ruff: noqa: E501 (tables of program texts, one row each)
"""No command but `run` and `validate --import` executes anything of the checked repository, or writes beside its cache."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class _Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def _plant(folder: Path, marks: Path) -> None:
    marks.mkdir()
    count = iter(range(100))

    def bomb() -> str:
        return f"open({str(marks / f'mark{next(count)}')!r}, 'w').close()\n"

    guilty = "import torch.nn.functional as F\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"
    for name in ("conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py", "torch.py", "libcst.py", "click.py",
                 "lossadvisor.py", "json.py", "ast.py", "train.py", "pkg/__init__.py", "pkg/__main__.py"):  # fmt: skip
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(bomb() + guilty)
    source = [bomb(), f"!touch {marks / 'shell'}\n", "%run train.py\n", guilty]
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []}]
    (folder / "lesson.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (folder / "README.md").write_text("```python\n" + bomb() + guilty + "```\n")
    default = f"def f(x=__import__('os').system('touch {marks / 'default'}')):\n    pass\n"
    decorated = f"@__import__('os').system('touch {marks / 'decorator'}')\ndef g():\n    pass\n"
    meta = f"class M(metaclass=eval(\"__import__('os').system('touch {marks / 'meta'}')\")):\n    pass\n"
    (folder / "sly.py").write_text(default + decorated + meta + f"exec({bomb()!r})\neval('1')\n" + guilty)
    (folder / "pyproject.toml").write_text(
        "[tool.lossadvisor]\nselect = ['ALL']\n[tool.pytest.ini_options]\naddopts = '-p train'\n[tool.mypy]\nplugins = ['train.py']\n"
    )
    for name in ("target.pkl", "target.pt", "target.npy"):
        (folder / name).write_bytes(pickle.dumps(_Bomb(marks / name)))


COMMANDS = (
    ("check", "."), ("check", "--output-format", "sarif", "."), ("check", "train.py", "lesson.ipynb"), ("check", "--diff", "."), ("losses", "."),
    ("losses", "--output-format", "json", "."), ("rule", "LA101"), ("rule", "--all"), ("clean", "."), ("check", "--show-settings", "."), ("check", "--show-files", "."),
    ("advise", "--target", "target.pkl"), ("advise", "--target", "target.pt"), ("advise", "--target", "target.npy"), ("advise", "--from-code", "."), ("validate", "train.py"), ("--version",), ("--help",),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_executed(command: tuple[str, ...], tmp_path: Path) -> None:
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    _plant(project, marks)
    before = _contents(project)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    # -P is not there before Python 3.11: the program is started from elsewhere, as the installed script is.
    code = f"import os, runpy, sys; os.chdir({str(project)!r}); sys.argv = ['lossadvisor', *{list(command)!r}]; "
    code += "sys.path[:] = [p for p in sys.path if p]; runpy.run_module('lossadvisor', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=120,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert sorted(path.name for path in marks.iterdir()) == []
    assert "Traceback" not in done.stderr, done.stderr
    changed = {name for name, data in _contents(project).items() if before.get(name) != data}
    assert {name.split("/")[0] for name in changed} <= {".lossadvisor_cache"}
    assert set(before) <= set(_contents(project))


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_bombs_work(tmp_path: Path) -> None:
    """The marks would be left: a file is run and a pickle is read on purpose."""
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    _plant(project, marks)
    subprocess.run([sys.executable, "setup.py"], cwd=project, capture_output=True, check=False)
    pickle.loads((project / "target.pkl").read_bytes())
    assert len(list(marks.iterdir())) >= 2
