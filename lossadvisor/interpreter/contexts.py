"""What a `with` block or a decorator switches on: autocast, no gradients, gradients again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.guards import ALWAYS, Condition, Guard, Origin
from lossadvisor.interpreter.values import Dict, External, Func, Layer, Opaque, Seq, Single, Tensor, Union, Value
from lossadvisor.values import Fact, Grad

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

NO_GRAD = "no_grad"
GRAD = "enable_grad"
AUTOCAST = "autocast"
NO_CAST = "autocast off"
MAYBE = "set_grad_enabled"
EVALUATION = "evaluation"
"""A framework calls the method in evaluation mode."""
SWITCH = "switch"
"""The key of a condition that switches a context on and is not followed."""

# Names (last parts) of what switches a context on. Sources: the pages of torch.no_grad, torch.inference_mode,
# torch.enable_grad, torch.set_grad_enabled and torch.autocast.
_NAMES = {"no_grad": NO_GRAD, "inference_mode": NO_GRAD, "enable_grad": GRAD, "autocast": AUTOCAST}


def entered(value: Value, text: str) -> tuple[str, ...]:
    """The contexts that `with text:` enters; `value` is what the text evaluates to."""
    head = text.split("(", maxsplit=1)[0].rsplit(".", 1)[-1]
    if head == "set_grad_enabled":
        inside = text.partition("(")[2].rstrip(") ")
        return (NO_GRAD,) if inside == "False" else (GRAD,) if inside == "True" else (MAYBE,)
    found = _NAMES.get(head)
    if found is AUTOCAST and not _for_cuda(text):
        return (NO_CAST,)
    if found is None and isinstance(value, Layer):
        found = _NAMES.get(value.name.rsplit(".", 1)[-1])
    return () if found is None else (found,)


# Sources: the pages of pytest.raises and unittest.TestCase.
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex"})


def expects_an_error(text: str) -> bool:
    """Whether `with text:` passes only when its body raises."""
    return text.split("(", maxsplit=1)[0].rsplit(".", 1)[-1].strip() in _RAISES


def casting(words: Sequence[str]) -> bool:
    """Whether autocast is on: what has been entered last says so."""
    return next((word == AUTOCAST for word in reversed(words) if word in (AUTOCAST, NO_CAST)), False)


def _for_cuda(text: str) -> bool:
    """Autocast that is neither for the processor nor switched off."""
    compact = text.replace(" ", "").replace("'", '"')
    if "enabled=False" in compact or "(False" in compact:
        return False
    return '"cpu"' not in compact and ".cpu." not in compact


# Forms of autocast whose first argument is the switch. Source: the page of torch.cuda.amp.
_SWITCH_FIRST = frozenset({"torch.cuda.amp.autocast", "torch.cuda.amp.autocast_mode.autocast"})


def switched(machine: Machine, node: cst.BaseExpression) -> Guard | None:
    """Under which conditions `autocast(enabled=...)` is switched on; None: it never is here."""
    from lossadvisor.interpreter import truth

    if not isinstance(node, cst.Call):
        return ALWAYS
    written = next((arg.value for arg in node.args if arg.keyword is not None and arg.keyword.value == "enabled"), None)
    if written is None and node.args and node.args[0].keyword is None and not node.args[0].star:
        callee = machine.evaluate(node.func)
        if isinstance(callee, External) and callee.name in _SWITCH_FIRST:
            written = node.args[0].value
    if written is None:
        return ALWAYS
    on, off = truth.ways(machine, written)
    if on is None or machine.under(on) is None:
        return None
    on = ALWAYS if off is None else on - machine.path
    if any(condition.key[0] == "at" for condition, _ in on):  # a switch all the same, whoever turns it
        return frozenset({(Condition((SWITCH, id(node)), None, Origin.PARAMETER, "enabled"), True)})
    return on


def decorated(func: Func) -> tuple[str, ...]:
    """The contexts that the decorators of a function switch on."""
    found: tuple[str, ...] = ()
    for text in func.decorators:
        head = text.split("(")[0].rsplit(".", 1)[-1]
        if head in _NAMES:
            found += entered(Opaque(text), text)
    return found


def without_grad(machine: Machine) -> bool:
    """True where no gradient is recorded."""
    for name in reversed(machine.contexts):
        if name in (NO_GRAD, GRAD):
            return name == NO_GRAD
    return False


def sealed(machine: Machine, value: Value) -> Value:
    """What is made where no gradient is recorded has none."""
    if not machine.contexts or not without_grad(machine):
        return value
    return _detached(value)


def _detached(value: Value) -> Value:
    if isinstance(value, Union):
        return Union(tuple((guard, _detached_single(single)) for guard, single in value.options))
    return _detached_single(value)


def _detached_single(single: Single) -> Single:
    match single:
        case Tensor(fact) if fact.grad is Grad.FLOWS:
            return Tensor(replace(fact, grad=Grad.DETACHED))
        case Seq(items=items, kind=kind, rest=rest, base=base, grown=grown) if kind in ("tuple", "list"):
            return Seq([_detached(item) for item in items], kind, rest, base, grown=grown)
        case Dict(items=named, rest=rest, base=base, kind=kind):
            return Dict({key: _detached(item) for key, item in named.items()}, rest, base, kind)
        case _:
            return single


def fact_in(machine: Machine, fact: Fact) -> Fact:
    """The same for a fact."""
    if machine.contexts and fact.grad is Grad.FLOWS and without_grad(machine):
        return replace(fact, grad=Grad.DETACHED)
    return fact


__all__ = [
    "AUTOCAST", "EVALUATION", "GRAD", "MAYBE", "NO_CAST", "NO_GRAD", "SWITCH", "casting", "decorated", "entered",
    "fact_in", "sealed", "switched", "without_grad",
]
