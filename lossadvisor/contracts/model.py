"""The shape of a contract. The rows themselves are data, one file per family beside this one."""

from __future__ import annotations

from dataclasses import dataclass

from lossadvisor.contracts.wants import Want

Constant = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a constructor or a function. `required` parameters have no default."""

    name: str
    default: Constant = None
    required: bool = False
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Port:
    """One tensor argument with what it wants. `class_axis` is the axis that holds the classes, where there is one.

    `role` is "prediction", "target" or "other" (variances, second embeddings, lengths).
    """

    name: str
    want: Want
    role: str
    class_axis: int | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """When `option` has the value `equals`, `port` wants `want` instead."""

    option: str
    equals: Constant
    port: str
    want: Want


@dataclass(frozen=True, slots=True)
class Contract:
    """What one loss promises and asks for.

    `classes` and `functionals` are qualified names, the canonical one first, aliases after it. `constructor` are the
    parameters of the class (without self), `call` those of its forward in order, `function` those of the functional.
    Ports are found by parameter name. `source` is the page that documents the contract.
    """

    id: str
    classes: tuple[str, ...]
    functionals: tuple[str, ...]
    constructor: tuple[Parameter, ...]
    call: tuple[Parameter, ...]
    function: tuple[Parameter, ...]
    ports: tuple[Port, ...]
    source: str
    switches: tuple[Switch, ...] = ()
    stable_twin: str | None = None  # contract id of the fused, stable form
    deprecated: tuple[str, ...] = ()  # deprecated parameter names

    def port(self, name: str) -> Port | None:
        """The port of that parameter name, or None."""
        return next((port for port in self.ports if port.name == name), None)

    def want(self, port: Port, options: dict[str, Constant]) -> Want:
        """What the port wants under these options; unwritten options have their defaults."""
        for switch in self.switches:
            if switch.port == port.name and self.option(switch.option, options) == switch.equals:
                return switch.want
        return port.want

    def option(self, name: str, options: dict[str, Constant]) -> Constant:
        """The value of an option: as written, else its default."""
        if name in options:
            return options[name]
        for parameter in (*self.constructor, *self.function):
            if parameter.name == name:
                return parameter.default
        return None
