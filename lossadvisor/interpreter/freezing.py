"""Modules whose parameters ask for no gradient: teachers, target networks, perceptual features."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import (
    Bound,
    Dict,
    Known,
    Layer,
    Obj,
    Opaque,
    Seq,
    Tensor,
    Union,
    Value,
    options,
    union,
)
from lossadvisor.patterns import pattern
from lossadvisor.project.parsing import parse_expression
from lossadvisor.values import Grad

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_FROZEN = "<frozen>"
_PARAMETERS = pattern(r"([A-Za-z_][\w.\[\]\"']*)\.(?:named_)?parameters\(\)")
_ASKED = pattern(r"\.requires_grad(?:_\((True|False|)\)|_\(|=(?!=)(True\b|False\b)?)")
_BRANCHES = (cst.If, cst.IfExp, cst.Break, cst.Continue, cst.Try)
_DEPTH = 6


def ask(machine: Machine, value: Value, wanted: bool | None, depth: int = 0, seen: set[int] | None = None) -> None:
    """The parameters of a module and of its children ask for a gradient from now on, or not; None: nobody knows."""
    seen = set() if seen is None else seen
    if depth > _DEPTH or id(value) in seen:
        return
    seen.add(id(value))
    match value:
        case Layer(attrs=attrs, base=base) | Obj(attrs=attrs, base=base):
            here = None if machine.path - base else wanted
            if here is True:
                attrs.pop(_FROZEN, None)
            else:
                attrs[_FROZEN] = Known(True) if here is False else Opaque("parameters of which some may be frozen")
            for name, child in list(attrs.items()):
                if isinstance(child, Tensor):
                    attrs[name] = _leaf(child, here)
                else:
                    ask(machine, child, here, depth + 1, seen)
        case Seq(items=items):
            for child in items:
                ask(machine, child, wanted, depth + 1, seen)
        case Dict(items=items):
            for child in items.values():
                ask(machine, child, wanted, depth + 1, seen)
        case Union(options=found):
            for _, single in found:
                ask(machine, single, None, depth + 1, seen)
        case _:
            return


def _leaf(tensor: Tensor, wanted: bool | None) -> Tensor:
    """A parameter that is kept on a module by itself."""
    if tensor.fact.grad is not Grad.FLOWS or wanted is True:
        return tensor
    return Tensor(replace(tensor.fact, grad=Grad.DETACHED if wanted is False else Grad.UNKNOWN))


def frozen(value: Layer | Obj) -> bool:
    """Whether the parameters of the module ask for no gradient."""
    return value.attrs.get(_FROZEN) == Known(True)


def called(machine: Machine, callee: Value, arguments: Arguments) -> None:
    """`module.requires_grad_(False)`."""
    given = arguments.get(0, "requires_grad")
    wanted = True if given is None else bool(given.value) if isinstance(given, Known) else None
    for single in machine.branches(callee):
        if isinstance(single, Bound):
            ask(machine, single.receiver, wanted)


def _branches(body: cst.CSTNode) -> bool:
    """Whether only some turns of a loop may come to its end."""
    return isinstance(body, _BRANCHES) or any(_branches(child) for child in body.children)


def loop(machine: Machine, node: cst.For) -> None:
    """`for p in module.parameters(): p.requires_grad = False`."""
    source = cst.Module(()).code_for_node(node.iter)
    modules = _PARAMETERS.findall(source)
    if not modules:
        return
    text = cst.Module(()).code_for_node(node.body).replace(" ", "")
    found = [match.group(1) if match.group(1) is not None else match.group(2) for match in _ASKED.finditer(text)]
    if not found:
        return
    whole = _PARAMETERS.fullmatch(source) is not None and not _branches(node.body)
    words = {word or ("True" if word == "" else None) for word in found}
    wanted = None if not whole or len(words) != 1 else {"True": True, "False": False}.get(str(words.pop()))
    for module in modules:
        for single in machine.branches(machine.evaluate(parse_expression(module))):
            ask(machine, single, wanted)


def through(layer: Layer, given: Value, result: Value) -> Value:
    """What a frozen layer returns: gradients flow only to its input."""
    state = layer.attrs.get(_FROZEN)
    came = [single for _, single in options(given)]
    flows = [isinstance(single, Tensor) and single.fact.grad is Grad.FLOWS for single in came]
    if state is None or all(flows):
        return result
    unknown = any(flows) or state != Known(True) or any(map(_perhaps_trained, came))
    return _ending(result, Grad.UNKNOWN if unknown else Grad.DETACHED)


def _perhaps_trained(value: Value) -> bool:
    """What an unknown call gives may come from something that is trained; data has a name of its own."""
    match value:
        case Opaque(key=key):
            return key is None
        case Tensor(fact):
            return fact.grad is Grad.UNKNOWN and bool(fact.trail)
        case _:
            return False


def _ending(result: Value, grad: Grad) -> Value:
    match result:
        case Tensor(fact) if fact.grad is Grad.FLOWS:
            return Tensor(replace(fact, grad=grad))
        case Union(options=found):
            return union([(guard, _ending(single, grad)) for guard, single in found])
        case _:
            return result
