"""Parameters of a function and the arguments that fill them; what is not given gets its default, or is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import annotated, composed
from lossadvisor.interpreter.guards import ALWAYS, Origin
from lossadvisor.interpreter.pythonlib import commandline
from lossadvisor.interpreter.scopes import Frame
from lossadvisor.interpreter.values import Dict, Func, Opaque, Seq, Union, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


def bind_parameters(
    machine: Machine, func: Func, parameters: cst.Parameters, receiver: Value | None, arguments: Arguments, frame: Frame
) -> None:
    """Bind arguments to parameters; missing ones get their default, or an unknown that keeps its identity."""
    given = [receiver, *arguments.args] if receiver is not None else list(arguments.args)
    keywords = dict(arguments.keywords)
    position = 0
    for parameter in (*parameters.posonly_params, *parameters.params):
        name = parameter.name.value
        if position < len(given) and given[position] is not None:
            frame.names[name] = given[position]
        elif name in keywords:
            frame.names[name] = keywords.pop(name)
        else:
            frame.names[name] = _missing(machine, func, parameter, arguments, receiver)
        position += 1
    if isinstance(parameters.star_arg, cst.Param):
        rest = Opaque("further arguments") if arguments.star else None
        extra = [value for value in given[position:] if value is not None]
        frame.names[parameters.star_arg.name.value] = Seq(extra, "tuple", rest)
    for parameter in parameters.kwonly_params:
        name = parameter.name.value
        if name in keywords:
            frame.names[name] = keywords.pop(name)
        else:
            frame.names[name] = _missing(machine, func, parameter, arguments, receiver)
    if parameters.star_kwarg is not None:
        rest = Opaque("further keyword arguments") if arguments.double else None
        frame.names[parameters.star_kwarg.name.value] = Dict(dict(keywords.items()), rest)


def _missing(
    machine: Machine, func: Func, parameter: cst.Param, arguments: Arguments, receiver: Value | None
) -> Value:
    found = _unfilled(machine, func, parameter, arguments)
    if not (arguments.star or arguments.double):
        return found
    usual = found.default if isinstance(found, Opaque) and parameter.default is not None else None
    given = machine.recipes.given(func, receiver, parameter.name.value, usual or found)
    return found if given is None else given


def _unfilled(machine: Machine, func: Func, parameter: cst.Param, arguments: Arguments) -> Value:
    name = parameter.name.value
    key = ("parameter", id(func.fragment), func.name, name)
    unknown = arguments.star or arguments.double
    if parameter.default is None:
        told = _told(machine, func, name) if func.decorators else None
        if told is not None:
            return told
        unfilled = Opaque(f"the parameter {name} of {func.name}", key, None, Origin.PARAMETER)
        return annotated.assumed(machine, func, parameter, unfilled)
    default = default_value(machine, func, parameter.default)
    if not unknown or isinstance(default, Union) or (isinstance(default, Opaque) and default.origin is Origin.CONFIG):
        return default
    return Opaque(f"the parameter {name} of {func.name}", key, default, Origin.PARAMETER)


def _told(machine: Machine, func: Func, name: str) -> Value | None:
    """What a decorator fills a parameter with: the default of an option, or a composed configuration."""
    return commandline.option_default(machine, func, name) or composed.parameter(machine, func)


def default_value(machine: Machine, func: Func, node: cst.BaseExpression) -> Value:
    """The value of a parameter's default, evaluated where the function was defined."""
    frame = Frame(func.scope, func.fragment, func, func.closure, ALWAYS)
    if func.owner is not None:
        frame.names.update({k: v for k, v in func.owner.members.items() if not isinstance(v, Func)})
    machine.frames.append(frame)
    try:
        return machine.evaluate(node)
    finally:
        machine.frames.pop()
