"""What one file costs, as pre-commit calls the linter: processor seconds above those of bare Python.

    python benchmarks/startup.py [--rounds 20] [--output TABLE.md]

All rows take turns in each round, and the differences are taken within a round. The least of all rounds shows what a
run needs where nothing else disturbs it; the median shows this machine as it is. The command is the `lossadvisor`
beside this Python where it is installed, else `python -m lossadvisor`; bytecode is kept as after an installation.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from compare import LOSS
from machine import Cost, described, once, paired

PLAIN = "import os\n\n\ndef names(path):\n    return [name for name in os.listdir(path) if name.endswith('.py')]\n"
BARE = "bare Python"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    before = described()
    with tempfile.TemporaryDirectory() as scratch:
        costs = _measured(Path(scratch), options.rounds)
    text = f"{before}; at the end: {described().rpartition(', ')[2]}\n\nrounds: {options.rounds}\n\n{_table(costs)}\n"
    print(text)
    if options.output is not None:
        options.output.write_text(text, encoding="utf-8")


def _measured(scratch: Path, rounds: int) -> dict[str, list[Cost]]:
    script = Path(sys.executable).parent / "lossadvisor"
    command = (str(script),) if script.exists() else (sys.executable, "-m", "lossadvisor")
    for folder, texts in {
        "plain": {"plain.py": PLAIN}, "loss": {"loss.py": LOSS}, "both": {"plain.py": PLAIN, "loss.py": LOSS}
    }.items():  # fmt: skip
        (scratch / folder).mkdir()
        (scratch / folder / "pyproject.toml").touch()
        for name, text in texts.items():
            (scratch / folder / name).write_text(text, encoding="utf-8")
    python, check = (sys.executable, "-c"), (*command, "check")
    runs: dict[str, tuple[tuple[str, ...], str]] = {
        BARE: ((*python, ""), "plain"),
        "`import click`": ((*python, "import click"), "plain"),
        "`import libcst`, as it comes": ((*python, "import libcst"), "plain"),
        "`lossadvisor --version`": ((*command, "--version"), "plain"),
        "a file without tensors": ((*check, "--no-cache", "plain.py"), "plain"),
        "the same beside a file with a loss": ((*check, "--no-cache", "plain.py"), "both"),
        "a file with a finding, nothing kept": ((*check, "--no-cache", "loss.py"), "loss"),
        "the same file, warm": ((*check, "loss.py"), "loss"),
    }
    for arguments, folder in runs.values():
        once(arguments, scratch / folder)  # not counted: bytecode is written, and the cache
    rows = [
        (name, lambda arguments=arguments, folder=folder: once(arguments, scratch / folder))  # type: ignore[misc]
        for name, (arguments, folder) in runs.items()
    ]
    return paired(rows, rounds)


def _table(costs: dict[str, list[Cost]]) -> str:
    spent = {name: [cost.processor for cost in found] for name, found in costs.items()}
    rows = ["| run | processor s | above bare Python | above bare Python, least |", "|---|---:|---:|---:|"]
    for name, found in spent.items():
        above = [one - bare for one, bare in zip(found, spent[BARE], strict=True)]
        least = min(found) - min(spent[BARE])
        rows.append(f"| {name} | {statistics.median(found):.3f} | {statistics.median(above):.3f} | {least:.3f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
