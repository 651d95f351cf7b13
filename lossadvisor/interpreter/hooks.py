"""Forward hooks: functions that see, and may replace, what a module returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Known, Layer, Obj, Opaque, Seq, Tensor, Union, Value
from lossadvisor.values import Domain, Dtype, Fact, Grad

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_HOOKS = "<hooks>"


def register(machine: Machine, receiver: Value, arguments: Arguments) -> Value:
    """module.register_forward_hook(hook)."""
    hook = arguments.get(0, "hook") or Opaque("a hook")
    match receiver:
        case Obj(attrs=attrs) | Layer(attrs=attrs):
            held = attrs.setdefault(_HOOKS, Seq([], "list"))
            if isinstance(held, Seq):
                held.items.append(hook)
        case Seq():
            receiver.rest = Opaque("layers with a forward hook")
        case _:
            _run_once(machine, hook)
    return Opaque("the handle of a hook")


def _run_once(machine: Machine, hook: Value) -> None:
    """A hook of a module that is not followed: it will see some output that a gradient flows through."""
    from lossadvisor.interpreter.calls import Arguments as Given
    from lossadvisor.interpreter.calls import call

    output = Tensor(Fact(Domain.REAL, dtype=Dtype.FLOAT, grad=Grad.FLOWS, reason="the output of a layer"))
    call(machine, hook, Given([Opaque("a layer"), Opaque("the input of a layer"), output], {}), None)


def applied(machine: Machine, module: Obj | Layer, arguments: Arguments, result: Value) -> Value:
    """What the module returns after its hooks have seen it."""
    hooks = module.attrs.get(_HOOKS)
    if not isinstance(hooks, Seq):
        return result
    from lossadvisor.interpreter.calls import Arguments as Given
    from lossadvisor.interpreter.calls import call

    for hook in hooks.items:
        answer = call(machine, hook, Given([module, Seq(list(arguments.args), "tuple"), result], {}), None)
        match answer:
            case Known(value=None):
                continue
            case Union(options=found) if any(isinstance(one, Known) for _, one in found):
                result = Opaque("what a forward hook returns")
            case Opaque():
                result = Opaque("what a forward hook returns is not known")
            case _:
                result = answer
    return result
