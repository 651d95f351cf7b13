"""Which callers of a large project get a turn after all: those that know what a loss is given.

Callers share a budget, and in a large project most of them go without a turn. What other kinds of roots leave over is
spent on those that call a function whose loss is not understood without its arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from lossadvisor.interpreter import mentions
from lossadvisor.interpreter.events import Event, LossCall
from lossadvisor.interpreter.values import Opaque, options

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.project.relevance import Unit


def unresolved(events: Iterable[Event]) -> bool:
    """Whether the prediction of a loss call may be something that is not known to be a tensor."""
    return any(
        isinstance(single, Opaque) and single.default is None
        for event in events
        if isinstance(event, LossCall)
        for name, argument in event.arguments.items()
        if (port := event.contract.port(name)) is not None and port.role == "prediction"
        for _, single in options(argument.value)
    )


def direct(machine: Machine, units: Iterable[Unit], names: Collection[str]) -> list[Unit]:
    """The units, each once, that call one of those names themselves."""
    found = {
        unit.statement: unit
        for unit in units
        if unit.depth == 1 and not mentions.of(machine, unit.statement.fragment).words.isdisjoint(names)
    }
    return list(found.values())
