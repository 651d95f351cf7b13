"""Which parameters an optimizer gets: those of a loss belong to it like those of the model."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lossadvisor.checking.checks.gradient import trained
from lossadvisor.checking.checks.model import Hit, Seen, last, sure
from lossadvisor.findings import TraceEntry
from lossadvisor.interpreter.events import Constructed, CriterionCalled, ParametersAsked
from lossadvisor.interpreter.owning import PARAMETERS, reached
from lossadvisor.interpreter.values import Identity, Layer, Obj, Opaque, Value
from lossadvisor.project import NodePlace
from lossadvisor.values import Place


def loss_parameters_not_optimised(seen: Seen) -> Iterator[Hit]:
    """An optimizer of the parameters of one module beside a trained loss whose own parameters nobody asks for."""
    called = [event for event in seen.events if isinstance(event, CriterionCalled)]
    if not called:
        return
    optimizers = [event for event in seen.events if isinstance(event, Constructed) and _optimizer(event.name)]
    unknown = {_document(event.place) for event in optimizers if _module(event) is None}
    asked = reached(event.module for event in seen.events if isinstance(event, ParametersAsked))
    sites = {place for site, calls in trained(seen) for place in (site, *calls)}
    for loss in called:
        if loss.place not in sites or any(id(one) in asked for one in (loss.criterion, *loss.own)):
            continue
        homes = {_home(loss.place), _home(_made(loss.criterion))}
        for event in optimizers:
            if _home(event.place) in homes and _document(event.place) not in unknown:
                trace = (TraceEntry(loss.place.span(), "the loss that is trained is called here"),)
                yield Hit(event.place, sure(event.guard | loss.guard), loss=_name(loss.criterion), extra=trace)


def _optimizer(name: str) -> bool:
    """A class of torch.optim itself, no scheduler."""
    return name.startswith("torch.optim.") and name.count(".") == 2


def _module(event: Constructed) -> object:
    """The one module whose parameters are handed over; None where they are anything else."""
    given = event.keywords.get("params") or (event.args[0] if event.args else None)
    match given:
        case Opaque(key=(word, Identity(value=module))) if word == PARAMETERS:
            return module
        case _:
            return None


def _made(criterion: Value) -> Place | None:
    return criterion.place if isinstance(criterion, Obj | Layer) else None


def _name(criterion: Value) -> str | None:
    match criterion:
        case Obj(cls=cls):
            return cls.name
        case Layer(name=name):
            return last(name)
        case _:
            return None


def _document(place: Place) -> object:
    return place.fragment.document if isinstance(place, NodePlace) else None


def _home(place: Place | None) -> object:
    """The function or method that a place is in, else its module."""
    if not isinstance(place, NodePlace):
        return None
    inside = any(isinstance(one, cst.FunctionDef | cst.ClassDef) for one in place.fragment.statements())
    return place.fragment if inside else place.fragment.document
