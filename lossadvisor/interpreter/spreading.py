"""A star before one of two sequences: the call is made with the elements of each, under its guard.

`layers += [nn.Sigmoid()]` under a condition, then `nn.Sequential(*layers)`: two networks, of which one is meant.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.guards import Guard, conjoin
from lossadvisor.interpreter.values import Opaque, Seq, Union, Value, union

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_MOST = 2  # sequences: with each of them everything that follows is done once more


def apart(machine: Machine, arguments: Arguments, spread: Union) -> list[tuple[Guard, Arguments]]:
    """The arguments with each sequence in the place of the star; none where there are too many or one is open."""
    found: list[tuple[Guard, Arguments]] = []
    alternatives = machine.each(spread)
    for guard, single in alternatives if len(alternatives) <= _MOST else []:
        if not isinstance(single, Seq) or single.rest is not None or single.grown:
            return []
        args = [*arguments.args[: arguments.gap], *single.items, *arguments.args[arguments.gap :]]
        found.append((guard, replace(arguments, args=args, star=False, spread=single, gap=None, places={})))
    return found


def call_each(machine: Machine, callee: Value, several: list[tuple[Guard, Arguments]], node: cst.Call) -> Value:
    """The same call with each of several arguments, under the guard of each."""
    from lossadvisor.interpreter import calls

    found: list[tuple[Guard, Value]] = []
    saved, chosen = machine.path, machine.chosen
    for guard, arguments in several:
        here = conjoin(saved, guard)
        if here is None:
            continue
        machine.path, machine.chosen = here, chosen | (here - saved)
        found.append((guard, calls.call(machine, callee, calls.narrowed(machine, arguments), node)))
        machine.path, machine.chosen = saved, chosen
    return union(found) if found else Opaque("a call that cannot happen")
