"""scikit-learn: data sets, splits and scalers, by the shapes that their pages state (scikit-learn.org)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter import iterate, pandas_frames
from lossadvisor.interpreter.values import Dict, Known, Layer, Opaque, Seq, Tensor, Value
from lossadvisor.transfers import shapes
from lossadvisor.values import Domain, Dtype, Fact

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments

_REGRESSION = frozenset({"load_diabetes", "fetch_california_housing", "make_friedman1", "make_friedman2",
                         "make_friedman3", "load_boston", "make_s_curve", "make_swiss_roll"})
_CLASSES = frozenset({"load_iris", "load_digits", "load_wine", "load_breast_cancer", "make_classification",
                      "make_moons", "make_circles", "make_blobs", "make_gaussian_quantiles"})
_PAIRED = ("make_",)  # these return (X, y); the others a bunch, unless return_X_y is set
_SCALERS = frozenset({"StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler", "Normalizer",
                      "PowerTransformer", "QuantileTransformer"})


def function(name: str, arguments: Arguments) -> Value | None:
    """What a function of scikit-learn returns, or None when it is not known."""
    head, _, last = name.rpartition(".")
    if head == "sklearn.datasets":
        return _data(last, arguments)
    if name in ("sklearn.model_selection.train_test_split", "sklearn.cross_validation.train_test_split"):
        return None if arguments.star else Seq([part for one in arguments.args for part in _parts(one)], "tuple")
    if name == "sklearn.utils.shuffle" and arguments.args:
        return Seq(list(arguments.args), "tuple") if len(arguments.args) > 1 else arguments.args[0]
    return None


def _data(last: str, arguments: Arguments) -> Value | None:
    if not {"as_frame", "n_targets", "return_centers", "coef"}.isdisjoint(arguments.keywords):
        return None
    features = Tensor(Fact(dtype=Dtype.FLOAT, shape=(None, None), reason="features of a data set"))
    if last in _CLASSES:
        labels = Tensor(Fact(Domain.INDICES, dtype=Dtype.INTEGER, shape=(None,)))
    elif last in _REGRESSION or last == "make_regression":
        labels = Tensor(Fact(Domain.REAL, dtype=Dtype.FLOAT, shape=(None,)))
    else:
        return None
    if last.startswith(_PAIRED) or arguments.keywords.get("return_X_y") == Known(True):
        return Seq([features, labels], "tuple")
    rest = Opaque("another part of a data set")
    return Dict({"data": features, "target": labels}, rest, kind="attributes")


def _parts(value: Value) -> tuple[Value, Value]:
    """Some of the rows, twice."""
    match value:
        case Tensor(fact) if (known := shapes.full(fact.shape)) is not None and known:
            some: Value = Tensor(replace(fact, shape=(None, *known[1:])))
        case Tensor(fact):
            some = Tensor(replace(fact, shape=None))
        case Layer() if pandas_frames.is_table(value):
            some = value
        case Seq(kind="list"):
            some = Seq([], "list", iterate.any_of([*value.items, *([] if value.rest is None else [value.rest])]))
        case _:
            some = Opaque("a part of something unknown")
    return some, some


def scaled(layer: Layer, last: str, arguments: Arguments) -> Value | None:
    """fit_transform, transform and inverse_transform of a scaler: rows of the same features."""
    package, _, name = layer.name.rpartition(".")
    if not package.startswith("sklearn.preprocessing") or name not in _SCALERS:
        return None
    if last in ("fit", "partial_fit"):
        return layer
    if last not in ("fit_transform", "transform", "inverse_transform"):
        return None
    source = arguments.args[0] if arguments.args else Opaque("nothing")
    given = pandas_frames.array(source) if isinstance(source, Layer) and pandas_frames.is_table(source) else source
    shape = shapes.full(given.fact.shape) if isinstance(given, Tensor) else None
    columns = shape[1] if shape is not None and len(shape) == 2 else None
    rows = shape[0] if shape is not None and len(shape) == 2 else None
    return Tensor(Fact(Domain.REAL, dtype=Dtype.FLOAT, shape=(rows, columns), reason="scaled features"))
