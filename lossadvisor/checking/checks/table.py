"""Which functions make up the check that a rule document names."""

from __future__ import annotations

from collections.abc import Mapping

from lossadvisor.checking.checks import activations, constructing, gradient, reductions, targets, weights
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
    "bce-integer-target": (targets.bce_integer_target,),
}
