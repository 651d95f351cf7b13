"""The linter and its peers on one tree, side by side: cold, warm, after one edit, one file; a Markdown table.

    python benchmarks/compare.py FOLDER [--rounds 3] [--peers BIN] [--skip NAME ...] [--output TABLE.md]

Peers are the programs of the table below that lie in the folder BIN (`bin` of an environment); by default, in that of
this Python. Those that are not there are left out. The tree is copied first; the original is not touched.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from machine import Cost, described, once, paired, table

OWN = (sys.executable, "-m", "lossadvisor", "check")
PEERS: dict[str, tuple[str, ...]] = {
    "ruff": ("ruff", "check", "--isolated", "--no-cache"),
    "pyflakes": ("pyflakes",),
    "flake8": ("flake8", "--isolated", "-j", "1"),
    "torch-preflight": ("torch-preflight", "check", "-q", "--select", "TG005,TG006"),
    "torchfix": ("torchfix", "--select", "ALL"),
}
LOSS = """\
import torch
from torch import nn


def step(model, x, y):
    return nn.CrossEntropyLoss()(torch.softmax(model(x), dim=1), y)
"""
Row = tuple[str, Callable[[], Cost]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path(sys.executable).parent, metavar="BIN")
    parser.add_argument("--skip", nargs="*", default=(), metavar="NAME", help="rows to leave out")
    parser.add_argument("--file", default=None, help="a file of the tree that is checked by itself, too")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    before = described()
    with tempfile.TemporaryDirectory() as scratch:
        tree, alone, plain = (Path(scratch) / name for name in ("tree", "alone", "plain"))
        shutil.copytree(options.folder, tree, ignore=shutil.ignore_patterns(".lossadvisor_cache", ".git"))
        for folder in (tree, alone, plain):
            folder.mkdir(exist_ok=True)
            (folder / "lossadvisor.toml").touch()
        (plain / "plain.py").write_text("import os\n\nprint(os.name)\n", encoding="utf-8")
        (alone / "loss.py").write_text(LOSS, encoding="utf-8")
        rows = [*_own(tree, alone, plain, options.file), *_others(tree, alone, options.peers)]
        costs = paired([row for row in rows if row[0] not in options.skip], options.rounds)
        size = _size(tree)
    files = f"{options.folder.resolve().name}: {size}; rounds: {options.rounds}"
    text = f"{before}; at the end: {described().rpartition(', ')[2]}\n\n{files}\n\n{table(costs, 'cold')}\n"
    print(text)
    if options.output is not None:
        options.output.write_text(text, encoding="utf-8")


def _own(tree: Path, alone: Path, plain: Path, file: str | None) -> list[Row]:
    edited = min(tree.rglob("*.py"), key=lambda path: (path.stat().st_size, path))

    def edit() -> Cost:
        with open(edited, "a", encoding="utf-8") as stream:
            stream.write("\n")
        return once((*OWN, "."), tree)

    def warm() -> Cost:
        if not (tree / ".lossadvisor_cache").exists():
            once((*OWN, "."), tree)  # not counted
        return once((*OWN, "."), tree)

    rows: list[Row] = [
        ("cold", lambda: once((*OWN, "--no-cache", "."), tree)),
        ("one file edited", edit),
        ("warm", warm),
        ("one file with a loss", lambda: once((*OWN, "--no-cache", "loss.py"), alone)),
        ("one plain file", lambda: once((*OWN, "--no-cache", "plain.py"), plain)),
        ("bare Python", lambda: once((sys.executable, "-c", ""), alone)),
    ]
    if file is not None:
        rows.append((f"{file} by itself", lambda: once((*OWN, "--no-cache", file), tree)))
    return rows


def _others(tree: Path, alone: Path, programs: Path) -> list[Row]:
    rows: list[Row] = []
    for name, (program, *arguments) in PEERS.items():
        path = shutil.which(program, path=str(programs))
        if path is not None:
            command = (path, *arguments)
            rows.append((name, lambda command=command: once((*command, "."), tree)))  # type: ignore[misc]
            rows.append((f"{name}, one file", lambda command=command: once((*command, "loss.py"), alone)))  # type: ignore[misc]
    return rows


def _size(tree: Path) -> str:
    texts = [path.read_bytes() for path in tree.rglob("*.py") if path.is_file()]
    lines = sum(text.count(b"\n") for text in texts)
    return f"{len(texts):,} files, {lines:,} lines, {sum(map(len, texts)) / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
