"""What operations do to shapes, as far as the constants in the code tell.

A shape is a tuple of sizes; None is an unknown size, text a symbol, and a leading REST any number of further axes.
Sources: the pages of the operations on docs.pytorch.org.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lossadvisor.values import REST, Dim, Shape


class Hidden:
    """An argument that is given, but not known."""


HIDDEN = Hidden()


def full(shape: Shape) -> tuple[Dim, ...] | None:
    """The shape when the number of axes is known."""
    return None if shape is None or REST in shape[:1] else shape


def tail(shape: Shape) -> tuple[Dim, ...]:
    """The last axes that are known."""
    return () if shape is None else shape[1:] if REST in shape[:1] else shape


def size_at(shape: Shape, axis: int) -> Dim:
    """The size of an axis, None when unknown."""
    known = full(shape)
    if known is not None:
        return known[axis] if -len(known) <= axis < len(known) else None
    rest = tail(shape)
    return rest[axis] if -len(rest) <= axis < 0 else None


def broadcast(left: Shape, right: Shape) -> Shape:
    """The shape of an element-wise operation on two tensors."""
    if left is None or right is None:
        return None
    a, b = tail(left), tail(right)
    open_ended = full(left) is None or full(right) is None
    count = min(len(a), len(b)) if open_ended else max(len(a), len(b))
    dims = tuple(_joint(_back(a, i), _back(b, i)) for i in range(count, 0, -1))
    return (REST, *dims) if open_ended else dims


def _back(dims: tuple[Dim, ...], position: int) -> Dim:
    return dims[-position] if position <= len(dims) else 1


def _joint(a: Dim, b: Dim) -> Dim:
    if b in (a, 1):
        return a
    if a == 1:
        return b
    return a if b is None and isinstance(a, int) else b if a is None and isinstance(b, int) else None


def product(left: Shape, right: Shape) -> Shape:
    """A matrix product as torch.matmul defines it: of vectors, matrices, or stacks of matrices."""
    a, b = full(left), full(right)
    if a is None or b is None or not a or not b:
        return None
    stack = broadcast(a[:-2], b[:-2])
    rows = () if len(a) == 1 else (a[-2],)
    columns = () if len(b) == 1 else (b[-1],)
    return None if stack is None else (*stack, *rows, *columns)


def outer(left: Shape, right: Shape) -> Shape:
    """The outer product of two vectors."""
    a, b = full(left), full(right)
    return (a[0], b[0]) if a is not None and b is not None and len(a) == len(b) == 1 else None


def viewed(sizes: Sequence[object]) -> Shape:
    """view, reshape and the sizes of new tensors."""
    if len(sizes) == 1 and isinstance(sizes[0], tuple):
        sizes = sizes[0]
    elif len(sizes) == 1 and not isinstance(sizes[0], int):
        return None  # a number or a whole shape
    return tuple(_dim(size) for size in sizes) if sizes else None


def _dim(size: object) -> Dim:
    if isinstance(size, bool):
        return None
    if isinstance(size, int):
        return size if size >= 0 else None
    return size if isinstance(size, str) else None


def squeezed(shape: Shape, dim: object = None) -> Shape:
    """squeeze with and without dim."""
    known = full(shape)
    if dim is None:
        # The axis of the batch is taken to be longer than one, as it is when it matters; other unknown sizes are not.
        if known is None or not all(isinstance(size, int) for size in known[1:]):
            return None
        return tuple(size for size in known if size != 1)
    if not isinstance(dim, int) or size_at(shape, dim) is None or shape is None:
        return None
    if size_at(shape, dim) != 1:
        return shape if isinstance(size_at(shape, dim), int) else None
    return removed(shape, dim)


def removed(shape: Shape, axis: int) -> Shape:
    """The shape without an axis that exists."""
    if shape is None:
        return None
    known = full(shape)
    if known is not None:
        if not -len(known) <= axis < len(known):
            return None
        axis %= len(known)
        return (*known[:axis], *known[axis + 1 :])
    if axis >= 0 or -axis > len(tail(shape)):
        return None
    position = len(shape) + axis
    return (*shape[:position], *shape[position + 1 :])


def unsqueezed(shape: Shape, dim: object) -> Shape:
    """unsqueeze."""
    if not isinstance(dim, int):
        return None
    known = full(shape)
    if known is not None:
        at = dim if dim >= 0 else len(known) + dim + 1
        return (*known[:at], 1, *known[at:]) if 0 <= at <= len(known) else None
    if dim == -1:
        return (*(shape or (REST,)), 1)
    if shape is None or dim >= 0 or -dim - 1 > len(tail(shape)):
        return None
    at = len(shape) + dim + 1
    return (*shape[:at], 1, *shape[at:])


def flattened(shape: Shape, start: object = 0, end: object = -1) -> Shape:
    """flatten."""
    if end != -1 or not isinstance(start, int) or start < 0:
        return None
    known = full(shape)
    if known is None:
        return (None,) * (start + 1)
    if len(known) <= start + 1:
        return known
    rest = known[start:]
    product: Dim = 1
    for size in rest:
        product = product * size if isinstance(product, int) and isinstance(size, int) else None
    return (*known[:start], product)


def swapped(shape: Shape, first: object, second: object) -> Shape:
    """transpose of two axes."""
    known = full(shape)
    if not isinstance(first, int) or not isinstance(second, int) or known is None:
        return None
    if not all(-len(known) <= axis < len(known) for axis in (first, second)):
        return None
    dims = list(known)
    dims[first], dims[second] = dims[second], dims[first]
    return tuple(dims)


def permuted(shape: Shape, order: Sequence[object]) -> Shape:
    """permute."""
    if len(order) == 1 and isinstance(order[0], tuple):
        order = order[0]
    if not order or not all(isinstance(axis, int) for axis in order):
        return None
    return tuple(size_at(shape, axis) if full(shape) else None for axis in order if isinstance(axis, int))


def _flat(sizes: Sequence[object]) -> Sequence[object]:
    return sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple) else sizes


def repeated(shape: Shape, times: Sequence[object]) -> Shape:
    """Tensor.repeat: each axis so many times, new axes in front."""
    known, times = full(shape), _flat(times)
    if known is None or HIDDEN in times or len(times) < len(known):
        return None
    old = (*(1,) * (len(times) - len(known)), *known)
    return tuple(
        size * count if isinstance(size, int) and isinstance(count, int) else size if count == 1 else None
        for size, count in zip(old, times, strict=True)
    )


def expanded(shape: Shape, sizes: Sequence[object]) -> Shape:
    """expand: -1 keeps an axis, new axes stand in front."""
    known, sizes = full(shape), _flat(sizes)
    if known is None or HIDDEN in sizes or len(sizes) < len(known):
        return None
    old = (*(None,) * (len(sizes) - len(known)), *known)
    return tuple(size if wanted == -1 else _dim(wanted) for size, wanted in zip(old, sizes, strict=True))


def reduced(shape: Shape, dim: object, keepdim: object = False) -> Shape:
    """A reduction over `dim` (None: over all axes).

    A truth value is no axis: var and std take it for `unbiased`, and reduce over all axes.
    """
    if dim is None or isinstance(dim, bool):
        known = full(shape)
        return () if keepdim is False else (1,) * len(known) if keepdim is True and known is not None else None
    dims = dim if isinstance(dim, tuple) else (dim,)
    if not all(isinstance(axis, int) for axis in dims) or not isinstance(keepdim, bool):
        return None
    known = full(shape)
    if known is not None:
        gone = {axis % len(known) for axis in dims} if known else set()
        return tuple(1 if i in gone else d for i, d in enumerate(known) if keepdim or i not in gone)
    if len(dims) != 1 or shape is None or dims[0] >= 0 or -dims[0] > len(tail(shape)):
        return (REST, 1) if keepdim and dims == (-1,) else None
    at = len(shape) + dims[0]
    return (*shape[:at], *((1,) if keepdim else ()), *shape[at + 1 :])


def taken(shape: Shape, index: Shape, dim: object) -> Shape:
    """take_along_dim: as long as the index along `dim`, broadcast along the other axes."""
    if dim is None:
        return (None,)
    of, by = full(shape), full(index)
    if of is None or by is None or len(of) != len(by) or not isinstance(dim, int) or not -len(of) <= dim < len(of):
        return None
    at = dim % len(of)
    return tuple(b if i == at else _joint(a, b) for i, (a, b) in enumerate(zip(of, by, strict=True)))


def affine(shape: Shape, units: Dim) -> Shape:
    """A linear layer: the last axis becomes the units."""
    return (REST, units) if shape is None else (*shape[:-1], units) if tail(shape) else (REST, units)


def convolved(shape: Shape, channels: Dim, places: int) -> Shape:
    """A convolution over `places` axes of places."""
    known = full(shape)
    first = known[0] if known is not None and len(known) == places + 2 else None
    return (first, channels, *(None,) * places)


def pooled(shape: Shape, places: int, size: object = None) -> Shape:
    """A pooling over `places` axes; `size` is that of an adaptive one."""
    known = full(shape)
    lead: tuple[Dim, ...] = (None, None)
    if known is not None and places + 1 <= len(known) <= places + 2:
        lead = known[:-places]
    elif places == 1:
        lead = (REST,)  # rows of features are taken as channels of one example
    ones = size == 1 or (isinstance(size, tuple) and bool(size) and all(one == 1 for one in size))
    return (*lead, *((1 if ones else None,) * places))


def concatenated(shapes: Sequence[Shape], dim: object) -> Shape:
    """cat of several along `dim`."""
    known = [full(shape) for shape in shapes]
    if not isinstance(dim, int) or any(shape is None for shape in known):
        return None
    first = known[0] or ()
    if any(shape is None or len(shape) != len(first) for shape in known) or not -len(first) <= dim < len(first):
        return None
    axis = dim % len(first)
    return tuple(
        None if i == axis or any(shape is not None and shape[i] != size for shape in known) else size
        for i, size in enumerate(first)
    )


def stacked(shapes: Sequence[Shape], dim: object) -> Shape:
    """stack of several along a new axis `dim`."""
    merged = concatenated([None if full(s) is None else (None, *(full(s) or ())) for s in shapes], 0)
    return None if merged is None or dim != 0 else merged


Named = Mapping[str, object]


def _option(args: Sequence[object], keywords: Named, position: int, name: str, default: object) -> object:
    if name in keywords:
        return keywords[name]
    return args[position] if position < len(args) else default


def reshaped(name: str, shape: Shape, args: Sequence[object], keywords: Named) -> Shape:
    """The shape after the shape operation `name`; `args` are the arguments beside the tensor."""
    dim = _option(args, keywords, 0, "dim", None)
    match name:
        case "view" | "reshape" | "resize":
            return viewed(args) if args else viewed([keywords.get("shape", HIDDEN)])
        case "squeeze" | "squeeze_":
            return squeezed(shape, dim)
        case "unsqueeze" | "unsqueeze_":
            return unsqueezed(shape, dim)
        case "flatten":
            start = _option(args, keywords, 0, "start_dim", 0)
            return flattened(shape, start, _option(args, keywords, 1, "end_dim", -1))
        case "Flatten":
            return flattened(shape, _option(args, keywords, 0, "start_dim", 1), keywords.get("end_dim", -1))
        case "ravel":
            return (None,)
        case "transpose" | "swapaxes" | "swapdims" | "transpose_":
            return swapped(shape, _option(args, keywords, 0, "dim0", None), _option(args, keywords, 1, "dim1", None))
        case "permute":
            return permuted(shape, args if args else [keywords.get("dims", HIDDEN)])
        case "t":
            known = full(shape)
            return (known[1], known[0]) if known is not None and len(known) == 2 else None
        case "flip" | "roll":
            return shape
        case "repeat":
            return repeated(shape, args)
        case "expand":
            return expanded(shape, args)
        case "masked_select":
            return (None,)
        case "PixelShuffle" | "PixelUnshuffle":
            return (None, None, None, None)
        case _:
            return None


_MOVES = frozenset({"unsqueeze", "unsqueeze_", "transpose", "transpose_", "swapaxes", "swapdims", "permute", "t"})


def moved(name: str, shape: Shape, axis: int | None, args: Sequence[object], keywords: Named) -> int | None:
    """Where an axis is after a shape operation that moves whole axes; None where that is not known."""
    known = full(shape)
    if name not in _MOVES or known is None or axis is None or not -len(known) <= axis < len(known):
        return None
    labels = tuple(f"axis {number}" for number in range(len(known)))
    after = reshaped(name, labels, args, keywords)
    label = labels[axis]
    return after.index(label) if after is not None and label in after else None


def beside(shape: Shape, axis: int | None, options: Named) -> tuple[int] | None:
    """Where an axis is after a reduction over another one; None where it is not known to be another."""
    dim, known = options.get("dim"), full(shape)
    if axis is None or not isinstance(dim, int) or isinstance(dim, bool):
        return None
    if known:
        axis, dim = axis % len(known), dim % len(known)
    if axis == dim or ((axis < 0) != (dim < 0) and (axis, dim) != (-1, 0)):
        return None
    if options.get("keepdim") is True or (axis < 0 <= dim):
        return (axis,)
    return (axis - (dim < axis),) if axis >= 0 else (axis + (dim > axis),)
