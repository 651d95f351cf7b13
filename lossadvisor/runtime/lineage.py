"""Which operations made a tensor, read from the autograd graph that PyTorch has built anyway.

Looking at a `grad_fn` reads no numbers: it costs microseconds, waits for no device and works on the first batch. Nodes
that only move or copy elements are passed over, so `softmax(x).permute(...).float()` is still a softmax.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from lossadvisor.late import dataclass

# Autograd node (without the trailing "Backward" and number) -> what it did. Nodes listed as "move" change no value.
# Source: torch/csrc/autograd/generated node names of torch 2.1 to 2.13.
_MOVES = frozenset(
    {"View", "ReshapeAlias", "UnsafeView", "Permute", "Transpose", "T", "Mt", "Squeeze", "Unsqueeze", "ToCopy", "Clone"}
    | {"Contiguous", "Expand", "Slice", "Select", "Index", "IndexSelect", "Alias", "AsStrided", "Copy", "Gather", "Cat"}
    | {"Unbind", "Split", "SplitWithSizes", "Narrow", "Movedim", "Stack", "Reshape", "MaskedSelect", "Flip", "Chunk"}
)
_NAMES = {
    "Softmax": "softmax", "SafeSoftmax": "softmax", "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid",
    "LogSigmoid": "logsigmoid", "Tanh": "tanh", "Relu": "relu", "Hardtanh": "hardtanh", "Clamp": "clamp",
    "ClampMin": "clamp", "ClampMax": "clamp", "NativeDropout": "dropout", "Log": "log", "Log1P": "log1p",
    "Exp": "exp", "Softplus": "softplus", "Sqrt": "sqrt", "Abs": "abs", "Pow": "pow", "Div": "div", "Mul": "mul",
    "Add": "add", "Sub": "sub", "Rsub": "rsub", "Sum": "sum", "Mean": "mean", "Neg": "neg", "Addmm": "linear",
    "Linear": "linear", "Mm": "matmul", "Bmm": "matmul", "Convolution": "convolution", "Hardsigmoid": "hardsigmoid",
    "NativeBatchNorm": "norm", "CudnnBatchNorm": "norm", "NativeLayerNorm": "norm", "Logsumexp": "logsumexp",
    "MseLoss": "mse_loss", "L1Loss": "l1_loss", "Elu": "elu", "LeakyRelu": "leaky_relu", "Gelu": "gelu", "Silu": "silu",
    "Threshold": "relu", "Mv": "matmul", "Where": "where", "AccumulateGrad": "parameter", "Round": "round",
    "Floor": "floor", "Ceil": "ceil", "Sign": "sign", "Trunc": "trunc",
}  # fmt: skip
LEARNT = frozenset({"linear", "convolution", "matmul"})
"""Operations whose output is unconstrained: what a freshly projected tensor comes from."""


@dataclass(frozen=True, slots=True)
class Made:
    """One operation behind a tensor: its name, and the axis it normalised over (softmax and log_softmax).

    `moved` says that views, selections or casts came after it: then `axis` counts in another shape, and a selection
    may have taken single entries out of rows.
    """

    op: str
    axis: int | None
    node: Any
    moved: bool


def _plain(name: str) -> str:
    bare = name.rsplit("::", 1)[-1]
    return bare.split("Backward", 1)[0]


def _made(node: Any, moved: bool) -> Made:
    plain = _plain(node.name())
    axis = None
    if plain in ("Softmax", "LogSoftmax"):
        axis = getattr(node, "_saved_dim", None)
        if axis is not None and axis >= 1 << 62:  # stored unsigned
            axis -= 1 << 64
    return Made(_NAMES.get(plain, plain), axis, node, moved)


def _step(node: Any, moves: Callable[[str], bool]) -> Any:
    """The first node at or below `node` that changed values (or the leaf)."""
    for _ in range(16):
        if node is None or not moves(_plain(node.name())):
            return node
        node = next((parent for parent, _ in node.next_functions if parent is not None), None)
    return node


def parents(made: Made) -> tuple[Made, ...]:
    """The operations that fed `made`, moves passed over."""
    steps = (_step(parent, _MOVES.__contains__) for parent, _ in made.node.next_functions if parent is not None)
    return tuple(_made(step, moved=False) for step in steps if step is not None)


def maker(tensor: Tensor) -> Made | None:
    """The operation that gave `tensor` its values; None for leaves and tensors without a graph."""
    node = _step(tensor.grad_fn, _MOVES.__contains__)
    return None if node is None else _made(node, moved=node is not tensor.grad_fn)


def made_by(tensor: Tensor, *chain: str) -> Made | None:
    """The maker of `tensor` if it is `chain[0]`, its parent `chain[1]` and so on (any parent fits), else None."""
    first = maker(tensor)
    if first is None or first.op != chain[0]:
        return None
    frontier: tuple[Made, ...] = (first,)
    for op in chain[1:]:
        frontier = tuple(parent for made in frontier for parent in parents(made) if parent.op == op)
        if not frontier:
            return None
    return first


def reshaped_from(tensor: Tensor) -> tuple[int, ...] | None:
    """The shape before the last view or reshape, when that was the very last operation; else None."""
    node = tensor.grad_fn
    if node is None or _plain(node.name()) not in ("View", "ReshapeAlias", "UnsafeView"):
        return None
    sizes = getattr(node, "_saved_self_sym_sizes", None)
    return None if sizes is None else tuple(int(size) for size in sizes)
