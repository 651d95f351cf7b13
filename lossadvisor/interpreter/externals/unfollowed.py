"""Calls that are not followed, and the places calls stand at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Opaque, Value
from lossadvisor.values import Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


def place_of(machine: Machine, node: cst.Call | None) -> Place:
    """Where the call stands: its node, else the call that led here."""
    if node is not None:
        return machine.place(node)
    if machine.calls:
        return machine.calls[-1]
    return machine.place(cst.Pass())


SPELLING = frozenset({"lower", "casefold", "strip"})
"""Methods that leave a choice the choice it is: who writes `name.lower() == "adam"` here and `name == "adam"` there
means the same."""


def unknown_call(machine: Machine, callee: Opaque, arguments: Arguments, node: cst.Call | None) -> Value:
    """A call of something unknown."""
    match callee.key:
        case (inner, ".", str() as name) if name in SPELLING and not arguments.args and not arguments.keywords:
            return Opaque(f"{callee.reason}()", inner, None, callee.origin)
        case (inner, ".", "upper") if not arguments.args and not arguments.keywords:
            return Opaque(f"{callee.reason}()", (inner, "upper"), None, callee.origin)
        case _:
            pass
    handed(machine, callee.reason, arguments, node)
    return Opaque(f"{callee.reason} is called" if callee.reason else "an unknown call")


def handed(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> None:
    """Values handed to something that is not followed: a model and a criterion among them belong together."""
    from lossadvisor.interpreter import trainers

    trainers.pair(machine, name, arguments, node)
