"""Constructors that are called with what belongs into the call, or in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.checking.checks.model import Hit, Seen, last, sure
from lossadvisor.contracts import Contract, by_name
from lossadvisor.findings import Confidence
from lossadvisor.interpreter.events import Constructed, LossCall
from lossadvisor.interpreter.values import Known, Opaque, Tensor, Value
from lossadvisor.values import Domain, Grad

_ACTIVATIONS = frozenset({
    "Softmax", "Softmin", "LogSoftmax", "Softmax2d", "Sigmoid", "Hardsigmoid", "LogSigmoid", "Tanh", "Hardtanh",
    "Softsign", "ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Softplus", "Hardswish",
    "Dropout", "Dropout2d", "Flatten", "Identity",
})


def _made(event: Constructed) -> Contract | None:
    contract = by_name.get(event.name)
    return contract if contract is not None and event.name in contract.classes else None


def loss_constructor_called(seen: Seen) -> Iterator[Hit]:
    """A prediction and a target handed to the constructor of a loss, or the output of a model alone."""
    for event in seen.events:
        if not isinstance(event, Constructed):
            continue
        contract = _made(event)
        if contract is None or contract.library != "torch" or not event.args:
            continue
        one_alone = len(event.args) == 1 and not event.keywords and _model_output(event.args[0])
        two = len(event.args) >= 2 and all(_tensor_like(value) for value in event.args[:2])
        if one_alone or (two and any(isinstance(value, Tensor) for value in event.args[:2])):
            yield Hit(event.place, sure(event.guard), loss=event.name)


def _model_output(value: Value) -> bool:
    return isinstance(value, Tensor) and value.fact.grad is Grad.FLOWS and value.fact.domain in (
        Domain.SCORES, Domain.PROBABILITIES, Domain.LOG_PROBABILITIES
    )


def _tensor_like(value: Value) -> bool:
    return isinstance(value, Tensor) or (isinstance(value, Opaque) and value.default is None)


def activation_constructor_called(seen: Seen) -> Iterator[Hit]:
    """nn.ReLU(x) where x is a tensor."""
    for event in seen.events:
        if not isinstance(event, Constructed) or not event.name.startswith("torch.nn."):
            continue
        if last(event.name) in _ACTIVATIONS and event.args and isinstance(event.args[0], Tensor):
            if event.args[0].fact.trail or event.args[0].fact.domain is not Domain.UNKNOWN:
                yield Hit(event.place, sure(event.guard), event.args[0].fact)


_FLAGS = ("size_average", "reduce")


def _misplaced(parameter: str, value: Value) -> bool:
    """Whether a positional constant means nothing in that parameter."""
    if not isinstance(value, Known) or value.value is None:
        return False
    constant = value.value
    if parameter in _FLAGS:
        return not isinstance(constant, bool)
    if parameter == "reduction":
        return not isinstance(constant, str)
    return parameter in ("weight", "pos_weight") and isinstance(constant, str)


def constructor_argument_order(seen: Seen) -> Iterator[Hit]:
    """Constants given by position that land where they mean nothing."""
    for event in seen.events:
        if isinstance(event, Constructed):
            contract = _made(event)
            if contract is None:
                continue
            for parameter, value in zip(contract.constructor, event.args, strict=False):
                if not parameter.keyword_only and _misplaced(parameter.name, value):
                    yield Hit(event.place, sure(event.guard), loss=event.name, words={"argument": parameter.name})
                    break
        elif isinstance(event, LossCall) and event.loss in event.contract.functionals:
            for parameter in event.contract.parameters(event.loss):
                given = event.options.get(parameter.name)
                if parameter.name in event.positional and _misplaced(parameter.name, Known(given)):
                    yield Hit(event.place, Confidence.CERTAIN, loss=event.loss, words={"argument": parameter.name})
                    break
