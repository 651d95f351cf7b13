"""Chains of operations by qualified name, run on synthetic scores; nothing of the user's code takes part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.late import dataclass

Step = Callable[[Tensor, int], Tensor]

# Last part of the qualified name -> the operation with the class axis. Source: the page of that name on
# docs.pytorch.org. A class and its function share a row.
_STEPS: dict[str, Step] = {
    "softmax": lambda x, axis: x.softmax(axis),
    "softmin": lambda x, axis: (-x).softmax(axis),
    "log_softmax": lambda x, axis: x.log_softmax(axis),
    "gumbel_softmax": lambda x, axis: x.softmax(axis),
    "sigmoid": lambda x, axis: x.sigmoid(),
    "hardsigmoid": lambda x, axis: F.hardsigmoid(x),
    "logsigmoid": lambda x, axis: F.logsigmoid(x),
    "tanh": lambda x, axis: x.tanh(),
    "hardtanh": lambda x, axis: F.hardtanh(x),
    "softsign": lambda x, axis: F.softsign(x),
    "relu": lambda x, axis: x.relu(),
    "relu6": lambda x, axis: F.relu6(x),
    "softplus": lambda x, axis: F.softplus(x),
    "elu": lambda x, axis: F.elu(x),
    "leaky_relu": lambda x, axis: F.leaky_relu(x),
    "gelu": lambda x, axis: F.gelu(x),
    "silu": lambda x, axis: F.silu(x),
    "exp": lambda x, axis: x.exp(),
    "log": lambda x, axis: x.log(),
    "log1p": lambda x, axis: x.log1p(),
    "logit": lambda x, axis: x.logit(),
    "abs": lambda x, axis: x.abs(),
    "square": lambda x, axis: x.square(),
    "sqrt": lambda x, axis: x.sqrt(),
    "neg": lambda x, axis: -x,
    "round": lambda x, axis: x.round(),
    "floor": lambda x, axis: x.floor(),
    "ceil": lambda x, axis: x.ceil(),
    "sign": lambda x, axis: x.sign(),
    "detach": lambda x, axis: x.detach(),
}
_CLASS_SPELLING = {
    "logsoftmax": "log_softmax", "softmax2d": "softmax", "leakyrelu": "leaky_relu", "softmax_": "softmax",
    "expit": "sigmoid", "celu": "elu", "selu": "elu",
}  # fmt: skip
# Learnt maps: what comes out is scores, whatever went in.
_LEARNT = frozenset(
    {"linear", "lazylinear", "bilinear", "conv1d", "conv2d", "conv3d", "convtranspose1d", "convtranspose2d"}
    | {"convtranspose3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "addmm", "matmul", "mm", "bmm"}
    | {"lazyconv1d", "lazyconv2d", "embedding", "batchnorm1d", "batchnorm2d", "layernorm", "einsum"}
)
# Operations that keep the numbers: moves, casts to float, copies. Dropout is judged apart and kept out of the numbers.
_KEEP = frozenset(
    {"view", "reshape", "squeeze", "unsqueeze", "flatten", "transpose", "permute", "t", "contiguous", "clone", "cpu"}
    | {"cuda", "to", "float", "double", "half", "bfloat16", "identity", "expand", "dropout", "dropout1d", "dropout2d"}
    | {
        "dropout3d",
        "type",
        "view_as",
        "reshape_as",
        "expand_as",
        "movedim",
        "flip",
        "select",
        "narrow",
        "requires_grad_",
    }
    | {"index_select", "masked_select", "unflatten", "avgpool2d", "adaptiveavgpool2d", "interpolate", "upsample"}
)


@dataclass(frozen=True, slots=True)
class Chain:
    """Operations from raw scores to the input of a loss; `unknown` names those that no row describes (left out).

    `axis` is what softmax and its like run over when that is not the class axis.
    """

    names: tuple[str, ...]
    steps: tuple[Step, ...]
    unknown: tuple[str, ...] = ()
    axis: int | None = None

    def __call__(self, scores: Tensor, axis: int) -> Tensor:
        """The input of the loss for these scores; `axis` is the class axis."""
        for step in self.steps:
            scores = step(scores, axis if self.axis is None else self.axis)
        return scores

    @property
    def cut(self) -> bool:
        """Whether no gradient comes back through the chain."""
        probe = torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
        return not self(probe, 1).requires_grad


def last_name(qualified: str) -> str:
    """The name of the operation without its package, classes spelled like their functions, in-place forms plainly."""
    bare = qualified.rsplit(".", 1)[-1].lower()
    bare = _CLASS_SPELLING.get(bare, bare)
    return bare[:-1] if bare.endswith("_") and bare[:-1] in _STEPS else bare


def chain(names: Sequence[str], axis: int | None = None) -> Chain:
    """The chain of these qualified names (oldest first) from its last learnt map on; `axis` as in Chain."""
    short = [(name, last_name(name)) for name in names]
    start = max((index + 1 for index, (_, bare) in enumerate(short) if bare in _LEARNT), default=0)
    kept = [(name, bare) for name, bare in short[start:] if bare not in _KEEP]
    known = [(name, bare) for name, bare in kept if bare in _STEPS]
    unknown = tuple(name for name, bare in kept if bare not in _STEPS)
    return Chain(tuple(name for name, _ in known), tuple(_STEPS[bare] for _, bare in known), unknown, axis)
