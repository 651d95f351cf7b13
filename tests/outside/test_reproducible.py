"""The same findings whatever the hash seed, the working directory and the locale."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"
PROJECT = {
    "pyproject.toml": "[project]\nname = 'verzeichnis'\n",
    "modelle/netz.py": HEAD + (
        "class Netz(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.kopf = nn.Linear(8, 5)\n\n"
        "    def forward(self, x):\n        return F.softmax(self.kopf(x), dim=1)\n"
    ),
    "größe.py": HEAD + (
        "from modelle.netz import Netz\n\n"
        "netz = Netz()\nmaß = nn.CrossEntropyLoss()\nzweites = nn.NLLLoss()\nbinär = nn.BCEWithLogitsLoss()\n\n\n"
        "def schritt(x, y, z):\n"
        "    '''Größe — 大きさ'''\n"
        "    return maß(netz(x), y) + zweites(netz(x), y) + binär(torch.sigmoid(netz.kopf(x)), z)\n"
    ),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "projekt"
    for name, text in PROJECT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "fixtures", folder / "fixtures")
    return folder


@pytest.fixture
def expected(lossadvisor: Run, project: Path) -> str:
    done = lossadvisor("check", "--no-cache", "--output-format", "json", cwd=project, PYTHONHASHSEED="0")
    codes = {row["code"] for row in json.loads(done.stdout)}
    assert {"LA101", "LA105"} <= codes, done.stderr
    return done.stdout


@pytest.mark.parametrize("seed", ["1", "2", "77"])
def test_whatever_the_hash_seed(lossadvisor: Run, project: Path, expected: str, seed: str) -> None:
    done = lossadvisor("check", "--no-cache", "--output-format", "json", cwd=project, PYTHONHASHSEED=seed)
    assert done.stdout == expected


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C", "LANG": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    ],
    ids=["C", "ASCII", "Turkish"],
)
def test_whatever_the_locale(lossadvisor: Run, project: Path, expected: str, locale: dict[str, str]) -> None:
    done = lossadvisor("check", "--no-cache", "--output-format", "json", cwd=project, **locale)
    assert done.stdout == expected


def test_whatever_the_locale_of_the_output(lossadvisor: Run, project: Path, expected: str) -> None:
    """Where the terminal cannot show a character, it is written as an escape, and nothing is lost or broken."""
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = lossadvisor("check", "--no-cache", "--output-format", "concise", cwd=project, **environment)
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert "gr\\xf6\\xdfe.py:" in done.stdout


def _from_elsewhere(rows: str, prefix: str) -> list[dict[str, object]]:
    """The findings with the file names as they are from the folder that `prefix` leads from."""

    def named(value: object) -> object:
        if isinstance(value, dict):
            return {key: prefix + inner if key == "filename" else named(inner) for key, inner in value.items()}
        return [named(inner) for inner in value] if isinstance(value, list) else value

    return [row for row in map(named, json.loads(rows)) if isinstance(row, dict)]


@pytest.mark.parametrize(("folder", "path", "prefix"), [("..", "projekt", "projekt/"), ("modelle", "..", "../")])
def test_whatever_the_working_directory(
    lossadvisor: Run, project: Path, expected: str, folder: str, path: str, prefix: str
) -> None:
    done = lossadvisor("check", "--no-cache", "--output-format", "json", path, cwd=(project / folder).resolve())
    wanted = _from_elsewhere(expected, prefix)
    found = json.loads(done.stdout)
    key = json.dumps
    if folder == "modelle":  # what is below the working directory is named from there
        for row in wanted:
            text = key(row).replace("../modelle/", "")
            row.clear()
            row.update(json.loads(text))
    assert sorted(found, key=key) == sorted(wanted, key=key)
