"""Programs of Python's whole grammar, judged without a traceback: by hypothesmith where it is installed.

    python -m tests.trust.generated --programs 5000

hypothesmith draws texts from the grammar (no names that mean anything, every statement there is) and from the trees of
libcst. Each is judged alone, and between lines that make a loss of it, so that the interpreter evaluates it. Prints
each crash with the program, and how many were tried.
"""

from __future__ import annotations

import argparse
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from .hostile import TooSlow, judge, within

BATCH = 250  # hypothesis keeps what it has drawn: gigabytes after some thousand programs
FRAME = "import torch.nn as nn\nimport torch.nn.functional as F\n{}\nloss = F.cross_entropy(F.softmax(A(x), 1), y)\n"


def try_all(strategy: st.SearchStrategy[str], programs: int, number: int, found: list[str]) -> Counter[str]:
    """Judge so many programs of a strategy; crashes are appended to `found`."""
    counts: Counter[str] = Counter()

    @seed(number)
    @settings(max_examples=programs, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              report_multiple_bugs=False)  # fmt: skip
    @given(strategy)
    def one(text: str) -> None:
        for whole in (text, FRAME.format(text)):
            counts["inputs"] += 1
            try:
                with within(30):
                    counts["findings"] += judge(whole.encode("utf-8", "surrogatepass"), "made.py", whole=True)
            except TooSlow:
                found.append(f"too slow:\n{whole}")
            except Exception:
                found.append(f"{traceback.format_exc(limit=-6)}\n{whole}")

    one()
    return counts


def strategies() -> dict[str, Callable[[], st.SearchStrategy[str]]]:
    """By name; raises ImportError without hypothesmith."""
    import hypothesmith

    return {"grammar": hypothesmith.from_grammar, "trees": hypothesmith.from_node}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--programs", type=int, default=1000, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    found: list[str] = []
    inputs = 0
    for name, strategy in strategies().items():
        counts: Counter[str] = Counter()
        for first in range(0, chosen.programs, BATCH):
            counts += try_all(strategy(), min(BATCH, chosen.programs - first), chosen.seed + first, found)
            print(f"{name}: {counts['inputs']} inputs, {counts['findings']} findings, {len(found)} crashes", flush=True)
        inputs += counts["inputs"]
    print("\n".join(found[:10]))
    print(f"{inputs} inputs, {len(found)} crashes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
