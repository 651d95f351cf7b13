"""Executors by the words of the command line: `processes` on this machine, `dask://HOST:PORT` on a cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

_DASK = "dask://"


class ExecutorError(Exception):
    """There is no such executor, or it cannot be reached; the message is one line for a person."""


@contextmanager
def open_executor(name: str, jobs: int) -> Iterator[Executor]:
    """The executor of that name, closed at the end. `jobs` of 0 means one process for each processor."""
    if name == "processes":
        # Started fresh: a forked process would share open files and locks with this one.
        # They look for no modules in the working directory, which may be the one that is audited (Python 3.11).
        os.environ.setdefault("PYTHONSAFEPATH", "1")
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(jobs or os.cpu_count() or 1, mp_context=context)
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    elif name.startswith(_DASK):
        with _dask(name.removeprefix(_DASK)) as executor:
            yield executor
    else:
        raise ExecutorError(f"unknown executor {name!r}: write processes or dask://HOST:PORT")


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise ExecutorError("a cluster needs dask.distributed: pip install 'lossadvisor[dask]'") from None
    try:
        client = Client(f"tcp://{address}", timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise ExecutorError(f"no scheduler of dask at {address}: {error}") from None
    with client:
        yield client.get_executor()
