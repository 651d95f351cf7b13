"""Which template belongs to which recipe of the knowledge table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lossadvisor.advisor.snippets import classification as c
from lossadvisor.advisor.snippets import dense as d
from lossadvisor.advisor.snippets import embeddings as e
from lossadvisor.advisor.snippets import generative as g
from lossadvisor.advisor.snippets import labels
from lossadvisor.advisor.snippets import numbers as n
from lossadvisor.advisor.snippets import sequences as s
from lossadvisor.advisor.snippets.parts import Parts, Setting

TEMPLATES: Mapping[str, Callable[[Setting], Parts]] = {
    "binary-one-logit": c.binary_one_logit,
    "binary-two-logits": c.binary_two_logits,
    "binary-focal": c.binary_focal,
    "binary-soft-margin": c.binary_soft_margin,
    "multiclass": c.multiclass,
    "multiclass-soft": c.multiclass,
    "multiclass-smoothed": c.multiclass_smoothed,
    "multiclass-nll": c.multiclass_nll,
    "multiclass-margin": c.multiclass_margin,
    "multiclass-adaptive": c.multiclass_adaptive,
    "multilabel": labels.multilabel,
    "multilabel-soft-margin": labels.multilabel_soft_margin,
    "multilabel-focal": labels.multilabel_focal,
    "ordinal-cumulative": labels.ordinal_cumulative,
    "ordinal-cross-entropy": labels.ordinal_cross_entropy,
    "segmentation-binary": d.segmentation_binary,
    "segmentation-binary-plain": d.segmentation_binary_plain,
    "segmentation-classes": d.segmentation_classes,
    "segmentation-classes-plain": d.segmentation_classes_plain,
    "detection-smooth-l1": d.detection_smooth_l1,
    "detection-l1": d.detection_l1,
    "regression-mse": n.regression_mse,
    "regression-huber": n.regression_huber,
    "regression-smooth-l1": n.regression_smooth_l1,
    "regression-l1": n.regression_l1,
    "regression-gaussian": n.regression_gaussian,
    "count-poisson": n.count_poisson,
    "count-rate": n.count_rate,
    "count-negative-binomial": n.count_negative_binomial,
    "quantile-pinball": n.quantile_pinball,
    "quantile-median": n.quantile_median,
    "sequence-flat": s.sequence_flat,
    "sequence-transposed": s.sequence_transposed,
    "language-model": s.language_model,
    "language-model-fused": s.language_model_fused,
    "language-model-adaptive": s.language_model_adaptive,
    "ctc": s.ctc,
    "ranking-margin": e.ranking_margin,
    "ranking-logistic": e.ranking_logistic,
    "ranking-listwise": e.ranking_listwise,
    "metric-triplet": e.metric_triplet,
    "metric-triplet-cosine": e.metric_triplet_cosine,
    "metric-cosine": e.metric_cosine,
    "metric-hinge": e.metric_hinge,
    "contrastive-infonce": e.contrastive_infonce,
    "contrastive-cosine": e.contrastive_cosine,
    "distillation-kl": e.distillation_kl,
    "distillation-mixed": e.distillation_mixed,
    "distillation-cross-entropy": e.distillation_cross_entropy,
    "vae-bernoulli": g.vae_bernoulli,
    "vae-gaussian": g.vae_gaussian,
    "gan-logistic": g.gan_logistic,
    "gan-hinge": g.gan_hinge,
    "gan-wasserstein": g.gan_wasserstein,
    "gan-least-squares": g.gan_least_squares,
}
