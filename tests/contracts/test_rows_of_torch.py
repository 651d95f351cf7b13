"""What the rows of torch say beside signatures and wants: shapes as torch accepts them, autocast, twins, families."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from lossadvisor.contracts import TORCH, Autocast, Family, Shapes, by_id

SCORES = torch.tensor([[0.2, -1.0, 0.5], [1.0, 0.3, -0.4], [0.1, 0.2, 0.3], [0.0, 2.0, 1.0]])
ROWS = torch.tensor([0, 2, 1, 1])
SIGNS = torch.tensor([1, -1, 1, -1])
Call = Callable[[], torch.Tensor]
# For each relation of shapes a call that torch accepts.
ACCEPTED: dict[str, tuple[Shapes, tuple[Call, ...]]] = {
    "cross_entropy": (Shapes.CLASSES_OR_EQUAL, (lambda: F.cross_entropy(SCORES, ROWS),
                                                lambda: F.cross_entropy(SCORES, SCORES.softmax(1)))),
    "nll": (Shapes.CLASSES, (lambda: F.nll_loss(SCORES, ROWS),)),
    "multi_margin": (Shapes.ROWS, (lambda: F.multi_margin_loss(SCORES, ROWS),)),
    "cosine_embedding": (Shapes.ROWS, (lambda: F.cosine_embedding_loss(SCORES, SCORES, SIGNS),)),
    "triplet_margin": (Shapes.TRIPLET, (lambda: F.triplet_margin_loss(SCORES, SCORES, SCORES + 1),)),
    "triplet_margin_with_distance": (Shapes.TRIPLET, (
        lambda: F.triplet_margin_with_distance_loss(SCORES, SCORES, SCORES + 1),)),
    "ctc": (Shapes.SEQUENCE, (lambda: F.ctc_loss(SCORES.log_softmax(1), torch.tensor([1, 2]), (4,), (2,)),)),
}  # fmt: skip
EQUAL: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "bce": lambda a, b: F.binary_cross_entropy(a.sigmoid(), b.sigmoid()),
    "bce_with_logits": F.binary_cross_entropy_with_logits, "poisson_nll": F.poisson_nll_loss,
    "kl_div": lambda a, b: F.kl_div(a, b.sigmoid()),
    "gaussian_nll": lambda a, b: F.gaussian_nll_loss(a, b, torch.ones_like(a)), "l1": F.l1_loss, "mse": F.mse_loss,
    "smooth_l1": F.smooth_l1_loss, "huber": F.huber_loss, "soft_margin": F.soft_margin_loss,
    "multilabel_soft_margin": lambda a, b: F.multilabel_soft_margin_loss(a, b.sigmoid()),
    "multilabel_margin": lambda a, b: F.multilabel_margin_loss(a, torch.zeros_like(a).long()),
    "margin_ranking": lambda a, b: F.margin_ranking_loss(a, a + 1, b.sign()),
    "hinge_embedding": lambda a, b: F.hinge_embedding_loss(a, b.sign()),
}  # fmt: skip
OWN = {"linear_cross_entropy": Shapes.OWN, "adaptive_log_softmax": Shapes.ROWS}


@pytest.mark.parametrize("contract", [one.id for one in TORCH])
def test_shapes_are_accepted_by_torch(contract: str) -> None:
    if contract in ACCEPTED:
        shapes, calls = ACCEPTED[contract]
        assert all(bool(torch.isfinite(call())) for call in calls)
    elif contract in EQUAL:
        shapes = Shapes.EQUAL
        assert bool(torch.isfinite(EQUAL[contract](SCORES, SCORES.flip(0))))
    else:
        shapes = OWN[contract]
    assert by_id[contract].shapes is shapes


# "CUDA Ops that can autocast to float32" and "Prefer binary_cross_entropy_with_logits over binary_cross_entropy":
# https://docs.pytorch.org/docs/stable/amp.html#autocast-op-reference; cross_entropy and its like are made of those.
AUTOCAST = {
    Autocast.FLOAT32: "cross_entropy nll bce_with_logits linear_cross_entropy kl_div poisson_nll l1 mse smooth_l1 "
    "huber soft_margin multilabel_soft_margin multi_margin multilabel_margin hinge_embedding cosine_embedding "
    "triplet_margin triplet_margin_with_distance",
    Autocast.RAISES: "bce",
    Autocast.UNKNOWN: "adaptive_log_softmax gaussian_nll ctc margin_ranking",
}


def test_autocast() -> None:
    told = {name: kind for kind, names in AUTOCAST.items() for name in names.split()}
    assert {contract.id: contract.autocast for contract in TORCH} == told


# The loss that computes the same from logits, exactly: each page says so under its formula.
TWINS = {"nll": "cross_entropy", "bce": "bce_with_logits", "soft_margin": "bce_with_logits",
         "multilabel_soft_margin": "bce_with_logits"}  # fmt: skip


def test_stable_twins_compute_the_same() -> None:
    assert {one.id: one.stable_twin for one in TORCH if one.stable_twin} == TWINS
    same = torch.testing.assert_close
    labels = (SIGNS[:, None] > 0).float().expand_as(SCORES)
    same(F.nll_loss(SCORES.log_softmax(1), ROWS), F.cross_entropy(SCORES, ROWS))
    same(F.binary_cross_entropy(SCORES.sigmoid(), labels), F.binary_cross_entropy_with_logits(SCORES, labels))
    same(F.soft_margin_loss(SCORES, labels * 2 - 1), F.binary_cross_entropy_with_logits(SCORES, labels))
    same(F.multilabel_soft_margin_loss(SCORES, labels), F.binary_cross_entropy_with_logits(SCORES, labels))


FAMILIES = {
    Family.CROSS_ENTROPY: "cross_entropy linear_cross_entropy adaptive_log_softmax", Family.NLL: "nll",
    Family.BCE: "bce", Family.BCE_WITH_LOGITS: "bce_with_logits multilabel_soft_margin", Family.DIVERGENCE: "kl_div",
    Family.LIKELIHOOD: "gaussian_nll poisson_nll", Family.SEQUENCE: "ctc",
    Family.REGRESSION: "l1 mse smooth_l1 huber", Family.SOFT_MARGIN: "soft_margin",
    Family.MARGIN: "multi_margin multilabel_margin margin_ranking",
    Family.EMBEDDING: "hinge_embedding cosine_embedding triplet_margin triplet_margin_with_distance",
}  # fmt: skip


def test_families() -> None:
    told = {name: family for family, names in FAMILIES.items() for name in names.split()}
    assert {contract.id: contract.family for contract in TORCH} == told
