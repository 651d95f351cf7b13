"""Rows of the tasks that label a sample: binary, multi-class, multi-label, ordinal."""

from __future__ import annotations

from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge.links import ARGMAX, BCEL, CE, CORAL, FOCAL, NLL, NN
from lossadvisor.advisor.model import Recipe
from lossadvisor.advisor.model import Statement as S
from lossadvisor.advisor.traits import Trait as T
from lossadvisor.values import Domain

_SCORES, _HOT, _INDICES = Domain.SCORES, Domain.MULTI_HOT, Domain.INDICES
_HARD_ONLY = frozenset({T.SOFT_LABELS, T.IGNORED, T.MASKED})

_SIGMOID_FREE = S("one logit: a Linear layer with one output and no activation", BCEL)
_CLASS_LOGITS = S("one logit per class: a Linear layer with C outputs and no activation", CE)
_LABEL_LOGITS = S("one logit per label: a Linear layer with C outputs and no activation", BCEL)
_FLOAT_TARGET = S("float 0. or 1. of the shape of the logits: squeeze the (N, 1) output, labels.float()", BCEL)
_MULTI_HOT = S("float multi-hot of shape (N, C), the shape of the logits", BCEL)
_INDEX_TARGET = S("int64 class indices of shape (N,), 0 ... C-1; not one-hot, not (N, 1)", CE)
_ABOVE_ZERO = S("logit > 0, which is sigmoid(logit) > 0.5; apply sigmoid only to show a probability", BCEL)
_EACH_ABOVE_ZERO = S("each label where its logit > 0; no argmax, several labels can hold", BCEL)
_LARGEST = S("argmax over the class axis of the logits; softmax only to show probabilities", ARGMAX)

LABELS: tuple[Recipe, ...] = (
    Recipe(
        "binary-one-logit", Task.BINARY, "One logit with BCEWithLogitsLoss", "bce_with_logits",
        S("sigmoid and binary cross-entropy in one stable step, safe under autocast; one output is enough", BCEL),
        _SIGMOID_FREE, _FLOAT_TARGET, _ABOVE_ZERO,
        "ln 2 = 0.6931 (times the mean weight under pos_weight)", "0, or the entropy of soft labels",
        _SCORES, _HOT, prefers=frozenset({T.SOFT_LABELS, T.MASKED}),
    ),
    Recipe(
        "binary-two-logits", Task.BINARY, "Two logits with CrossEntropyLoss", "cross_entropy",
        S("the same model with one spare output; right when the head already has two units", CE),
        S("two logits: a Linear layer with 2 outputs and no activation", CE),
        S("int64 class indices of shape (N,), 0 or 1", CE), _LARGEST,
        "ln 2 = 0.6931", "0, or the entropy of soft labels", _SCORES, _INDICES,
        lacks=frozenset({T.MASKED}), prefers=frozenset({T.TWO_OUTPUTS}),
    ),
    Recipe(
        "binary-soft-margin", Task.BINARY, "One score with SoftMarginLoss, for targets of -1 and +1", "soft_margin",
        S("the same function as binary cross-entropy on logits, for targets that are -1 and +1", NN["SoftMarginLoss"]),
        S("one score, no activation", NN["SoftMarginLoss"]),
        S("float -1. or +1. of the shape of the scores; (labels + 1) / 2 would lead to BCEWithLogitsLoss",
          NN["SoftMarginLoss"]),
        S("score > 0", NN["SoftMarginLoss"]), "ln 2 = 0.6931", "0", _SCORES, Domain.SIGNS,
        needs=frozenset({T.SIGNS}), lacks=frozenset({T.SOFT_LABELS, T.IMBALANCED}), prefers=frozenset({T.SIGNS}),
    ),
    Recipe(
        "binary-focal", Task.BINARY, "One logit with a focal loss", "bce_with_logits",
        S("takes weight from easy examples; for very many easy negatives, as in dense detection; torchvision has it as "
          "sigmoid_focal_loss, on logits", FOCAL),
        _SIGMOID_FREE, _FLOAT_TARGET, _ABOVE_ZERO, "ln 2 / 4 times the mean of alpha", "0", _SCORES, _HOT,
        lacks=frozenset({T.SOFT_LABELS}),
    ),
    Recipe(
        "multiclass", Task.MULTICLASS, "Logits with CrossEntropyLoss", "cross_entropy",
        S("log-softmax and negative log-likelihood in one stable step", CE),
        _CLASS_LOGITS, _INDEX_TARGET, _LARGEST, "ln C", "0", _SCORES, _INDICES,
        lacks=frozenset({T.SOFT_LABELS}),
    ),
    Recipe(
        "multiclass-soft", Task.MULTICLASS, "Logits with CrossEntropyLoss and probability targets", "cross_entropy",
        S("the target may be probabilities: soft labels, mixup, a teacher", CE),
        _CLASS_LOGITS, S("float probabilities of shape (N, C), each row sums to 1", CE), _LARGEST,
        "ln C", "the mean entropy of the targets", _SCORES, Domain.PROBABILITIES, needs=frozenset({T.SOFT_LABELS}),
    ),
    Recipe(
        "multiclass-smoothed", Task.MULTICLASS, "Logits with CrossEntropyLoss and label smoothing", "cross_entropy",
        S("label_smoothing mixes each label with the uniform distribution, so that a wrong label costs less", CE),
        _CLASS_LOGITS, _INDEX_TARGET, _LARGEST, "ln C", "the entropy of the smoothed label (0.5003 for C = 10, 0.1)",
        _SCORES, _INDICES, needs=frozenset({T.LABEL_NOISE}), lacks=frozenset({T.SOFT_LABELS}),
        prefers=frozenset({T.LABEL_NOISE}),
    ),
    Recipe(
        "multiclass-nll", Task.MULTICLASS, "LogSoftmax in the model with NLLLoss", "nll",
        S("the same value as cross-entropy; only worth it when log-probabilities are needed anyway", NLL),
        S("C outputs followed by nn.LogSoftmax(dim=1)", NLL), _INDEX_TARGET,
        S("argmax over the class axis; exp of the output gives probabilities", ARGMAX),
        "ln C", "0", Domain.LOG_PROBABILITIES, _INDICES, lacks=_HARD_ONLY,
    ),
    Recipe(
        "multiclass-margin", Task.MULTICLASS, "Scores with MultiMarginLoss", "multi_margin",
        S("a hinge: stops learning from a sample once the right score leads by the margin; gives no probabilities",
          NN["MultiMarginLoss"]),
        S("C scores, no activation", NN["MultiMarginLoss"]),
        S("int64 class indices of shape (N,)", NN["MultiMarginLoss"]), _LARGEST,
        "(C - 1) / C for margin 1", "0", _SCORES, _INDICES, lacks=_HARD_ONLY | {T.IMBALANCED},
    ),
    Recipe(
        "multiclass-adaptive", Task.MULTICLASS, "AdaptiveLogSoftmaxWithLoss", "adaptive_log_softmax",
        S("saves memory and time for very many classes of very uneven frequency", NN["AdaptiveLogSoftmaxWithLoss"]),
        S("hidden features; the criterion owns the output layer, so give its parameters to the optimizer",
          NN["AdaptiveLogSoftmaxWithLoss"]),
        S("int64 class indices sorted by frequency, the most frequent class is 0", NN["AdaptiveLogSoftmaxWithLoss"]),
        S("criterion.predict(features)", NN["AdaptiveLogSoftmaxWithLoss"]), "no claim", "0", Domain.REAL, _INDICES,
        needs=frozenset({T.MANY_CLASSES}), lacks=_HARD_ONLY | {T.AMP},
    ),
    Recipe(
        "multilabel", Task.MULTILABEL, "One logit per label with BCEWithLogitsLoss", "bce_with_logits",
        S("each label is a yes-or-no decision of its own; classes do not exclude each other", BCEL),
        _LABEL_LOGITS, _MULTI_HOT, _EACH_ABOVE_ZERO,
        "ln 2 = 0.6931 (times the mean weight under pos_weight)", "0, or the entropy of soft labels", _SCORES, _HOT,
    ),
    Recipe(
        "multilabel-soft-margin", Task.MULTILABEL, "One logit per label with MultiLabelSoftMarginLoss",
        "multilabel_soft_margin",
        S("the same function, averaged over labels; has no pos_weight", NN["MultiLabelSoftMarginLoss"]),
        S("one logit per label, no activation", NN["MultiLabelSoftMarginLoss"]),
        S("float multi-hot of shape (N, C)", NN["MultiLabelSoftMarginLoss"]), _EACH_ABOVE_ZERO,
        "ln 2 = 0.6931", "0, or the entropy of soft labels", _SCORES, _HOT,
        lacks=frozenset({T.IMBALANCED, T.MASKED}),
    ),
    Recipe(
        "multilabel-focal", Task.MULTILABEL, "One logit per label with a focal loss", "bce_with_logits",
        S("for many labels of which few hold at a time; on logits", FOCAL),
        _LABEL_LOGITS, _MULTI_HOT, _EACH_ABOVE_ZERO, "ln 2 / 4 times the mean of alpha", "0", _SCORES, _HOT,
        lacks=frozenset({T.SOFT_LABELS}),
    ),
    Recipe(
        "ordinal-cumulative", Task.ORDINAL, "Cumulative logits (CORAL) with BCEWithLogitsLoss", "bce_with_logits",
        S("asks C-1 times whether the class is above k, with one shared score, so the answers stay in order", CORAL),
        S("C-1 logits: one shared score plus C-1 biases, no activation", CORAL),
        S("float (N, C-1): class k becomes k ones followed by zeros", CORAL),
        S("the number of logits above 0", CORAL), "ln 2 = 0.6931", "0", _SCORES, _HOT,
        lacks=frozenset({T.SOFT_LABELS}),
    ),
    Recipe(
        "ordinal-cross-entropy", Task.ORDINAL, "Logits with CrossEntropyLoss", "cross_entropy",
        S("ignores the order, and is hard to beat with many samples; takes soft labels that spread to neighbours", CE),
        _CLASS_LOGITS, _INDEX_TARGET, _LARGEST, "ln C", "0, or the mean entropy of soft labels", _SCORES, _INDICES,
        prefers=frozenset({T.SOFT_LABELS}),
    ),
)
