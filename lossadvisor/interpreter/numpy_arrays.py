"""Functions of NumPy: the shapes and dtypes of arrays. Source of each row: the page of that name on numpy.org."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter import forms, literals
from lossadvisor.interpreter.values import External, Known, Opaque, Seq, Tensor, Value
from lossadvisor.transfers import shapes
from lossadvisor.transfers.apply import dtype_named
from lossadvisor.values import Dtype, Fact, Shape
from lossadvisor.values.marks import Mark, Ones, Table

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments

_FILLED = {"zeros": 0.0, "ones": 1.0, "empty": None, "full": None}
_LIKE = {"zeros_like": 0.0, "ones_like": 1.0, "empty_like": None, "full_like": None}
_LINES = frozenset({"linspace", "logspace", "geomspace"})
# Random numbers by how the sizes are given: one by one, or as the option at that position.
_BY_DIMENSIONS = frozenset({"rand", "randn"})
_BY_SIZE = {
    "random": 0, "random_sample": 0, "standard_normal": 0, "normal": 2, "uniform": 2, "randint": 2, "integers": 2,
    "poisson": 1, "exponential": 1, "beta": 2, "gamma": 2, "binomial": 2, "choice": 1,
}
_INTEGERS = frozenset({"randint", "integers", "poisson", "binomial"})
# What applies to each element; the result is of floats, of no known meaning.
_ELEMENTWISE = frozenset({
    "sin", "cos", "tan", "tanh", "exp", "log", "log1p", "log2", "log10", "sqrt", "square", "power", "sinh", "cosh",
    "arctan", "arcsin", "arccos", "expm1", "cbrt",
})
_SAME_KIND = frozenset({"abs", "absolute", "clip", "nan_to_num", "round", "sort", "flip"})
_REDUCED = frozenset({"sum", "mean", "max", "min", "amax", "amin", "std", "var", "median", "prod"})
_JOINED = frozenset({"concatenate", "stack", "vstack", "hstack", "column_stack"})
_READ = frozenset({"loadtxt", "genfromtxt"})


def function(name: str, arguments: Arguments) -> Value | None:
    """The array that a function of NumPy returns, or None when it is not known."""
    head, _, last = name.rpartition(".")
    if head not in ("numpy", "numpy.random"):
        return None
    found = _random(last, arguments) if head == "numpy.random" else _plain(last, arguments)
    if found is None:
        return None
    wanted = dtype_of(arguments.keywords.get("dtype"))
    return Tensor(replace(found, dtype=wanted or found.dtype))


def dtype_of(value: Value | None) -> Dtype | None:
    """The kind of element that a dtype argument names."""
    match value:
        case External(name):
            return dtype_named(name)
        case Known(value=str(name)):
            return dtype_named(name)
        case _:
            return None


def _array(shape: Shape, dtype: Dtype = Dtype.UNKNOWN, mark: Mark | None = None) -> Fact:
    return Fact(dtype=dtype, shape=shape, reason="an array", marks=frozenset() if mark is None else frozenset({mark}))


def _plain(last: str, arguments: Arguments) -> Fact | None:
    first = arguments.args[0] if arguments.args else None
    given = first.fact if isinstance(first, Tensor) else None
    if last in _FILLED:
        value = _FILLED[last]
        shape = _sizes(arguments.get(0, "shape"))
        dtype = Dtype.UNKNOWN if last == "full" else Dtype.FLOAT
        return _array(shape, dtype, None if value is None else Ones(value))
    if last in _LIKE and isinstance(first, Seq):
        given = literals.literal(first, None, Dtype.UNKNOWN)
    if last in _LIKE and given is not None:
        value = _LIKE[last]
        return _array(given.shape, given.dtype, None if value is None else Ones(value))
    if last in _LINES:
        count = forms.plain(arguments.get(2, "num") or Known(50))
        return _array((count,) if isinstance(count, int) else (None,), Dtype.FLOAT)
    if last == "arange":
        return _array((None,), literals.kind(Seq(list(arguments.args), "list")) or Dtype.UNKNOWN)
    if last in _READ:
        return _array(None, Dtype.FLOAT, Table())
    if last in ("array", "asarray") and isinstance(first, Seq):
        return replace(literals.literal(first, dtype_of(arguments.get(1, "dtype")), Dtype.UNKNOWN), reason="an array")
    if last in _JOINED and isinstance(first, Seq):
        return _joined(last, first, arguments)
    return None if given is None else _of_array(last, given, arguments)


def _of_array(last: str, given: Fact, arguments: Arguments) -> Fact | None:
    axis = forms.plain(arguments.get(1, "axis") or Known(None))
    other = arguments.get(1, "x2")
    if last in _ELEMENTWISE:
        return _array(given.shape, Dtype.FLOAT)
    if last in ("maximum", "minimum") and not isinstance(other, Known):
        return _array(shapes.broadcast(given.shape, other.fact.shape) if isinstance(other, Tensor) else None)
    if last in _SAME_KIND:
        return _array(given.shape, given.dtype)
    if last in _REDUCED:
        keep = forms.plain(arguments.keywords.get("keepdims") or Known(False))
        return _array(shapes.reduced(given.shape, axis, keep), Dtype.FLOAT if last in ("mean", "std") else given.dtype)
    if last == "expand_dims":
        return replace(given, shape=shapes.unsqueezed(given.shape, axis), axis=None)
    if last == "squeeze":
        return replace(given, shape=shapes.squeezed(given.shape, axis), axis=None)
    if last == "reshape":
        return replace(given, shape=shapes.viewed([forms.plain(arguments.get(1, "newshape") or Opaque(""))]), axis=None)
    if last == "ravel":
        return replace(given, shape=(None,), axis=None)
    return given if last in ("array", "asarray", "ascontiguousarray", "copy") else None


def _random(last: str, arguments: Arguments) -> Fact | None:
    if last in _BY_DIMENSIONS:
        return None if arguments.star else _array(shapes.viewed([forms.plain(one) for one in arguments.args]) or ())
    if last not in _BY_SIZE:
        return None
    size = arguments.get(_BY_SIZE[last], "size")
    dtype = Dtype.INTEGER if last in _INTEGERS else Dtype.UNKNOWN if last == "choice" else Dtype.FLOAT
    return _array(() if size is None else _sizes(size), dtype)


def _sizes(value: Value | None) -> Shape:
    """One size, or a tuple of them."""
    match value:
        case Known(value=int() as size) if not isinstance(size, bool):
            return (size,)
        case Opaque(number=Dtype.INTEGER):
            return (None,)
        case Seq(rest=None):
            return shapes.viewed([forms.plain(value)])
        case _:
            return None


def _joined(last: str, parts: Seq, arguments: Arguments) -> Fact | None:
    found = [*parts.items, *([] if parts.rest is None else [parts.rest])]
    facts = [one.fact for one in found if isinstance(one, Tensor)]
    if not facts or len(facts) != len(found):
        return None
    dtypes = {fact.dtype for fact in facts}
    dtype = dtypes.pop() if len(dtypes) == 1 else Dtype.UNKNOWN
    whole = parts.rest is None and not parts.grown
    if last == "concatenate":
        axis = forms.plain(arguments.get(1, "axis") or Known(0))
        return _array(shapes.concatenated([fact.shape for fact in facts], axis), dtype)
    if last == "stack" and "axis" not in arguments.keywords and len(arguments.args) == 1:
        inner = {shapes.full(fact.shape) for fact in facts}
        below = inner.pop() if len(inner) == 1 else None
        return _array(None if below is None else (len(facts) if whole else None, *below), dtype)
    ranks = {None if (known := shapes.full(fact.shape)) is None else len(known) for fact in facts}
    if ranks == {2} or (ranks == {1} and last in ("vstack", "column_stack")):
        return _array((None, None), dtype)
    return _array((None,) if ranks == {1} else None, dtype)
