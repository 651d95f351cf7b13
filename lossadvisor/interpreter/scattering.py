"""One-hot rows made by scattering ones into zeros, and what a product with such rows keeps.

Sources: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html (an index has as many axes as the
tensor; one of size one along `dim` writes one entry of each row) and torch.bmm beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter.values import Opaque, Tensor, Value
from lossadvisor.transfers import shapes
from lossadvisor.transfers.model import Operation
from lossadvisor.values import Domain, Dtype, Fact, Place, Step
from lossadvisor.values.marks import Ones, Unsqueezed

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments

_UNSQUEEZES = frozenset({"unsqueeze", "unsqueeze_"})
_MATRIX = frozenset({"matmul", "mm", "bmm"})
OPERATION = "torch.Tensor.scatter_"


def unsqueezed(operation: Operation, after: Fact, args: Sequence[Value], keywords: Mapping[str, Value]) -> Fact:
    """Remember which axis has been added to a tensor of unknown rank; any other change of shape ends that."""
    from lossadvisor.interpreter import layers

    dim = layers.constant(args[0] if args else keywords.get("dim"))
    marks = frozenset(mark for mark in after.marks if not isinstance(mark, Unsqueezed))
    if operation.name.rsplit(".", 1)[-1] in _UNSQUEEZES and type(dim) is int and after.shape is None:
        return replace(after, marks=marks | {Unsqueezed(dim)})
    return replace(after, marks=marks) if len(marks) < len(after.marks) else after


def one_hot(receiver: Value, arguments: Arguments, place: Place) -> Tensor | None:
    """`zeros.scatter_(dim, index, 1)` with one index per row; None for anything else."""
    from lossadvisor.interpreter import layers

    dim = layers.constant(arguments.get(0, "dim"))
    index = arguments.get(1, "index")
    written = layers.constant(arguments.get(2, "value") or arguments.keywords.get("src"))
    if not isinstance(receiver, Tensor) or type(dim) is not int or written != 1 or "reduce" in arguments.keywords:
        return None
    fact = receiver.fact
    rank = shapes.full(fact.shape)
    if not any(isinstance(mark, Ones) and mark.value == 0 for mark in fact.marks):
        return None
    if isinstance(index, Opaque) and isinstance(index.default, Tensor):
        index = index.default
    if not isinstance(index, Tensor) or not _one_each(index.fact, dim, None if rank is None else len(rank)):
        return None
    classes = shapes.size_at(fact.shape, dim)
    step = Step(place, "ones scattered into zeros make one-hot rows", OPERATION)
    return Tensor(Fact(
        Domain.ONE_HOT, dim, fact.dtype, fact.shape, fact.grad, classes=classes if isinstance(classes, int) else None,
        trail=(*index.fact.trail, step),
    ))


def _one_each(index: Fact, dim: int, rank: int | None) -> bool:
    """Whether the index has one entry along the axis."""
    if shapes.size_at(index.shape, dim) == 1:
        return True
    if rank is not None and shapes.size_at(index.shape, dim - rank if dim >= 0 else dim + rank) == 1:
        return True
    return any(isinstance(mark, Unsqueezed) and mark.dim == dim for mark in index.marks)


def mixed(name: str, left: Fact, right: Fact | None) -> Fact | None:
    """Rows that sum to one, times one-hot rows: the probabilities of the same labels are added up, so the result sums
    to one over its last axis. None for any other product."""
    if name not in _MATRIX or right is None or right.domain is not Domain.ONE_HOT:
        return None
    if left.domain is not Domain.PROBABILITIES or not _last(right):
        return None
    # A row of weights per matrix: `weights.unsqueeze(1).bmm(labels)`; the axis added is the second of three.
    row = name == "bmm" and left.axis is None and Unsqueezed(1) in left.marks
    if not _last(left) and not row:
        return None
    return replace(left, axis=-1, shape=shapes.product(left.shape, right.shape), classes=right.classes,
                   dtype=Dtype.FLOAT, marks=frozenset())


def _last(fact: Fact) -> bool:
    """Whether the axis of the distribution is the last one."""
    known = shapes.full(fact.shape)
    return fact.axis == -1 or (known is not None and fact.axis == len(known) - 1)


def operand(args: Sequence[Value]) -> Fact | None:
    """The second operand of a product."""
    return args[0].fact if args and isinstance(args[0], Tensor) else None
