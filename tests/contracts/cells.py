"""Right calls of torch's losses, and values of every domain made from the same scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.contracts import Contract, Want
from lossadvisor.values import Domain

ROWS, CLASSES = 64, 5
_SEED = torch.Generator().manual_seed(0)
LABELS = torch.randint(0, CLASSES, (ROWS,), generator=_SEED)
HOT = F.one_hot(LABELS, CLASSES).double()
BITS = torch.randint(0, 2, (ROWS, CLASSES), generator=_SEED).double()
EMBEDDINGS = torch.randn(3, ROWS, CLASSES, generator=_SEED, dtype=torch.float64)
FRAMES, SYMBOLS = 12, 3
SEQUENCES = torch.randint(1, CLASSES, (ROWS, SYMBOLS), generator=_SEED)


def scores(bits: Tensor) -> Tensor:
    """Good scores for these labels: 2 where the answer is yes, -2 where it is no."""
    return 4 * bits - 2


def value(domain: Domain, z: Tensor) -> Tensor:
    """What becomes of scores when they are handed over as numbers of `domain`."""
    torch.manual_seed(0)
    return _VALUES[domain](z)


_VALUES: dict[Domain, Callable[[Tensor], Tensor]] = {
    Domain.SCORES: lambda z: z,
    Domain.REAL: lambda z: z,
    Domain.SIMILARITY: lambda z: z / 2,
    Domain.RECTIFIED: torch.relu,
    Domain.DROPPED: F.dropout,
    Domain.NON_NEGATIVE: F.softplus,
    Domain.PROBABILITIES: lambda z: z.softmax(-1),
    Domain.UNIT_INTERVAL: torch.sigmoid,
    Domain.SIGNED_UNIT: torch.tanh,
    Domain.LOG_PROBABILITIES: lambda z: z.log_softmax(-1),
    Domain.LOG_UNIT_INTERVAL: F.logsigmoid,
    Domain.INDICES: lambda z: z.argmax(-1),
    Domain.ONE_HOT: lambda z: F.one_hot(z.argmax(-1), z.shape[-1]).to(z.dtype),
    Domain.MULTI_HOT: lambda z: (z > 0).to(z.dtype),
    Domain.SIGNS: lambda z: z.sign(),
    Domain.BYTES: lambda z: 255 * (z > 0).to(z.dtype),
}

_RIGHT: dict[Want, Callable[[Tensor], Tensor]] = {
    Want.LOGITS: lambda z: z,
    Want.BINARY_LOGITS: lambda z: z,
    Want.MARGIN_SCORES: lambda z: z,
    Want.ELEMENT_PROBABILITIES: torch.sigmoid,
    Want.LOG_PROBABILITIES: lambda z: z.log_softmax(-1),
    Want.DISTRIBUTION: lambda z: z.softmax(-1),
    Want.LOG_DISTRIBUTION: lambda z: z.log_softmax(-1),
    Want.LOG_RATE: lambda z: z,
    Want.RATE: F.softplus,
    Want.VARIANCE: F.softplus,
    Want.REAL: lambda z: z,
}


def right(contract: Contract, options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a right call, by port, built on the good scores."""
    return _CALLS[contract.id](contract, options)


def made_from(contract: Contract) -> Tensor:
    """The scores that the right prediction of that loss is made from."""
    if contract.id in {"cross_entropy", "nll", "kl_div", "multi_margin"}:
        return scores(HOT)
    if contract.id == "ctc":
        return _frames()
    if contract.id == "poisson_nll":
        return torch.linspace(-3, -1, ROWS, dtype=torch.float64)
    if contract.id in {"gaussian_nll", "hinge_embedding", "margin_ranking"}:
        return EMBEDDINGS[0]
    return scores(BITS)


def _frames() -> Tensor:
    steps = torch.arange(FRAMES) * SYMBOLS // FRAMES
    symbols = torch.where(torch.arange(FRAMES) % 4 == 3, 0, SEQUENCES[:, steps])
    return scores(F.one_hot(symbols.T, CLASSES).double())  # (FRAMES, ROWS, CLASSES)


def _scored(target: Callable[[], Tensor]) -> Callable[[Contract, dict[str, Any]], dict[str, Any]]:
    def make(contract: Contract, options: dict[str, Any]) -> dict[str, Any]:
        port = contract.ports[0]
        return {port.name: _RIGHT[contract.want(port, options)](made_from(contract)), "target": target()}

    return make


def _divergence(contract: Contract, options: dict[str, Any]) -> dict[str, Any]:
    want = contract.want(contract.ports[1], options)
    z = made_from(contract)
    return {"input": z.log_softmax(-1), "target": _RIGHT[want](z)}


def _sequence(contract: Contract, options: dict[str, Any]) -> dict[str, Any]:
    lengths = {"input_lengths": torch.full((ROWS,), FRAMES), "target_lengths": torch.full((ROWS,), SYMBOLS)}
    return {"log_probs": _frames().log_softmax(-1), "targets": SEQUENCES, **lengths}


def _triplet(contract: Contract, options: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(("anchor", "positive", "negative"), EMBEDDINGS, strict=True))


_SIGNS = 2 * BITS - 1
_CALLS: dict[str, Callable[[Contract, dict[str, Any]], dict[str, Any]]] = {
    "cross_entropy": _scored(lambda: LABELS),
    "nll": _scored(lambda: LABELS),
    "bce": _scored(lambda: BITS),
    "bce_with_logits": _scored(lambda: BITS),
    "multilabel_soft_margin": _scored(lambda: BITS),
    "soft_margin": _scored(lambda: _SIGNS),
    "multi_margin": _scored(lambda: LABELS),
    "multilabel_margin": _scored(
        lambda: torch.stack([_indices(row) for row in BITS.bool()]),
    ),
    "l1": _scored(lambda: EMBEDDINGS[0]),
    "mse": _scored(lambda: EMBEDDINGS[0]),
    "smooth_l1": _scored(lambda: EMBEDDINGS[0]),
    "huber": _scored(lambda: EMBEDDINGS[0]),
    "kl_div": _divergence,
    "ctc": _sequence,
    "poisson_nll": _scored(lambda: torch.zeros(ROWS, dtype=torch.float64)),
    "gaussian_nll": lambda contract, options: {
        "input": EMBEDDINGS[0],
        "target": EMBEDDINGS[1],
        "var": F.softplus(EMBEDDINGS[2]),
    },
    "hinge_embedding": lambda contract, options: {
        "input": torch.where(BITS > 0, 0.1, 2.0).double(),
        "target": _SIGNS,
    },
    "cosine_embedding": lambda contract, options: {
        "input1": EMBEDDINGS[0],
        "input2": EMBEDDINGS[1],
        "target": _SIGNS[:, 0],
    },
    "margin_ranking": lambda contract, options: {
        "input1": EMBEDDINGS[0],
        "input2": EMBEDDINGS[1],
        "target": _SIGNS,
    },
    "triplet_margin": _triplet,
    "triplet_margin_with_distance": _triplet,
}


def _indices(row: Tensor) -> Tensor:
    found = row.nonzero()[:, 0]
    return F.pad(found, (0, CLASSES - len(found)), value=-1)
