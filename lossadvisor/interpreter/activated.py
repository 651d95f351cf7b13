"""Models and layers of libraries that end in an affine map and then apply what their constructor calls `activation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import NONE, External, Known, Layer, Opaque, Seq, Tensor, Value, union
from lossadvisor.values import Domain, Dtype, Fact, Grad, Place, Step

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine


@dataclass(frozen=True, slots=True)
class Row:
    """A class by the package it comes from and its own name; `activation` is the place of that parameter, None where
    it is only given by name, `classes` the parameter that counts the channels of the output."""

    package: str
    names: tuple[str, ...]
    activation: int | None
    source: str
    classes: str = ""
    auxiliary: str = ""  # given, it makes the output a pair


_SMP = "https://smp.readthedocs.io/en/latest/models.html"
_DGL = "https://www.dgl.ai/dgl_docs/api/python/nn-pytorch.html"
ROWS: tuple[Row, ...] = (
    Row("segmentation_models_pytorch",
        ("Unet", "UnetPlusPlus", "MAnet", "Linknet", "FPN", "PSPNet", "PAN", "DeepLabV3", "DeepLabV3Plus", "UPerNet",
         "Segformer", "create_model"), None, _SMP, "classes", "aux_params"),
    Row("dgl.nn", ("GraphConv",), None, _DGL),
    Row("dgl.nn", ("GATConv", "GATv2Conv"), 7, _DGL),
    Row("dgl.nn", ("SAGEConv", "RelGraphConv"), 6, _DGL),
    Row("dgl.nn", ("DenseSAGEConv",), 5, _DGL),
    Row("dgl.nn", ("TAGConv", "DenseGraphConv"), 4, _DGL),
)

_HEADS = frozenset({"segmentation_head", "activation"})  # what users replace
# The words of segmentation_models_pytorch.base.modules.Activation.
_WORDS: dict[str, tuple[str, dict[str, Value]]] = {
    "sigmoid": ("torch.nn.Sigmoid", {}),
    "softmax": ("torch.nn.Softmax", {"dim": Known(1)}),
    "softmax2d": ("torch.nn.Softmax", {"dim": Known(1)}),
    "logsoftmax": ("torch.nn.LogSoftmax", {"dim": Known(1)}),
    "tanh": ("torch.nn.Tanh", {}),
}


def row_of(name: str) -> Row | None:
    """The row of a qualified name; packages may be named at any depth."""
    package, _, last = name.rpartition(".")
    return next((row for row in ROWS if last in row.names and f"{package}.".startswith(f"{row.package}.")), None)


def applied(machine: Machine, layer: Layer, node: cst.Call | None) -> Value | None:
    """What a call of such a layer returns; None for any other."""
    row = row_of(layer.name)
    if row is None or not _HEADS.isdisjoint(layer.attrs):
        return None
    place = layer.place if node is None else machine.place(node)
    scores = _scores(row, layer, place)
    given = layer.keywords.get("activation", NONE)
    if row.activation is not None and len(layer.args) > row.activation:
        given = layer.args[row.activation]
    output = union([(guard, _after(machine, single, scores, layer)) for guard, single in machine.each(given)])
    paired = layer.keywords.get(row.auxiliary, NONE)
    if paired == NONE:
        return output
    return Seq([output, Opaque("the labels of the whole image")], "tuple") if not isinstance(paired, Opaque) else None


def _scores(row: Row, layer: Layer, place: Place) -> Tensor:
    last = layer.name.rsplit(".", 1)[-1]
    step = Step(place, f"{last} makes unconstrained scores", layer.name)
    count = layer.keywords.get(row.classes)
    channels = count.value if isinstance(count, Known) and isinstance(count.value, int) else None
    image = row.classes != ""
    return Tensor(Fact(
        Domain.SCORES, dtype=Dtype.FLOAT, grad=Grad.FLOWS, classes=channels, trail=(step,),
        shape=(None, channels, None, None) if image else None,
    ))


def _after(machine: Machine, activation: Value, scores: Tensor, layer: Layer) -> Value:
    from lossadvisor.interpreter import calls

    match activation:
        case Known(value=None) | Known(value="identity"):
            return scores
        case Known(value=str(word)):
            if word not in _WORDS:
                return Opaque(f"the output of {layer.name} after {word}")
            name, keywords = _WORDS[word]
            activation = Layer(name, [], dict(keywords), layer.place)
        case External(name=name) if name.startswith("torch.nn.") and name.rsplit(".", 1)[-1][:1].isupper():
            activation = Layer(name, [], {}, layer.place)
        case Opaque(default=default) if default is not None:
            return _after(machine, default, scores, layer)
        case Opaque(reason=reason):
            return Opaque(f"the output of {layer.name} after {reason}")
        case _:
            pass
    return calls.call(machine, activation, calls.Arguments([scores], {}), None)
