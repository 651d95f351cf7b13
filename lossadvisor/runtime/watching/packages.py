"""Losses of other packages under watch: their forward methods and functions, where the program has imported them.

Only those are tapped whose contract says what the prediction must be; the others are left to the losses of torch that
they call inside.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any

import torch

from lossadvisor.contracts import LIBRARIES, PACKAGES, Contract
from lossadvisor.runtime.judging import inputs
from lossadvisor.runtime.judging.call import Call

_KINDS = (bool, int, float, str, type(None))
Owners = Mapping[type, Contract]
"""Class -> contract, for a forward method that several classes share."""


def imported(known: set[str]) -> set[str]:
    """The packages of losses that the program has imported and that are not among `known`."""
    return {package for package in PACKAGES if package in sys.modules} - known


def functions(packages: set[str]) -> Iterator[tuple[FunctionType, Contract]]:
    """The loss functions of these packages."""
    for contract, found in _found(packages, lambda contract: contract.functionals):
        if isinstance(found, FunctionType):
            yield found, contract


def forwards(packages: set[str]) -> Mapping[FunctionType, Owners]:
    """The forward methods of the loss modules of these packages, with the classes that each serves."""
    table: dict[FunctionType, dict[type, Contract]] = {}
    for contract, found in _found(packages, lambda contract: contract.classes):
        method = getattr(found, "forward", None)
        if isinstance(found, type) and isinstance(method, FunctionType) and method.__module__.split(".")[0] in packages:
            table.setdefault(method, {})[found] = contract
    return table


def _found(packages: set[str], names: Callable[[Contract], tuple[str, ...]]) -> Iterator[tuple[Contract, Any]]:
    for contract in LIBRARIES:
        if contract.library.partition(".")[0] not in packages or not _claims(contract):
            continue
        for name in names(contract):
            module, _, attribute = name.rpartition(".")
            found = getattr(sys.modules.get(module), attribute, None)
            if found is not None:
                yield contract, found
                break


def _claims(contract: Contract) -> bool:
    wants = {contract.ports[0].want, *(switch.want for switch in contract.switches if switch.port == "input")}
    return not wants.isdisjoint(inputs.PACKAGES)


def owner(owners: Owners, module: object) -> Contract | None:
    """The contract of the class of `module`, or of the nearest parent that has one."""
    return next((owners[kind] for kind in type(module).__mro__ if kind in owners), None)


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def bind(
    contract: Contract, original: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Call | None:
    """The call by ports and options. The options of a module are read from its attributes of the same names; those
    that it does not keep are unknown."""
    try:
        bound = _signature(original).bind(*args, **kwargs)
    except TypeError:
        return None
    bound.apply_defaults()
    values = dict(bound.arguments)
    module = values.pop("self", None)
    parameters = contract.function if module is None else contract.call
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name in values:
            port = contract.feeds(parameter)
            arguments[parameter.name if port is None else port.name] = values[parameter.name]
    unknown = []
    for option in contract.constructor if module is not None else ():
        value = getattr(module, option.name, _KINDS)
        if isinstance(value, _KINDS):
            arguments.setdefault(option.name, value)
        else:
            unknown.append(option.name)
    return Call(contract, arguments, torch.is_grad_enabled(), tuple(unknown))
