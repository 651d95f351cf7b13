"""The linter and its peers on one tree, side by side: cold, warm, after one edit, one file; a Markdown table.

    python benchmarks/compare.py FOLDER [--rounds 3]

Peers that are not installed are left out. The tree is copied first; the original is not touched.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from machine import Cost, described, once, paired, table

OWN = (sys.executable, "-m", "lossadvisor", "check")
PEERS = {
    "ruff": (sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "."),
    "pyflakes": (sys.executable, "-m", "pyflakes", "."),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tree, alone, plain = (Path(scratch) / name for name in ("tree", "alone", "plain"))
        shutil.copytree(options.folder, tree, ignore=shutil.ignore_patterns(".lossadvisor_cache", ".git"))
        for folder in (alone, plain):
            folder.mkdir()
            (folder / "lossadvisor.toml").touch()
        (plain / "plain.py").write_text("import os\n\nprint(os.name)\n", encoding="utf-8")
        (alone / "loss.py").write_text("from torch import nn\n\nloss = nn.CrossEntropyLoss()\n", encoding="utf-8")
        costs = paired(_rows(tree, alone, plain), options.rounds)
    print(f"{described()}\n\n{table(costs, 'cold')}")


def _rows(tree: Path, alone: Path, plain: Path) -> list[tuple[str, Callable[[], Cost]]]:
    edited = next(iter(sorted(tree.rglob("*.py"), key=lambda file: file.stat().st_size)))

    def edit() -> Cost:
        with open(edited, "a", encoding="utf-8") as file:
            file.write("\n")
        return once((*OWN, "."), tree)

    rows: list[tuple[str, Callable[[], Cost]]] = [
        ("cold", lambda: once((*OWN, "--no-cache", "."), tree)),
        ("one file edited", edit),
        ("warm", lambda: once((*OWN, "."), tree)),
        ("one file with a loss", lambda: once((*OWN, "--no-cache", "loss.py"), alone)),
        ("one plain file", lambda: once((*OWN, "--no-cache", "plain.py"), plain)),
        ("bare Python", lambda: once((sys.executable, "-c", ""), alone)),
    ]
    for name, command in PEERS.items():
        if importlib.util.find_spec(name) is not None:
            rows.append((name, lambda command=command: once(command, tree)))  # type: ignore[misc]
    return rows


if __name__ == "__main__":
    main()
