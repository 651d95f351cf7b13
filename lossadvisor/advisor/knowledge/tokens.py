"""Rows of sequence labelling, language models and CTC."""

from __future__ import annotations

from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge.links import ARGMAX, CE, HF_LABELS, LINEAR_CE, NN
from lossadvisor.advisor.model import Recipe
from lossadvisor.advisor.model import Statement as S
from lossadvisor.advisor.traits import Trait as T
from lossadvisor.values import Domain

_CTC, _ADAPTIVE = NN["CTCLoss"], NN["AdaptiveLogSoftmaxWithLoss"]
_TOKEN_LOGITS = S("C logits per token, (N, L, C), no activation", CE)
_PADDED = S("int64 (N, L) with padding set to -100 by position, or ignore_index set to the padding label", CE)
_LARGEST = S("argmax over the last axis, then drop the padding", ARGMAX)
_NEXT = S("argmax over the last position's logits, or softmax(logits / temperature) to sample", ARGMAX)
_SHIFTED = S("labels are the tokens with padding at -100 (masked by position if pad equals eos); shift once: logits "
             "[:, :-1] against labels [:, 1:], unless the model shifts for you", HF_LABELS)

TOKENS: tuple[Recipe, ...] = (
    Recipe(
        "sequence-flat", Task.SEQUENCE, "CrossEntropyLoss on flattened tokens (N*L, C)", "cross_entropy",
        S("every token is a sample; flatten keeps the class axis last and moves nothing", CE),
        _TOKEN_LOGITS, _PADDED, _LARGEST, "ln C", "0", Domain.SCORES, Domain.INDICES,
    ),
    Recipe(
        "sequence-transposed", Task.SEQUENCE, "CrossEntropyLoss on (N, C, L)", "cross_entropy",
        S("the same value; transpose(1, 2), never view or reshape, brings the classes to axis 1", CE),
        _TOKEN_LOGITS, _PADDED, _LARGEST, "ln C", "0", Domain.SCORES, Domain.INDICES,
    ),
    Recipe(
        "language-model", Task.LANGUAGE_MODEL, "CrossEntropyLoss on the next token", "cross_entropy",
        S("each position predicts the token after it; padding does not count", CE),
        S("one logit per word of the vocabulary, (N, L, V), no activation", CE), _SHIFTED, _NEXT,
        "ln V (10.8249 for V = 50257)", "0 when each token has one possible successor", Domain.SCORES, Domain.INDICES,
    ),
    Recipe(
        "language-model-fused", Task.LANGUAGE_MODEL, "linear_cross_entropy on hidden states", "linear_cross_entropy",
        S("the head and the loss in one, chunked on request, without the full matrix of logits; torch 2.13 and later",
          LINEAR_CE),
        S("hidden states of shape (N*L, H) and the weight of the head, no logits", LINEAR_CE), _SHIFTED, _NEXT,
        "ln V", "0 when each token has one possible successor", Domain.REAL, Domain.INDICES,
        needs=frozenset({T.MANY_CLASSES}),
    ),
    Recipe(
        "language-model-adaptive", Task.LANGUAGE_MODEL, "AdaptiveLogSoftmaxWithLoss", "adaptive_log_softmax",
        S("rare words share small projections; for ids sorted by frequency", _ADAPTIVE),
        S("hidden states; the criterion owns the output layer, so give its parameters to the optimizer", _ADAPTIVE),
        _SHIFTED, S("criterion.predict(hidden)", _ADAPTIVE), "no claim",
        "0 when each token has one possible successor", Domain.REAL, Domain.INDICES,
        needs=frozenset({T.MANY_CLASSES}), lacks=frozenset({T.AMP}),
    ),
    Recipe(
        "ctc", Task.CTC, "CTCLoss on log-softmax outputs", "ctc",
        S("sums over all alignments of a label sequence with the frames; zero_infinity for samples too short to align",
          _CTC),
        S("log_softmax over the C classes, blank included, transposed to (T, N, C)", _CTC),
        S("int64 labels 1 ... C-1 (0 is the blank) with their lengths; the input needs at least the target length plus "
          "its repeats", _CTC),
        S("argmax per frame, then merge repeats and drop blanks", _CTC), "no claim", "0", Domain.LOG_PROBABILITIES,
        Domain.INDICES,
    ),
)
