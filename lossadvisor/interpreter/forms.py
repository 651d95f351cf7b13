"""Shapes of results: from the arguments of a call to the constants that the shape table works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from lossadvisor.interpreter.products import PRODUCTS, compared
from lossadvisor.interpreter.values import Known, Opaque, Seq, Tensor, Value
from lossadvisor.late import dataclass
from lossadvisor.transfers import shapes
from lossadvisor.transfers.model import Affine, Made, Operation, Picked, Pooled, Reduced, Reshaped, Selected
from lossadvisor.transfers.shapes import HIDDEN
from lossadvisor.values import REST, Dim, Dtype, Fact, Grad, Shape
from lossadvisor.values.marks import (
    Exponential,
    Extreme,
    Fixed,
    Integers,
    Mark,
    Normed,
    Ones,
    Scrambled,
    Similar,
    Spread,
    SummedExponential,
    Uniform,
)


@dataclass(frozen=True, slots=True)
class Raw:
    """The arguments of an operation beside its input, as written."""

    args: Sequence[Value] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)
    star: bool = False


def plain(value: Value) -> object:
    """A constant, a tuple of such, a symbol for the same unknown wherever it appears, a fact, or HIDDEN."""
    match value:
        case Known(constant):
            return constant
        case Opaque(key=key) if key is not None:
            return f"{key}"
        case Seq(items=items, rest=None):
            return tuple(plain(item) for item in items)
        case Tensor(fact):
            return fact
        case _:
            return HIDDEN


def sizes(fact: Fact) -> Value:
    """The sizes of a tensor by axis."""
    known = shapes.full(fact.shape)
    if known is None:
        return Opaque("the shape of a tensor")
    unknown = Opaque("a size of a tensor", number=Dtype.INTEGER)
    return Seq([Known(one) if isinstance(one, int) else unknown for one in known], "tuple")


def dtype_of_number(number: float) -> Dtype:
    """The kind of element that a tensor of such numbers of Python has."""
    if isinstance(number, bool):
        return Dtype.BOOL
    return Dtype.INTEGER if isinstance(number, int) else Dtype.FLOAT


def size(value: object) -> Dim:
    """A size that may stand in a shape."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return value


def shaped(operation: Operation, before: Fact, after: Fact, raw: Raw, given: Mapping[str, Value]) -> Fact:
    """The result with its shape, and with the marks that only the arguments can tell."""
    args = [plain(value) for value in raw.args]
    keywords = {_ALIASES.get(name, name): plain(value) for name, value in raw.keywords.items()}
    if raw.star:
        args.append(HIDDEN)
    name = operation.name.rsplit(".", 1)[-1]
    options = {parameter: plain(value) for parameter, value in given.items()}
    if raw.star:
        options.setdefault("dim", HIDDEN)
    several = raw.star and isinstance(operation.effect, Reshaped | Made)  # any number of sizes
    shape = None if several else _shape(operation, name, before, args, {**options, **keywords})
    marks = after.marks | _marks(name, before, shape, args, keywords)
    if name in PRODUCTS:
        marks -= {Fixed()}
    if compared(name, before, (*raw.args, *raw.keywords.values())):
        marks |= {Similar()}
    if name in PRODUCTS and any(isinstance(value, Fact) and value.grad is Grad.FLOWS for value in args):
        after = replace(after, grad=Grad.FLOWS)
    if isinstance(operation.effect, Affine) and name[:1].islower() and before.grad is not Grad.FLOWS:
        after = replace(after, grad=_of_weights([value.grad for value in args if isinstance(value, Fact)]))
    classes = _classes(operation, name, before, after, shape, options.get("dim", keywords.get("dim")))
    axis = shapes.moved(name, before.shape, before.axis, args, {**options, **keywords}) if after.axis is None else None
    if shape == after.shape and marks == after.marks and classes == after.classes and axis is None:
        return after
    return replace(after, shape=shape, marks=marks, classes=classes, axis=after.axis if axis is None else axis)


# The names that NumPy has for them, which torch takes too.
_ALIASES = {"axis": "dim", "keepdims": "keepdim"}


def _of_weights(grads: Sequence[Grad]) -> Grad:
    """Whether the weights given to a functional map learn; where they are not known they do, as weights do."""
    if Grad.FLOWS in grads or not grads:
        return Grad.FLOWS
    return Grad.DETACHED if all(grad is Grad.DETACHED for grad in grads) else Grad.UNKNOWN


# Shape operations after which every size of before is still the size of some axis.
_SIZES_STAY = frozenset({"squeeze", "unsqueeze", "transpose", "permute", "t", "flip", "roll", "movedim", "swapaxes",
                         "swapdims", "moveaxis", "unsqueeze_", "squeeze_", "transpose_"})  # fmt: skip


def _counted(after: Fact, before: Fact, dim: object) -> int | None:
    """How many different indices there can be: the size of the axis that they are taken from."""
    size = shapes.size_at(before.shape, dim) if isinstance(dim, int) and not isinstance(dim, bool) else None
    return size if isinstance(size, int) else None


def _classes(
    operation: Operation, name: str, before: Fact, after: Fact, shape: Shape, dim: object
) -> int | None:
    """The size of the class axis, as far as the new shape does not say otherwise."""
    known = shapes.full(shape)
    if known is not None and after.axis is not None and -len(known) <= after.axis < len(known):
        size = known[after.axis]
        return size if isinstance(size, int) else None
    if name in _OTHER or name in PRODUCTS:
        return None
    if isinstance(operation.effect, Picked) and name != "one_hot":
        return _counted(after, before, -1 if name == "multinomial" else dim)
    if after.classes is None or not isinstance(operation.effect, Reshaped | Pooled) or name in _SIZES_STAY:
        return after.classes
    return after.classes if shape is not None and after.classes in shape else None


def _shape(
    operation: Operation, name: str, before: Fact, args: Sequence[object], options: Mapping[str, object]
) -> Shape:
    match operation.effect:
        case _ if name in ("Embedding", "embedding"):
            width = size(args[1]) if name == "Embedding" and len(args) > 1 else size(options.get("embedding_dim"))
            return shapes.affine(None if before.shape is None else (*before.shape, None), width)
        case Reshaped() if name in ("view_as", "expand_as", "reshape_as"):
            return args[0].shape if args and isinstance(args[0], Fact) else None
        case Reshaped():
            return shapes.reshaped(name, before.shape, args, options)
        case Affine():
            return _affine(name, before.shape, options)
        case Pooled():
            return _pooled(name, before.shape, args, options)
        case Reduced() if name not in ("cumsum", "cumprod"):
            return shapes.reduced(before.shape, options.get("dim"), options.get("keepdim", False))
        case Picked():
            return _picked(name, before.shape, options)
        case Selected() if name == "take_along_dim":
            index = options.get("indices")
            return shapes.taken(before.shape, index.shape, options.get("dim")) if isinstance(index, Fact) else None
        case Selected():
            index = options.get("index") if name == "gather" else None
            return index.shape if isinstance(index, Fact) else None
        case Made() if name == "EmbeddingBag":
            return None
        case Made():
            return _made(name, args, options)
        case _ if name in _MULTIPLIED:
            other = args[0] if args else options.get("other", options.get("mat2", options.get("vec2")))
            return shapes.product(before.shape, other.shape) if isinstance(other, Fact) else None
        case _ if name in ("outer", "ger"):
            other = args[0] if args else options.get("vec2")
            return shapes.outer(before.shape, other.shape) if isinstance(other, Fact) else None
        case _ if name in _OTHER:
            return None
        case _:
            return before.shape


_MULTIPLIED = frozenset({"matmul", "mm", "bmm", "mv", "dot"})
# Operations of element-wise rows that do change the shape in a way that is not followed.
_OTHER = frozenset({
    "einsum", "baddbmm", "cosine_similarity", "CosineSimilarity", "EmbeddingBag", "Transformer", "TransformerDecoder",
    "TransformerDecoderLayer", "GLU", "cov",
})


def _affine(name: str, shape: Shape, options: Mapping[str, object]) -> Shape:
    units = size(options.get("out_features", options.get("out_channels")))
    if name in ("Linear", "LazyLinear", "linear"):
        return shapes.affine(shape, units)
    places = next((int(digit) for digit in "123" if f"{digit}d" in name.lower()), None)
    return None if places is None else shapes.convolved(shape, units, places)


def _pooled(name: str, shape: Shape, args: Sequence[object], options: Mapping[str, object]) -> Shape:
    places = next((int(digit) for digit in "123" if name.endswith(f"{digit}d")), None)
    if places is None:
        known = shapes.full(shape)
        if known is None or len(known) < 3 or name == "pad":
            return None
        return (*known[:2], *(None,) * (len(known) - 2))
    target = options.get("output_size", args[0] if args else None) if "daptive" in name else None
    return shapes.pooled(shape, places, target)


def _picked(name: str, shape: Shape, options: Mapping[str, object]) -> Shape:
    if name == "one_hot":
        return None if shape is None else (*shape, size(options.get("num_classes")))
    if name in ("argmax", "argmin"):
        return shapes.reduced(shape, options.get("dim"), options.get("keepdim", False))
    return shape if name == "argsort" else None


def _made(name: str, args: Sequence[object], options: Mapping[str, object]) -> Shape:
    if name.endswith("_like"):
        return args[0].shape if args and isinstance(args[0], Fact) else None
    if name in ("arange", "linspace", "randperm"):
        return (None,)
    if name in ("randint", "normal"):
        found = options.get("size", args[2] if len(args) > 2 else args[1] if len(args) > 1 else None)
        return shapes.viewed([found]) if isinstance(found, tuple) else None
    if name in ("full", "new_full"):
        return shapes.viewed(args[:1]) if args and isinstance(args[0], tuple) else None
    if name in ("eye", "zero_", "fill_", "normal_", "uniform_", "bernoulli"):
        return None
    found = options.get("size")
    return shapes.viewed(args) if args else shapes.viewed([found]) if isinstance(found, tuple) else None


def _marks(
    name: str, before: Fact, shape: Shape, args: Sequence[object], keywords: Mapping[str, object]
) -> frozenset[Mark]:
    if name in ("view", "reshape") and _scrambles(before.shape, shape):
        return frozenset({Scrambled()})
    dim = keywords.get("dim", args[0] if args else None)
    if name == "sum" and dim is not None:  # a sum over everything balances, it is no softmax
        exponentials = {SummedExponential(mark.of) for mark in before.marks if isinstance(mark, Exponential)}
        if exponentials:
            return frozenset(exponentials)
    if name in ("mean", "sum") and isinstance(dim, int) and not isinstance(dim, bool) and dim >= 1:
        return frozenset({Spread()})
    if name == "randint" and args:
        low, high = (args[0], args[1]) if len(args) > 1 and isinstance(args[1], int) else (0, args[0])
        high = keywords.get("high", high)
        if isinstance(low, int) and isinstance(high, int) and high > low:
            return frozenset({Integers(low, high - 1)})
    if name in ("ones", "ones_like", "new_ones", "zeros", "zeros_like", "new_zeros"):
        return frozenset({Ones(1.0 if "ones" in name else 0.0)})
    if name in ("arange", "linspace", "eye"):
        return frozenset({Fixed()})
    if name == "normalize":
        return frozenset({Normed()})
    if name in ("rand", "rand_like"):
        return frozenset({Uniform()})
    return frozenset()


def _scrambles(before: Shape, after: Shape) -> bool:
    """(N, C, H, W) viewed as (-1, C): neighbouring places of one channel become the scores of one place.

    Where the last axis is as long as axis 1, the classes may stand there, and rows stay rows.
    """
    old, new = shapes.full(before), shapes.full(after)
    if old is None or new is None or len(old) < 3 or len(new) != 2 or old[1] is None or old[1] == 1:
        return False
    if old[-1] == old[1]:
        return False
    return new[0] is None and new[1] == old[1] and not all(one == 1 for one in old[2:])


def joined(name: str, facts: Sequence[Fact], dim: object) -> Shape:
    """cat, stack, and the two that name their axis: of vectors hstack takes the first, vstack makes a new one."""
    found = [fact.shape for fact in facts]
    if name in ("torch.hstack", "torch.vstack"):
        ranks = {len(known) if (known := shapes.full(shape)) is not None else 0 for shape in found}
        dim = HIDDEN if min(ranks, default=0) < 2 else 1 if name == "torch.hstack" else 0
    return shapes.stacked(found, dim) if name == "torch.stack" else shapes.concatenated(found, dim)


def row(shape: Shape) -> Shape:
    """The shape of an entry along axis 0."""
    known = shapes.full(shape)
    if known is not None:
        return known[1:] if known else None
    return None if shape is None or len(shape) < 2 else (REST, *shape[2:]) if len(shape) > 2 else None


def extreme_shape(shape: Shape, args: Sequence[Value], keywords: Mapping[str, Value]) -> Shape:
    """max(dim, keepdim): the shape of the values, unknown for anything else (topk, sort, two tensors)."""
    dim = plain(args[-1]) if args and "dim" not in keywords else plain(keywords.get("dim", Opaque("")))
    keep = plain(keywords.get("keepdim", Known(False)))
    numbers = [value for value in args if not isinstance(value, Tensor)]
    if isinstance(dim, bool) or not isinstance(dim, int) or len(numbers) > 1:
        return None
    return shapes.reduced(shape, dim, keep)


def extreme(fact: Fact, shape: Shape) -> Fact:
    """The fact of the largest values."""
    return replace(fact, shape=shape, marks=fact.marks | {Extreme()})
