"""What is followed again and again though nothing comes of it: plumbing.

Checks of an environment, the merging of settings, the choice of a kernel: large projects do these before every step
that a rule could speak of, for each of a thousand classes anew, and would spend most of their budget there. A function
that names no operation on tensors, under which none was ever seen, and which never gave anything from which a tensor
can come may take a certain number of steps over a whole run (in a portion, its part of them): its own and those of
other plumbing that it calls, not those of anything else. From then on what it gives is unknown.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING

from lossadvisor.contracts import CONTRACTS
from lossadvisor.interpreter import classes, mentions, objects
from lossadvisor.interpreter.events import Applied, Constructed, Event, LossCall
from lossadvisor.interpreter.values import Cls, Dict, Layer, Obj, Opaque, Seq, Single, Tensor, Value, options
from lossadvisor.late import dataclass
from lossadvisor.transfers import FUNCTIONS, LAYERS, METHODS

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.project import Fragment

MOST = 3_200  # steps of one such function over a run: some fifteen times what one that picks a loss needs
_DEEP = 2  # levels of a container that are looked through


@dataclass(slots=True)
class Plumbing:
    """What has been spent on functions, and which of them cannot be plumbing."""

    most: int
    spent: dict[Fragment, int] = field(default_factory=dict)
    telling: set[Fragment] = field(default_factory=set)
    elsewhere: int = 0  # steps spent in calls that are no plumbing, each counted once


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a call began."""

    steps: int
    elsewhere: int
    events: int


def entered(machine: Machine) -> Mark:
    """A call begins."""
    return Mark(machine.steps, machine.plumbing.elsewhere, len(machine.events))


def left(machine: Machine, fragment: Fragment, mark: Mark, value: Value | None) -> None:
    """A call ended and gave this value (an initializer: its object), or None when it did not come to its end."""
    plumbing = machine.plumbing
    took = machine.steps - mark.steps - (plumbing.elsewhere - mark.elsewhere)
    if fragment not in plumbing.telling:
        happened = any(map(_about_tensors, machine.events[mark.events :]))
        if not happened and (value is None or not _tells(machine, value)) and _names_nothing(machine, fragment):
            plumbing.spent[fragment] = plumbing.spent.get(fragment, 0) + took
            return
        plumbing.telling.add(fragment)
    plumbing.elsewhere += took


def exhausted(machine: Machine, fragment: Fragment) -> bool:
    """Whether calls of the function are followed no more."""
    return machine.plumbing.spent.get(fragment, 0) > machine.plumbing.most and fragment not in machine.plumbing.telling


def _about_tensors(event: Event) -> bool:
    """Whether it is work on tensors; what is asked of a module, or logged, or counted is none."""
    match event:
        case LossCall() | Applied():
            return True
        case Constructed(name=name):
            return name.startswith("torch.nn.")
        case _:
            return False


def _tells(machine: Machine, value: Value, deep: int = _DEEP) -> bool:
    """Whether it is or holds a tensor, a layer, a class, or an object that can be called."""
    return any(_one_tells(machine, single, deep) for _, single in options(value))


def _one_tells(machine: Machine, single: Single, deep: int) -> bool:
    match single:
        case Tensor() | Layer() | Cls():
            return True
        case Opaque(default=default) if default is not None:
            return _tells(machine, default, deep)
        case Obj(cls=cls, attrs=attrs):
            if any(classes.class_member(machine, cls, name) is not None for name in ("forward", "__call__")):
                return True
            held = list(attrs.values())
        case Seq(items=items, rest=rest):
            held = items if rest is None else [*items, rest]
        case Dict(items=entries, rest=rest):
            held = list(entries.values()) if rest is None else [*entries.values(), rest]
        case _:
            return False
    return deep > 0 and any(_tells(machine, one, deep - 1) for one in held)


def _names_nothing(machine: Machine, fragment: Fragment) -> bool:
    return _vocabulary().isdisjoint(mentions.of(machine, fragment).words)


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """The words of code that works on tensors: losses, layers, operations."""
    losses = (name.rsplit(".", 1)[-1] for contract in CONTRACTS for name in contract.names())
    functions = (name.rsplit(".", 1)[-1] for name in (*FUNCTIONS, *METHODS))
    layers = (name.rsplit(".", 1)[-1] for name in LAYERS)
    return frozenset({"nn", "F", "forward"}).union(losses, layers, functions) - objects.PLAIN
