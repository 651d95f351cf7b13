"""Which functions make up the check that a rule document names."""

from __future__ import annotations

from collections.abc import Mapping

from lossadvisor.checking.checks import (
    activations,
    axes,
    balance,
    constructing,
    gradient,
    handwritten,
    numerics,
    reductions,
    reporting,
    similarity,
    swapping,
    targets,
    weights,
)
from lossadvisor.checking.checks.model import Check

CHECKS: Mapping[str, tuple[Check, ...]] = {
    "implicit-softmax-dim": (activations.implicit_softmax_dim,),
    "single-unit-softmax": (activations.single_unit_softmax,),
    "log-of-softmax": (activations.log_of_softmax,),
    "log-of-sigmoid": (activations.log_of_sigmoid,),
    "loss-constructor-called": (constructing.loss_constructor_called,),
    "activation-constructor-called": (constructing.activation_constructor_called,),
    "constructor-argument-order": (constructing.constructor_argument_order,),
    "deprecated-reduction": (reductions.deprecated_reduction,),
    "kl-div-mean-reduction": (reductions.kl_div_mean_reduction,),
    "unreduced-loss": (reductions.unknown_reduction, gradient.unreduced_loss),
    "non-differentiable-prediction": (gradient.non_differentiable_prediction,),
    "detached-prediction": (gradient.detached_prediction,),
    "rewrapped-loss": (gradient.rewrapped_loss,),
    "class-weight-type": (weights.class_weight_type,),
    "cross-entropy-float-target": (targets.cross_entropy_float_target,),
    "cross-entropy-target-shape": (axes.cross_entropy_target_shape,),
    "bce-integer-target": (targets.bce_integer_target,),
    "class-index-range": (targets.class_index_range,),
    "padding-not-ignored": (targets.padding_not_ignored,),
    "target-not-detached": (targets.target_not_detached,),
    "threshold-mismatch": (reporting.threshold_mismatch,),
    "accumulated-loss-graph": (reporting.accumulated_loss_graph,),
    "custom-loss-domain": (handwritten.custom_loss_domain,),
    "weight-for-pos-weight": (balance.weight_for_pos_weight,),
    "custom-loss-reduction": (handwritten.custom_loss_reduction,),
    "handwritten-cross-entropy": (handwritten.handwritten_cross_entropy,),
    "mixed-reductions": (handwritten.mixed_reductions,),
    "mean-of-means": (handwritten.mean_of_means,),
    "similarity-softmax": (similarity.similarity_softmax,),
    "softmax-over-batch": (axes.softmax_over_batch,),
    "broadcasting-loss": (axes.broadcasting_loss,),
    "class-axis": (axes.class_axis,),
    "swapped-arguments": (swapping.swapped_arguments,),
    "structured-output": (swapping.structured_output,),
    "handwritten-softmax": (numerics.handwritten_softmax,),
    "bce-under-autocast": (numerics.bce_under_autocast,),
    "sqrt-of-mse": (numerics.sqrt_of_mse,),
    "unguarded-log": (numerics.unguarded_log,),
    "masked-mean": (numerics.masked_mean,),
}
