"""Functions that others call: what is handed to a process, a thread or a launcher runs with the arguments given there.

Sources: the pages of threading.Thread, multiprocessing.Process and torch.multiprocessing (`target`, `args`, `kwargs`),
of torch.multiprocessing.spawn and torch_xla's (`fn(rank, *args)`), and of accelerate's notebook_launcher.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.pythonlib.given import Handler
from lossadvisor.interpreter.values import NONE, Dict, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


def _started(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """Process(group, target, name, args, kwargs): when it starts, it calls target(*args, **kwargs)."""
    target = arguments.get(1, "target")
    if target is not None and target != NONE:
        _run(machine, target, [], arguments.get(3, "args"), arguments.get(4, "kwargs"), node)
    return Opaque("a process")


def _spawned(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """spawn(fn, args): fn(rank, *args) in every process."""
    target = arguments.get(0, "fn")
    if target is not None:
        _run(machine, target, [Opaque("the rank of a process")], arguments.get(1, "args"), None, node)
    return NONE


def _launched(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """notebook_launcher(function, args): function(*args)."""
    target = arguments.get(0, "function")
    if target is not None:
        _run(machine, target, [], arguments.get(1, "args"), None, node)
    return NONE


def _run(
    machine: Machine, target: Value, leading: list[Value], args: Value | None, keywords: Value | None,
    node: cst.Call | None,
) -> None:
    from lossadvisor.interpreter.calls import Arguments, call

    known = isinstance(args, Seq) and args.rest is None
    given = Arguments([*leading, *(args.items if isinstance(args, Seq) and known else ())], {})
    given.star = args is not None and not known
    if isinstance(keywords, Dict):
        given.keywords = {str(name): value for name, value in keywords.items.items()}
    given.double = keywords is not None and not (isinstance(keywords, Dict) and keywords.rest is None)
    call(machine, target, given, node)


FUNCTIONS: dict[str, Handler] = {
    "threading.Thread": _started,
    "multiprocessing.Process": _started,
    "torch.multiprocessing.Process": _started,
    "torch.multiprocessing.spawn": _spawned,
    "torch.multiprocessing.start_processes": _spawned,
    "torch_xla.distributed.xla_multiprocessing.spawn": _spawned,
    "accelerate.notebook_launcher": _launched,
}
