"""Whether two classes or functions are one and the same: `op is nn.Softmax`, `kind in (nn.ReLU, nn.GELU)`."""

from __future__ import annotations

from lossadvisor.interpreter.values import Cls, External, Func, Known, Seq, Union, Value

_DISTINCT = ("torch.nn.", "builtins.")
"""Where names that end differently are different things; elsewhere they may be one (`torch.float`, `torch.float32`)."""


def same(a: Value, b: Value) -> bool | None:
    """Whether they are one thing; None when that is not certain, or when they are no classes or functions."""
    match a, b:
        case External(first), External(second):
            apart = first.startswith(_DISTINCT) and second.startswith(_DISTINCT)
            alike = first.rsplit(".", 1)[-1] == second.rsplit(".", 1)[-1]
            return True if first == second else False if apart and not alike else None
        case Cls(name=mine), Cls(name=other):
            return True if a is b else None if mine == other else False
        case Func(name=mine), Func(name=other):
            return True if a is b else None if mine == other else False
        case (Cls() | Func(), External(name)) | (External(name), Cls() | Func()):
            return False if name.startswith(_DISTINCT) else None
        case (Cls() | Func(), Known()) | (Known(), Cls() | Func()):
            return False
        case _:
            return None


def among(one: Value, several: Seq) -> bool | None:
    """Whether it is one of these; None when that is not certain."""
    found = [same(one, other) if not isinstance(other, Union) else None for other in several.items]
    if True in found:
        return True
    return False if several.rest is None and None not in found else None
