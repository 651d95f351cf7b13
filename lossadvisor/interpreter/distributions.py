"""Attributes of discrete distributions: what was given, normalised.

Source: https://docs.pytorch.org/docs/stable/distributions.html
"""

from __future__ import annotations

from lossadvisor.interpreter.values import Layer, Opaque, Tensor, Value
from lossadvisor.values import Domain, Dtype, Fact, Step

_PACKAGE = "torch.distributions."
_OVER_CLASSES = frozenset({"Categorical", "OneHotCategorical", "OneHotCategoricalStraightThrough", "Multinomial"})
_BY_ELEMENT = frozenset({"Bernoulli", "Binomial", "Geometric", "NegativeBinomial"})


def attribute(layer: Layer, name: str) -> Value | None:
    """`probs` and `logits` of a distribution; None for any other layer and attribute."""
    kind = layer.name.rsplit(".", 1)[-1]
    if not layer.name.startswith(_PACKAGE) or name not in ("probs", "logits"):
        return None
    if kind in _OVER_CLASSES:
        domain = Domain.PROBABILITIES if name == "probs" else Domain.LOG_PROBABILITIES
        return _made(layer, domain, -1, f"{name} of {kind} are normalised")
    if kind in _BY_ELEMENT and name == "probs":
        return _made(layer, Domain.UNIT_INTERVAL, None, f"{name} of {kind} lie in [0, 1]")
    given = layer.keywords.get(name)
    return given if given is not None else Opaque(f"the {name} of a distribution")


def _made(layer: Layer, domain: Domain, axis: int | None, says: str) -> Tensor:
    source = layer.keywords.get("logits") or layer.keywords.get("probs") or (layer.args[0] if layer.args else None)
    before = source.fact if isinstance(source, Tensor) else Fact()
    step = Step(layer.place, says, layer.name)
    return Tensor(Fact(
        domain, axis, Dtype.FLOAT, before.shape, before.grad, classes=before.classes, trail=(*before.trail, step)
    ))
