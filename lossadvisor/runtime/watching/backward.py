"""What can be told at the start of a backward pass, and the gradient that comes back to the prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lossadvisor.runtime import lineage
from lossadvisor.runtime.judging.call import Suspicion

_ROOTED = ("mse_loss", "l1_loss")


def judge(original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Suspicion | None:
    """A suspicion about `tensor.backward(...)`; reads shapes and the graph, no numbers."""
    tensor = args[0] if args else kwargs.get("self")
    if not isinstance(tensor, Tensor):
        return None
    gradient = args[1] if len(args) > 1 else kwargs.get("gradient")
    if tensor.numel() > 1 and gradient is None:
        text = f"backward on a loss of shape {tuple(tensor.shape)}: it was not reduced"
        return Suspicion("LA506", text, True, 64, {"shape": tuple(tensor.shape)})
    if tensor.grad_fn is None:
        if tensor.requires_grad and not isinstance(tensor, torch.nn.Parameter):
            return Suspicion("LA603", "backward on a tensor made anew: no model stands behind it", True, 64)
        if not tensor.requires_grad:
            return Suspicion("LA602", "backward on a loss without a graph: the prediction was detached", True, 64)
    made = lineage.maker(tensor)
    if made is not None and made.op == "sqrt" and any(one.op in _ROOTED for one in lineage.parents(made)):
        return Suspicion("LA407", "square root of a mean squared error: infinite gradient at 0", True, 64)
    return None


def note_gradient(prediction: Tensor, norms: list[float]) -> None:
    """Append the greatest absolute gradient at `prediction` to `norms` when the next backward brings it.

    The hook returns nothing, so the gradient stays bitwise what it was, and removes itself after one call.
    """

    def hook(gradient: Tensor) -> None:
        handle.remove()
        if gradient.numel():
            norms.append(float(gradient.detach().abs().max()))

    handle = prediction.register_hook(hook)  # type: ignore[no-untyped-call]
