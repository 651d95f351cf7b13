"""How the rows of other packages are written: signatures as Python writes them, ports called `input` and `target`.

In a signature, `name: port` says which port a parameter feeds when they are called differently, `*` starts the
keyword-only parameters and `...` is a default that is no constant.
"""

from __future__ import annotations

from functools import cache

from lossadvisor.contracts.model import Constant, Contract, Family, Mismatch, Parameter, Port, Shapes, Switch
from lossadvisor.contracts.wants import Want
from lossadvisor.late import dataclass
from lossadvisor.values import Dtype

_WORDS: dict[str, Constant] = {"None": None, "True": True, "False": False}
_FLOAT = (Dtype.FLOAT,)


@dataclass(frozen=True, slots=True)
class Package:
    """A package of losses: where it exports them, where its modules lie, and the page that documents them."""

    name: str
    exports: tuple[str, ...]
    root: str
    source: str


def signature(text: str) -> tuple[Parameter, ...]:
    """The parameters written in `text`, such as `"pred: input, target, gamma=2.0, *, reduction='mean'"`."""
    if not text:
        return ()
    head, star, tail = f", {text}".partition(", *")
    positional = tuple(_parameter(part, False) for part in head.split(", ") if part)
    return (*positional, *(_parameter(part, True) for part in tail.split(", ") if part)) if star else positional


@cache  # the same few hundred words return in many rows
def _parameter(text: str, keyword_only: bool) -> Parameter:
    left, equals, right = text.partition("=")
    name, _, port = left.partition(": ")
    opaque = right == "..."
    return Parameter(
        name=name,
        default=_constant(right) if equals and not opaque else None,
        required=not equals,
        keyword_only=keyword_only,
        opaque=opaque,
        port=port or None,
    )


def _constant(text: str) -> Constant:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == "'":
        return text[1:-1]
    return int(text) if text.lstrip("-").isdigit() else float(text)


def loss(
    package: Package,
    name: str,
    *,
    family: Family,
    prediction: Want,
    target: Want | None,
    module: str = "",
    aliases: tuple[str, ...] = (),
    constructor: str = "",
    call: str = "",
    function: str = "",
    parameters: str = "",
    axis: int | None = None,
    target_dtypes: tuple[Dtype, ...] = (),
    others: tuple[Port, ...] = (),
    switches: tuple[Switch, ...] = (),
    stable_twin: str | None = None,
    reduction: str = "mean",
    value_range: tuple[float | None, float | None] = (None, None),
    shapes: Shapes = Shapes.EQUAL,
    mismatch: Mismatch = Mismatch.UNKNOWN,
    plain: bool = False,
) -> Contract:
    """One loss of a package; `name` is its class, `function` its functional, either may be empty."""
    ports = [Port("input", prediction, "prediction", axis, () if prediction is Want.ANY else _FLOAT)]
    if target is not None:
        ports.append(Port("target", target, "target", dtypes=target_dtypes))
    return Contract(
        id=f"{package.name}.{name or function}",
        classes=_names(package, module, (name, *aliases)) if name else (),
        functionals=_names(package, module, (function,)) if function else (),
        constructor=signature(constructor),
        call=signature(call),
        function=signature(parameters),
        ports=(*ports, *others),
        source=package.source,
        family=family,
        switches=switches,
        stable_twin=stable_twin,
        library=package.name,
        reduction=reduction,
        value_range=value_range,
        shapes=shapes,
        mismatch=mismatch,
        plain=plain,
    )


def _names(package: Package, module: str, names: tuple[str, ...]) -> tuple[str, ...]:
    places = (*package.exports, f"{package.root}.{module}") if module else package.exports
    return tuple(f"{place}.{name}" for name in names for place in places)
