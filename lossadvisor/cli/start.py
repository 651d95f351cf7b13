"""How the process of the command begins and ends, around everything that takes time."""

from __future__ import annotations

import gc


def entry() -> None:
    """Run the command line in a process that has nothing else to do.

    What is imported stays, and so does most of what a run makes: looking for garbage early finds nothing, at a price of
    two thirds of the time. At the end Python would free everything that
    the run has made, object by object: a tenth of the time for one file, seconds for a project. So the process is ended
    at once, unless somebody waits for that (a function of `atexit`, a thread, a profiler).
    """
    gc.set_threshold(2_000_000, 20, 100)
    from lossadvisor.cli.main import main

    try:
        main()
    except SystemExit as end:
        _leave(end.code)
        raise


def _leave(status: object) -> None:
    """End the process, if nobody waits for its end."""
    import atexit
    import os
    import sys
    import threading

    waiting = atexit._ncallbacks() or threading.active_count() > 1 or sys.gettrace() or sys.getprofile()
    if waiting or not isinstance(status, int):
        return
    try:
        print(end="", flush=True)
        print(end="", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass  # whoever reads has gone
    os._exit(status)
