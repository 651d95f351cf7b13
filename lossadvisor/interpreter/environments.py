"""Environments of Gym and Gymnasium. Sources: the pages of `make`, `Env` and of the wrappers (gymnasium.farama.org)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Layer, Opaque, Seq, Value
from lossadvisor.values import Dtype, Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments

_PACKAGES = ("gym", "gymnasium")
_ENVIRONMENT = "gymnasium.Env"
# Wrappers of one environment, whose reward stays one number.
_WRAPPERS = tuple(f"{package}.wrappers." for package in _PACKAGES)


def made(name: str, arguments: Arguments, place: Place) -> Layer | None:
    """The environment that `gym.make` returns; what makes several at once is another function."""
    if name not in tuple(f"{package}.make" for package in _PACKAGES):
        return None
    return Layer(_ENVIRONMENT, list(arguments.args), dict(arguments.keywords), place)


def is_one(value: Value) -> bool:
    """Whether a value is one environment, however wrapped."""
    if not isinstance(value, Layer):
        return False
    if value.name == _ENVIRONMENT:
        return True
    if not value.name.startswith(_WRAPPERS) or ".vector." in value.name:
        return False
    inner = value.args[0] if value.args else value.keywords.get("env")
    return inner is not None and is_one(inner)


def method(layer: Layer, last: str) -> Value | None:
    """What `step` returns: an observation, a reward that is one number, and what says whether the episode ends."""
    if last != "step" or not is_one(layer):
        return None
    told: list[Value] = [Opaque("an observation"), Opaque("a reward", number=Dtype.FLOAT)]
    return Seq(told, "tuple", Opaque("what else step tells"))
