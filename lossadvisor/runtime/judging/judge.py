"""All judges in their order; each one is asked, none may stop another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from lossadvisor.runtime.judging import inputs, relations, targets
from lossadvisor.runtime.judging.call import Call, Suspicion

_FOREIGN = (inputs.judge,)
"""Shapes, targets and options of other packages' losses are those packages' own."""

JUDGES: tuple[Callable[[Call], Iterator[Suspicion]], ...] = (relations.judge, inputs.judge, targets.judge)


def judge(call: Call) -> tuple[list[Suspicion], list[str]]:
    """The suspicions of one call, and the errors of judges that failed on it (reported, never raised)."""
    suspicions: list[Suspicion] = []
    errors: list[str] = []
    with torch.no_grad():
        for one in JUDGES if call.contract.library == "torch" else _FOREIGN:
            try:
                suspicions.extend(one(call))
            except Exception as error:
                errors.append(f"{one.__module__.rsplit('.', 1)[-1]}: {type(error).__name__}: {error}")
    return suspicions, errors
