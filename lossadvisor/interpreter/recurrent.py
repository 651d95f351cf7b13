"""What recurrent layers return: outputs of every step, and the last states. Sources: the pages of RNN, LSTM and GRU.

The outputs of an RNN are a tanh, those of an LSTM a sigmoid times a tanh; a GRU mixes the state before with a tanh, so
that they stay in [-1, 1] when the first state is the usual zero. A projection, or another nonlinearity, ends that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter import contexts, forms, freezing, packing
from lossadvisor.interpreter.values import Known, Layer, Seq, Tensor, Value
from lossadvisor.transfers import shapes
from lossadvisor.values import Dim, Domain, Dtype, Fact, Grad, Shape, Step

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

# name -> the place of `bidirectional` among the arguments of the constructor; None for a cell
_BIDIRECTIONAL: dict[str, int | None] = {
    "torch.nn.LSTM": 6, "torch.nn.GRU": 6, "torch.nn.RNN": 7,
    "torch.nn.LSTMCell": None, "torch.nn.GRUCell": None, "torch.nn.RNNCell": None,
}


def is_recurrent(layer: Layer) -> bool:
    """Whether the layer is one of torch's recurrent ones."""
    return layer.name in _BIDIRECTIONAL


def applied(machine: Machine, layer: Layer, given: Value, started: bool = False) -> Value:
    """The tuple (output, states) of a layer, or the states of a cell; packed sequences come out packed.

    `started` says that there is a state to begin with.
    """
    data = packing.packed_data(given)
    if data is not None:
        padded = Tensor(replace(data.fact, shape=None)) if isinstance(data, Tensor) else data
        found = applied(machine, layer, padded, started)
        return Seq([packing.repacked(found.items[0]), *found.items[1:]], "tuple") if isinstance(found, Seq) else found
    before = shapes.full(given.fact.shape) if isinstance(given, Tensor) else None
    hidden = _option(layer, 1, "hidden_size")
    projected = _option(layer, 7, "proj_size") if layer.name.endswith("LSTM") else None
    out = hidden if projected in (None, 0) else projected
    if layer.name.endswith("Cell"):
        cells = None if before is None else (*before[:-1], forms.size(hidden))
        state = _state(machine, layer, given, cells, _bounded(layer, started))
        return Seq([state, _state(machine, layer, given, cells)], "tuple") if layer.name.endswith("LSTMCell") else state
    # Without a batch there are two axes; nearly all calls have one.
    lead = (None,) if before is not None and len(before) == 2 else (None, None)
    first = _state(machine, layer, given, (*lead, _width(layer, out)), _bounded(layer, started))
    last = _state(machine, layer, given, (*lead, forms.size(out)), _bounded(layer, started))
    if not layer.name.endswith("LSTM"):
        return Seq([first, last], "tuple")
    return Seq([first, Seq([last, _state(machine, layer, given, (*lead, forms.size(hidden)))], "tuple")], "tuple")


def _bounded(layer: Layer, started: bool) -> bool:
    """Whether the outputs lie in [-1, 1]."""
    match layer.name.rsplit(".", 1)[-1].removesuffix("Cell"):
        case "RNN":
            return _written(layer, 3, "nonlinearity") in (None, Known("tanh"))
        case "LSTM":
            return (_option(layer, 7, "proj_size") if layer.name.endswith("LSTM") else None) in (None, 0)
        case _:
            return not started


def _state(machine: Machine, layer: Layer, given: Value, shape: Shape, bounded: bool = False) -> Value:
    fact = Fact(Domain.REAL, dtype=Dtype.FLOAT, grad=Grad.FLOWS, shape=shape)
    if bounded:
        name = layer.name.rsplit(".", 1)[-1]
        step = Step(layer.place, f"the outputs of {name} lie in [-1, 1]", layer.name)
        fact = replace(fact, domain=Domain.SIGNED_UNIT, trail=(step,))
    return freezing.through(layer, given, Tensor(contexts.fact_in(machine, fact)))


def _width(layer: Layer, out: object) -> Dim:
    """The last axis of the outputs: both directions stand side by side."""
    position = _BIDIRECTIONAL[layer.name]
    both = Known(False) if position is None else _written(layer, position, "bidirectional")
    size = forms.size(out)
    if both is None or (isinstance(both, Known) and both.value in (False, None)):
        return size
    return 2 * size if isinstance(both, Known) and isinstance(size, int) else None


def _option(layer: Layer, position: int, name: str) -> object:
    written = _written(layer, position, name)
    return None if written is None else forms.plain(written)


def _written(layer: Layer, position: int, name: str) -> Value | None:
    return layer.args[position] if len(layer.args) > position else layer.keywords.get(name)
