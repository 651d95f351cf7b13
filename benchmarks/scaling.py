"""How the cost grows: copies of a tree under different names, and generated worst cases of growing size.

    python benchmarks/scaling.py FOLDER
    python benchmarks/scaling.py --worst

Prints processor seconds above those of a file with one loss, and the exponent between neighbouring sizes: 1 is linear.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from machine import described, once

OWN = (sys.executable, "-m", "lossadvisor", "check", "--no-cache", ".")
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"
END = "    return F.cross_entropy(x, y)\n"


def deep_nesting(size: int) -> str:
    """Blocks inside blocks (Python allows a hundred), many times over."""
    body = "".join("    " * (depth + 1) + f"if x.a{depth}:\n" for depth in range(15)) + "    " * 16 + "x = F.relu(x)\n"
    return HEAD + "".join(f"def f{n}(x, y):\n{body}{END}\n" for n in range(size))


def call_chain(size: int) -> str:
    """Every function calls the one before it; the first softmaxes, the last asks for the loss."""
    chain = "".join(f"def f{n + 1}(x):\n    return f{n}(x)\n\n" for n in range(size))
    return f"{HEAD}def f0(x):\n    return F.softmax(x, 1)\n\n{chain}def g(x, y):\n    x = f{size}(x)\n{END}"


def wide_union(size: int) -> str:
    """One value with as many alternatives as there are branches."""
    arms = "".join(f"    elif name == 'n{n}':\n        x = F.softmax(x, 1) * {n}\n" for n in range(size))
    return f"{HEAD}def f(x, y, name):\n    if name is None:\n        pass\n{arms}{END}"


def many_callers(size: int) -> str:
    """One helper with the loss and as many callers."""
    calls = "".join(f"def g{n}(x, y):\n    return f(F.softmax(x, 1), y)\n\n" for n in range(size))
    return f"{HEAD}def f(x, y):\n{END}\n{calls}"


def mutual_recursion(size: int) -> str:
    """Every function calls two others in a ring."""
    ring = "".join(
        f"def f{n}(x, y):\n    if y:\n        return f{(n + 1) % size}(F.softmax(x, 1), y)\n"
        f"    x = f{(n * 7 + 3) % size}(x, y)\n{END}\n"
        for n in range(size)
    )
    return HEAD + ring


def huge_literal(size: int) -> str:
    """A table of numbers beside a loss."""
    rows = "".join(f"    ({n}, {n + 1}, 'name{n}'),\n" for n in range(size * 10))
    return f"{HEAD}TABLE = [\n{rows}]\n\ndef f(x, y):\n    x = x * TABLE[3][0]\n{END}"


def one_function(size: int) -> str:
    """One very long function."""
    return f"{HEAD}def f(x, y):\n" + "".join(f"    x = F.relu(x + {n})\n" for n in range(size)) + END


def one_cause(size: int) -> str:
    """One softmax in a model, and as many losses that get its result."""
    net = "class Net(nn.Module):\n    def forward(self, x):\n        return F.softmax(x, 1)\n\n\nnet = Net()\n\n\n"
    return HEAD + net + "".join(f"def f{n}(x, y):\n    return F.cross_entropy(net(x), y)\n\n" for n in range(size))


def one_script(size: int) -> str:
    """As many statements of a module, each with a loss."""
    return HEAD + "".join(f"x{n} = F.softmax(x, 1)\nloss{n} = F.cross_entropy(x{n}, y)\n" for n in range(size))


def one_class(size: int) -> str:
    """A class with as many methods, each of which sets what the next one uses."""
    head = f"{HEAD}class Net(nn.Module):\n    def step0(self, x, y):\n        self.x0 = F.softmax(x, 1)\n\n"
    return head + "".join(
        f"    def step{n + 1}(self, x, y):\n        self.x{n + 1} = self.x{n}\n"
        f"        return F.cross_entropy(self.x{n}, y)\n\n"
        for n in range(size)
    )


WORST: tuple[Callable[[int], str], ...] = (
    deep_nesting, call_chain, wide_union, many_callers, mutual_recursion, huge_literal, one_function,
    one_cause, one_script, one_class,
)  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--worst", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+")
    options = parser.parse_args()
    print(described())
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        start = min(once(OWN, _written(f"{HEAD}def f(x, y):\n{END}", root, 0)).processor for _ in range(3))
        if options.folder is not None:
            _print("copies", options.sizes or [1, 2, 4, 8], lambda n: _copies(options.folder, root, n), start)
        for case in WORST if options.worst else ():
            sizes = options.sizes or [100, 200, 400, 800]
            _print(case.__name__, sizes, lambda n, case=case: _written(case(n), root, n), start)  # type: ignore[misc]


def _print(name: str, sizes: list[int], make: Callable[[int], Path], start: float) -> None:
    costs = [max(once(OWN, make(size)).processor - start, 0.01) for size in sizes]
    pairs = zip(zip(sizes, costs, strict=True), zip(sizes[1:], costs[1:], strict=True), strict=False)
    slopes = [math.log(after / before) / math.log(larger / smaller) for (smaller, before), (larger, after) in pairs]
    row = ", ".join(f"{size}: {cost:.2f}" for size, cost in zip(sizes, costs, strict=True))
    print(f"{name}: {row}; exponents {', '.join(f'{slope:.2f}' for slope in slopes)}", flush=True)


def _copies(folder: Path, root: Path, number: int) -> Path:
    target = root / f"copies{number}"
    for copy in range(number):
        ignore = shutil.ignore_patterns(".lossadvisor_cache", ".git")
        shutil.copytree(folder, target / f"copy{copy}", ignore=ignore, dirs_exist_ok=True)
    return target


def _written(text: str, root: Path, size: int) -> Path:
    target = root / f"worst{size}"
    target.mkdir(exist_ok=True)
    (target / "worst.py").write_text(text, encoding="utf-8")
    return target


if __name__ == "__main__":
    main()
