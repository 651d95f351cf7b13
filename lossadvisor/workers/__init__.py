"""Many independent pieces of work on any executor of `concurrent.futures`."""

from lossadvisor.workers.executors import ExecutorError, open_executor
from lossadvisor.workers.fleet import Done, work

__all__ = ["Done", "ExecutorError", "open_executor", "work"]
