"""What the facts already show: conversions that the target needs and activations that must go."""

from __future__ import annotations

from collections.abc import Mapping

from lossadvisor.advisor.facts import Activation, Facts, Task
from lossadvisor.advisor.knowledge.links import BCEL, BROADCASTING, CE
from lossadvisor.advisor.model import Recipe
from lossadvisor.advisor.model import Statement as S
from lossadvisor.contracts import Want, by_id

INDEXED = frozenset({Want.CLASS_INDICES, Want.CLASS_INDICES_OR_PROBABILITIES})
"""Ports that read class indices."""

_CODES: Mapping[tuple[bool, Activation], str] = {
    (True, Activation.SOFTMAX): "LA101",
    (True, Activation.LOG_SOFTMAX): "LA102",
    (True, Activation.SIGMOID): "LA103",
    (True, Activation.TANH): "LA103",
    (True, Activation.RELU): "LA104",
    (False, Activation.SIGMOID): "LA105",
    (False, Activation.SOFTMAX): "LA106",
    (False, Activation.LOG_SOFTMAX): "LA106",
    (False, Activation.TANH): "LA104",
    (False, Activation.RELU): "LA104",
}
"""(one choice among classes?, last activation) -> the rule that finds it before the loss."""

_ACTIVATED_INSIDE = frozenset({Task.CTC, Task.DISTILLATION, Task.LANGUAGE_MODEL, Task.SEQUENCE})


def target_want(recipe: Recipe) -> Want | None:
    """What the recipe's loss wants as target, where its contract says so."""
    port = by_id[recipe.contract].port("target") if recipe.contract else None
    return port.want if port else None


def observe(facts: Facts, recipe: Recipe) -> tuple[S, ...]:
    """The statements about this target and this model under the recommended recipe."""
    found = (*_activation(facts, recipe), *_values(facts, recipe), *_dtype(facts, recipe), *_shape(facts, recipe))
    return tuple(statement for statement in found if statement is not None)


def _activation(facts: Facts, recipe: Recipe) -> tuple[S | None, ...]:
    last = facts.output_activation
    if last is None or last is Activation.NONE or recipe.contract is None:
        return ()
    choice = target_want(recipe) in INDEXED or facts.task in _ACTIVATED_INSIDE
    bits = target_want(recipe) in (Want.UNIT_TARGET,)
    if not choice and not bits:
        return ()
    code = _CODES[choice, last]
    return (S(f"the model ends with {last.value}: remove it, the loss applies its own", CE if choice else BCEL, code),)


def _values(facts: Facts, recipe: Recipe) -> tuple[S | None, ...]:
    if facts.target_range is None:
        return ()
    low, high = facts.target_range
    want = target_want(recipe)
    if want is Want.UNIT_TARGET and (low, high) == (-1.0, 1.0):
        return (S("the targets are -1 and +1: (labels + 1) / 2 gives 0 and 1", BCEL, "LA204"),)
    if want is Want.UNIT_TARGET and high > 1 and high != facts.ignore_index:
        return (S(f"the targets reach {high:g}: divide by {high:g}, the loss wants [0, 1]", BCEL, "LA204"),)
    if want is Want.UNIT_TARGET and low < 0 and low != facts.ignore_index:
        return (S(f"the targets fall to {low:g}: the loss wants [0, 1]", BCEL, "LA204"),)
    if want in INDEXED and low == 1 and facts.task is not Task.CTC and not facts.soft_labels:
        return (S("the labels start at 1: subtract 1, class indices run from 0", CE, "LA208"),)
    if want is Want.SIGN_TARGET and low == 0:
        return (S("the targets are 0 and 1: 2 * labels - 1 gives -1 and +1", recipe.target.source, "LA205"),)
    return ()


def _dtype(facts: Facts, recipe: Recipe) -> tuple[S | None, ...]:
    dtype, want = facts.target_dtype, target_want(recipe)
    if dtype is None or want is None:
        return ()
    if want in INDEXED and not facts.soft_labels and "float" in dtype:
        return (S(f"the labels are {dtype}: labels.long(), class indices are int64", CE, "LA201"),)
    if want in INDEXED and not facts.soft_labels and dtype != "int64":
        return (S(f"the labels are {dtype}: labels.long(), class indices are int64", CE),)
    if want is Want.UNIT_TARGET and "float" not in dtype and facts.task is not Task.ORDINAL:
        return (S(f"the targets are {dtype}: labels.float(), BCE losses raise otherwise", BCEL, "LA203"),)
    if want in (Want.REAL, Want.COUNT_TARGET) and "float" not in dtype and facts.task is not Task.DETECTION:
        return (S(f"the targets are {dtype}: targets.float()", recipe.target.source),)
    return ()


def _shape(facts: Facts, recipe: Recipe) -> tuple[S | None, ...]:
    target, output, want = facts.target_shape, facts.output_shape, target_want(recipe)
    if target is None:
        return ()
    if facts.task is Task.MULTICLASS and len(target) == 2 and not facts.soft_labels:
        if target[1] == 1:
            return (S("the labels are (N, 1): labels.squeeze(1)", CE, "LA202"),)
        return (S("the labels are one-hot: labels.argmax(dim=1)", CE, "LA202"),)
    if facts.task is Task.SEGMENTATION and want in INDEXED and len(target) == 4 and target[1] == 1:
        return (S("the masks are (N, 1, H, W): masks.squeeze(1)", CE, "LA202"),)
    if facts.task is Task.SEGMENTATION and want is Want.UNIT_TARGET and len(target) == 3:
        return (S("the masks are (N, H, W): masks.unsqueeze(1) gives the shape of the logits", BCEL, "LA304"),)
    if output is None or facts.task not in (Task.BINARY, Task.REGRESSION, Task.COUNT, Task.MULTILABEL):
        return ()
    if recipe.id == "binary-two-logits" or len(output) == len(target):
        return ()
    shapes = f"({', '.join(map(str, output))}) and ({', '.join(map(str, target))})"
    return (S(f"output and target have the shapes {shapes}: squeeze or unsqueeze one of them", BROADCASTING, "LA304"),)
