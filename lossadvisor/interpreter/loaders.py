"""Data sets and loaders of torch: what one sample is, and what collating makes of samples.

Sources: the pages of torch.utils.data (DataLoader, default_collate, TensorDataset, Subset, random_split) and of the
data sets of torchvision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter import forms, iterate
from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.values import (
    Constant,
    Dict,
    Known,
    Layer,
    Obj,
    Opaque,
    Seq,
    Single,
    Tensor,
    Value,
    union,
)
from lossadvisor.transfers import shapes
from lossadvisor.values import Domain, Dtype, Fact, Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_DATA = "torch.utils.data."
_LOADERS = frozenset({_DATA + "DataLoader", _DATA + "dataloader.DataLoader"})
_TENSORS = frozenset({_DATA + "TensorDataset", _DATA + "dataset.TensorDataset"})
_PARTS = frozenset({_DATA + "Subset", _DATA + "dataset.Subset"})
_SPLITS = frozenset({_DATA + "random_split", _DATA + "dataset.random_split"})
_VISION = "torchvision.datasets."
# Image data sets whose label is the number of a class.
_CLASSIFIED = frozenset({
    "MNIST", "FashionMNIST", "KMNIST", "QMNIST", "EMNIST", "CIFAR10", "CIFAR100", "SVHN", "STL10", "ImageFolder",
    "DatasetFolder", "ImageNet", "FakeData", "Food101", "GTSRB", "Flowers102", "StanfordCars", "DTD", "EuroSAT",
    "FGVCAircraft", "Country211", "RenderedSST2", "SUN397", "USPS", "Imagenette",
})
_KEPT = "<batch>"


def function(name: str, arguments: Arguments, place: Place) -> Value | None:
    """random_split: so many parts of a data set."""
    if name not in _SPLITS or not arguments.args:
        return None
    lengths = arguments.get(1, "lengths")
    part = Layer(_DATA + "Subset", [arguments.args[0]], {}, place)
    if isinstance(lengths, Seq) and lengths.rest is None and not lengths.grown:
        return Seq([part for _ in lengths.items], "list")
    return Seq([], "list", part)


def elements(machine: Machine, layer: Layer) -> Value | None:
    """What a loop over a loader or a data set gets; None when the layer is neither."""
    if layer.name not in _LOADERS:
        return sample(machine, layer)
    found = layer.attrs.get(_KEPT)
    if found is None or machine.path:
        found = _batch(machine, layer)
        if not machine.path:
            layer.attrs[_KEPT] = found
    return found


def _batch(machine: Machine, layer: Layer) -> Value:
    from lossadvisor.interpreter import calls

    dataset = _written(layer, 0, "dataset")
    one = Opaque("a sample of something unknown") if dataset is None else sample(machine, dataset)
    if one is None:
        one = Opaque("a sample of something unknown")
    collate = _written(layer, 6, "collate_fn")
    if collate is not None and collate != Known(None):
        return calls.call(machine, collate, calls.Arguments([Seq([], "list", one)], {}), None)
    if _written(layer, 1, "batch_size") == Known(None):
        return one
    return collated(machine, one)


def _written(layer: Layer, position: int, name: str) -> Value | None:
    return layer.args[position] if len(layer.args) > position else layer.keywords.get(name)


def sample(machine: Machine, dataset: Value) -> Value | None:
    """One sample of a data set; None when it is not known."""
    found: list[tuple[Guard, Value]] = []
    for guard, single in machine.each(dataset):
        one = _sample(machine, single)
        if one is None:
            return None
        found.append((guard, one))
    return union(found) if found else None


def _sample(machine: Machine, single: Single) -> Value | None:
    match single:
        case Layer(name=name, args=args) if name in _TENSORS:
            return Seq([iterate.elements(machine, one)[0] for one in args], "tuple")
        case Layer(name=name) if name in _PARTS:
            inner = _written(single, 0, "dataset")
            return None if inner is None else sample(machine, inner)
        case Layer(name=name) if name.startswith(_VISION):
            return _image(single, name.removeprefix(_VISION))
        case Obj():
            return iterate.object_item(machine, single, Opaque("an index", number=Dtype.INTEGER))
        case Seq(items=items, rest=rest) if items or rest is not None:
            return iterate.any_of([*items, *([] if rest is None else [rest])])
        case _:
            return None


def _image(layer: Layer, name: str) -> Value | None:
    """An image and the number of its class, unless the number is transformed."""
    changed = layer.keywords.get("target_transform")
    if name not in _CLASSIFIED or changed not in (None, Known(None)) or len(layer.args) > 3:
        return None
    label = Tensor(Fact(Domain.INDICES, dtype=Dtype.INTEGER, shape=()))
    return Seq([Opaque("an image"), label], "tuple")


def collated(machine: Machine, value: Value) -> Value:
    """default_collate: tensors and numbers get an axis in front, containers keep their form."""
    found = [(guard, _collated(machine, single)) for guard, single in machine.each(value)]
    return union(found) if found else Opaque("a batch of nothing")


def _collated(machine: Machine, single: Single) -> Value:
    match single:
        case Tensor(fact):
            known = shapes.full(fact.shape)
            axis = fact.axis + 1 if fact.axis is not None and fact.axis >= 0 else fact.axis
            return Tensor(replace(fact, axis=axis, shape=None if known is None else (None, *known)))
        case Opaque(number=Dtype() as kind):
            return Tensor(Fact(dtype=kind, shape=(None,), reason="numbers of a batch"))
        case Known(value=int() | float() as number):
            kind = forms.dtype_of_number(number)
            return Tensor(Fact(dtype=kind, shape=(None,), reason="numbers of a batch"))
        case Known(value=str()):
            return Seq([], "list", single)
        case Seq(items=items, rest=rest):
            further = None if rest is None else collated(machine, rest)
            return Seq([collated(machine, one) for one in items], "list", further)
        case Dict(items=items, rest=rest):
            batch: dict[Constant, Value] = {key: collated(machine, one) for key, one in items.items()}
            return Dict(batch, None if rest is None else collated(machine, rest), kind=single.kind)
        case Opaque(reason=reason):
            return Opaque(f"a batch of {reason}")
        case _:
            return Opaque("a batch of something unknown")
