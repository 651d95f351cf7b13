"""Functions of torch that call what they are given. Sources: the pages of these names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.pythonlib.given import Handler
from lossadvisor.interpreter.values import Dict, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_OWN = frozenset({"use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug", "early_stop"})


def _checkpointed(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """checkpoint(function, *args, **kwargs): function(*args, **kwargs)."""
    keywords = {name: value for name, value in arguments.keywords.items() if name not in _OWN | {"function"}}
    target = arguments.get(0, "function")
    return _called(machine, target, arguments.args[1:], keywords, node, arguments)


def _in_segments(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """checkpoint_sequential(functions, segments, input): one after the other."""
    source, value = arguments.get(0, "functions"), arguments.get(2, "input")
    if value is None:
        return Opaque("no input")
    if isinstance(source, Seq) and source.rest is None and source.kind != "Sequential":
        for one in source.items:
            value = _called(machine, one, [value], {}, node, None)
        return value
    return _called(machine, source, [value], {}, node, None)


def _with_parameters(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """functional_call(module, parameters, args, kwargs): module(*args, **kwargs)."""
    keywords = arguments.get(3, "kwargs")
    named = {str(name): value for name, value in keywords.items.items()} if isinstance(keywords, Dict) else {}
    return _called(machine, arguments.get(0, "module"), _listed(arguments.get(2, "args")), named, node, None)


def _in_parallel(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """data_parallel(module, inputs): module(*inputs)."""
    return _called(machine, arguments.get(0, "module"), _listed(arguments.get(1, "inputs")), {}, node, None)


def _listed(given: Value | None) -> list[Value]:
    """A tuple of arguments, or the one argument."""
    if given is None:
        return []
    return list(given.items) if isinstance(given, Seq) and given.rest is None else [given]


def _called(
    machine: Machine, target: Value | None, args: list[Value], keywords: dict[str, Value], node: cst.Call | None,
    given: Arguments | None,
) -> Value:
    from lossadvisor.interpreter.calls import Arguments, call

    if target is None:
        return Opaque("nothing is called")
    star, double = (False, False) if given is None else (given.star, given.double)
    return call(machine, target, Arguments(args, keywords, star, double), node)


FUNCTIONS: dict[str, Handler] = {
    "torch.utils.checkpoint.checkpoint": _checkpointed,
    "torch.utils.checkpoint.checkpoint_sequential": _in_segments,
    "torch.func.functional_call": _with_parameters,
    "torch.nn.utils.stateless.functional_call": _with_parameters,
    "torch.nn.parallel.data_parallel": _in_parallel,
}
