"""A user's script, unchanged, under `watch`."""

from __future__ import annotations

import runpy
import sys
import traceback
from pathlib import Path

from lossadvisor.late import dataclass
from lossadvisor.runtime.watching.report import WatchReport
from lossadvisor.runtime.watching.watch import Watch


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a script: the report, and its own exit status (1 for an uncaught exception)."""

    report: WatchReport
    status: int


class Enough(BaseException):
    """Ends the script after the steps asked for; no `except Exception` of the script catches it."""


def run_script(script: Path, arguments: list[str], watching: Watch, steps: int | None = None) -> Run:
    """Run `script` as `python script arguments...` would, watched; stop after `steps` backward passes when given.

    The script's own uncaught exception is printed as Python prints it and gives status 1; sys.exit keeps its status.
    """
    kept_arguments, kept_path = sys.argv, list(sys.path)
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    stop = None if steps is None else _stop_after(steps)
    try:
        with watching:
            status = _run(script)
    finally:
        if stop is not None:
            stop()
        sys.argv, sys.path[:] = kept_arguments, kept_path
    return Run(watching.report, status)


def _run(script: Path) -> int:
    try:
        runpy.run_path(str(script), run_name="__main__")
    except Enough:
        return 0
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except Exception as error:
        inner = error.__traceback__
        while inner is not None and inner.tb_frame.f_code.co_filename != str(script):
            inner = inner.tb_next
        traceback.print_exception(type(error), error, inner or error.__traceback__)
        return 1
    return 0


def _stop_after(steps: int):  # type: ignore[no-untyped-def]
    """End the script when the optimizer has stepped `steps` times."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    taken = 0

    def hook(*_: object) -> None:
        nonlocal taken
        taken += 1
        if taken >= steps:
            raise Enough

    return register_optimizer_step_post_hook(hook).remove
