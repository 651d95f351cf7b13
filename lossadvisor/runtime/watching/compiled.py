"""What watching does about torch.compile.

A loss inside a compiled region runs as part of a graph: there is no call left to look at, and putting one there would
break the graph or change what the compiler fuses, and with it the last bits of the results. So the taps step aside
while a region is traced and while it runs. Who wants these losses looked at lets the regions run eagerly on the first
steps; torch offers that as a stance (torch.compiler.set_stance, torch 2.6 and later).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal

import torch

Compiled = Literal["skip", "eager"]
SKIPPED = "torch.compile was at work: losses called inside compiled code are not looked at"
HINT = "; watch(compiled='eager') or run --compiled eager runs the first steps uncompiled and looks at them"
EAGER = "compiled code ran uncompiled on the first steps, so that its losses could be looked at"


def compilations() -> int:
    """How many graphs Dynamo has compiled so far; 0 when it was never loaded."""
    module = sys.modules.get("torch._dynamo.utils")
    return 0 if module is None else int(module.counters["stats"]["unique_graphs"])


def run_eagerly() -> Callable[[], None]:
    """Let compiled functions run as they are written until the returned callable is called (twice is harmless).

    Raises ValueError where torch has no stances.
    """
    set_stance: Any = getattr(torch.compiler, "set_stance", None)
    if set_stance is None:
        raise ValueError(f"compiled='eager' needs torch 2.6, this is {torch.__version__}")
    stance = set_stance("force_eager")
    over = False

    def back() -> None:
        nonlocal over
        if not over:
            over = True
            stance.__exit__(None, None, None)

    return back
