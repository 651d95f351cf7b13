"""Losses of pytorch_metric_learning (2.9): embeddings and integer labels of groups, or two views.

Feed embeddings, never class scores: even the classification losses of this package own their last layer.
"""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="pytorch_metric_learning",
    exports=("pytorch_metric_learning.losses",),
    root="pytorch_metric_learning.losses",
    source="https://kevinmusgrave.github.io/pytorch-metric-learning/losses/",
)
_LABELS = "embeddings: input, labels: target=None, indices_tuple=None, ref_emb=None, ref_labels=None"

# class, module, constructor
_GROUPED: tuple[tuple[str, str, str], ...] = (
    ("AngularLoss", "angular_loss", "alpha=40"),
    ("ArcFaceLoss", "arcface_loss", "num_classes, embedding_size, margin=28.6, scale=64"),
    ("CircleLoss", "circle_loss", "m=0.4, gamma=80"),
    ("ContrastiveLoss", "contrastive_loss", "pos_margin=0, neg_margin=1"),
    ("CosFaceLoss", "cosface_loss", "*, margin=0.35, scale=64"),
    ("DynamicSoftMarginLoss", "dynamic_soft_margin_loss", "min_val=-2.0, num_bins=10, momentum=0.01"),
    ("FastAPLoss", "fast_ap_loss", "num_bins=10"),
    ("HistogramLoss", "histogram_loss", "n_bins=None, delta=None"),
    ("InstanceLoss", "instance_loss", "gamma=64"),
    ("IntraPairVarianceLoss", "intra_pair_variance_loss", "pos_eps=0.01, neg_eps=0.01"),
    ("LargeMarginSoftmaxLoss", "large_margin_softmax_loss", "num_classes, embedding_size, margin=4, scale=1"),
    ("LiftedStructureLoss", "lifted_structure_loss", "neg_margin=1, pos_margin=0"),
    ("GeneralizedLiftedStructureLoss", "lifted_structure_loss", "neg_margin=1, pos_margin=0"),
    (
        "MarginLoss",
        "margin_loss",
        "margin=0.2, nu=0, beta=1.2, triplets_per_anchor='all', learn_beta=False, num_classes=None",
    ),
    ("MultiSimilarityLoss", "multi_similarity_loss", "alpha=2, beta=50, base=0.5"),
    ("NPairsLoss", "n_pairs_loss", ""),
    ("NCALoss", "nca_loss", "softmax_scale=1"),
    ("NormalizedSoftmaxLoss", "normalized_softmax_loss", "num_classes, embedding_size, temperature=0.05"),
    ("NTXentLoss", "ntxent_loss", "temperature=0.07"),
    ("P2SGradLoss", "p2s_grad_loss", "descriptors_dim, num_classes"),
    ("PNPLoss", "pnp_loss", "b=2, alpha=1, anneal=0.01, variant='O'"),
    ("ProxyAnchorLoss", "proxy_anchor_loss", "num_classes, embedding_size, margin=0.1, alpha=32"),
    ("ProxyNCALoss", "proxy_losses", "num_classes, embedding_size"),
    ("RankedListLoss", "ranked_list_loss", "margin, Tn, imbalance=0.5, alpha=None, Tp=0"),
    ("SignalToNoiseRatioContrastiveLoss", "signal_to_noise_ratio_losses", ""),
    ("SmoothAPLoss", "smooth_ap", "temperature=0.01"),
    (
        "SoftTripleLoss",
        "soft_triple_loss",
        "num_classes, embedding_size, centers_per_class=10, la=20, gamma=0.1, margin=0.01",
    ),
    ("SphereFaceLoss", "sphereface_loss", "num_classes, embedding_size, margin=4, scale=1"),
    ("SubCenterArcFaceLoss", "subcenter_arcface_loss", "*, margin=28.6, scale=64, sub_centers=3"),
    ("SupConLoss", "supcon_loss", "temperature=0.1"),
    (
        "ThresholdConsistentMarginLoss",
        "tcm_loss",
        "lambda_plus=1.0, lambda_minus=1.0, margin_plus=0.9, margin_minus=0.5",
    ),
    (
        "TripletMarginLoss",
        "triplet_margin_loss",
        "margin=0.05, swap=False, smooth_loss=False, triplets_per_anchor='all'",
    ),
    ("TupletMarginLoss", "tuplet_margin_loss", "margin=5.73, scale=64"),
)

# class, module, constructor, call: no labels of their own
_VIEWS: tuple[tuple[str, str, str, str], ...] = (
    ("ManifoldLoss", "manifold_loss", "l, K=50, lambdaC=1.0, alpha=0.8, margin=0.0005", _LABELS),
    ("VICRegLoss", "vicreg_loss", "invariance_lambda=25, variance_mu=25, covariance_v=1, eps=0.0001", _LABELS),
    ("SelfSupervisedLoss", "self_supervised_loss", "loss, symmetric=True", "embeddings: input, ref_emb"),
)

_WRAPPERS: tuple[tuple[str, str, str, str], ...] = (
    (
        "CrossBatchMemory",
        "cross_batch_memory",
        "loss, embedding_size, memory_size=1024, miner=None",
        "embeddings: input, labels: target, indices_tuple=None, enqueue_mask=None",
    ),
    (
        "MultipleLosses",
        "multiple_losses",
        "losses, miners=None, weights=None",
        "embeddings: input, labels: target, indices_tuple=None",
    ),
)


def _row(name: str, module: str, constructor: str, call: str, target: Want | None) -> Contract:
    return loss(
        _PACKAGE,
        name,
        module=module,
        constructor=constructor,
        call=call,
        family=Family.EMBEDDING,
        prediction=Want.EMBEDDING,
        target=target,
        reduction="own",
        shapes=Shapes.ROWS,
    )


PYTORCH_METRIC_LEARNING: tuple[Contract, ...] = (
    *(_row(name, module, constructor, _LABELS, Want.CLASS_INDICES) for name, module, constructor in _GROUPED),
    *(_row(*row, Want.CLASS_INDICES) for row in _WRAPPERS),
    *(_row(*row, None) for row in _VIEWS),
)
