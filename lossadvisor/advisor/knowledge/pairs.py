"""Rows of ranking, metric learning, contrastive learning and distillation."""

from __future__ import annotations

from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge.links import (
    ARGMAX,
    BCEL,
    CE,
    DISTILL,
    INFONCE_PAPER,
    KL,
    LISTNET_PAPER,
    METRIC,
    NN,
    NORMALIZE,
    RANKNET_PAPER,
)
from lossadvisor.advisor.model import Recipe
from lossadvisor.advisor.model import Statement as S
from lossadvisor.advisor.traits import Trait as T
from lossadvisor.values import Domain

_RANK, _TRIPLET, _TRIPLET_D, _COSINE, _HINGE = (
    NN[name] for name in ("MarginRankingLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss",
                          "CosineEmbeddingLoss", "HingeEmbeddingLoss")
)
_ONE_SCORE = S("one score per item, no activation", _RANK)
_SORT = S("sort by the score, largest first", _RANK)
_EMBEDDING = S("an embedding, a Linear layer without activation", METRIC)
_INNER = S("normalise the embeddings and compare by inner product", NORMALIZE)
_CLASS_LOGITS = S("one logit per class for the student, no activation", CE)
_LARGEST = S("argmax over the class axis of the student's logits", ARGMAX)

PAIRS: tuple[Recipe, ...] = (
    Recipe(
        "ranking-logistic", Task.RANKING, "Score difference with BCEWithLogitsLoss (RankNet)", "bce_with_logits",
        S("the difference of two scores is the logit of \"the first is better\"; smooth, and takes ties as 0.5",
          RANKNET_PAPER),
        _ONE_SCORE, S("float 1. when the first is better, 0. when the second, 0.5 for a tie", BCEL), _SORT,
        "ln 2 = 0.6931", "0", Domain.SCORES, Domain.MULTI_HOT, lacks=frozenset({T.SIGNS}),
    ),
    Recipe(
        "ranking-margin", Task.RANKING, "MarginRankingLoss on two scores", "margin_ranking",
        S("stops once the better item leads by the margin; the default margin is 0, so write one", _RANK),
        _ONE_SCORE, S("+1. when the first is better, -1. when the second, of the shape of the scores; not 0/1", _RANK),
        _SORT, "the margin", "0", Domain.SCORES, Domain.SIGNS, prefers=frozenset({T.SIGNS}),
    ),
    Recipe(
        "ranking-listwise", Task.RANKING, "CrossEntropyLoss over the items of a list (ListNet)", "cross_entropy",
        S("when whole lists with graded relevance are known: the items are the classes", LISTNET_PAPER),
        _ONE_SCORE, S("float relevance as probabilities over the items, softmax(relevance), rows sum to 1", CE), _SORT,
        "ln of the length of the list", "the mean entropy of the targets", Domain.SCORES, Domain.PROBABILITIES,
    ),
    Recipe(
        "metric-triplet", Task.METRIC, "TripletMarginLoss", "triplet_margin",
        S("pulls a positive nearer to the anchor than a negative by a margin; mine hard negatives", _TRIPLET),
        _EMBEDDING, S("no labels: an anchor, a positive and a negative of the same shape", _TRIPLET),
        S("compare by the same distance as in training", _TRIPLET), "the margin", "0", Domain.REAL,
        lacks=frozenset({T.EMBEDDING_PAIRS}),
    ),
    Recipe(
        "metric-triplet-cosine", Task.METRIC, "TripletMarginWithDistanceLoss with the cosine distance",
        "triplet_margin_with_distance",
        S("when embeddings are compared by angle: normalise, here and at inference", _TRIPLET_D),
        _EMBEDDING, S("no labels: an anchor, a positive and a negative of the same shape", _TRIPLET_D), _INNER,
        "no claim", "0", Domain.REAL, lacks=frozenset({T.EMBEDDING_PAIRS}),
    ),
    Recipe(
        "metric-cosine", Task.METRIC, "CosineEmbeddingLoss on pairs", "cosine_embedding",
        S("when all that is known is whether a pair matches", _COSINE),
        _EMBEDDING, S("+1. for a pair, -1. for no pair, of shape (N,); not 0/1", _COSINE), _INNER,
        "no claim", "0", Domain.REAL, Domain.SIGNS, prefers=frozenset({T.EMBEDDING_PAIRS}),
    ),
    Recipe(
        "metric-hinge", Task.METRIC, "HingeEmbeddingLoss on the distance of pairs", "hinge_embedding",
        S("the same for a distance of your own; the input is the distance, not the embeddings", _HINGE),
        _EMBEDDING, S("+1. for a pair, -1. for no pair; not 0/1", _HINGE),
        S("a pair when the distance is small against the margin", _HINGE), "no claim", "0",
        Domain.NON_NEGATIVE, Domain.SIGNS,
    ),
    Recipe(
        "contrastive-infonce", Task.CONTRASTIVE, "CrossEntropyLoss on similarities / temperature (InfoNCE)",
        "cross_entropy",
        S("all other items of the batch are negatives; the similarities are logits, so no softmax before the loss",
          INFONCE_PAPER),
        S("an embedding, normalised to length 1; similarity = a @ b.T / temperature", NORMALIZE),
        S("arange(N): the partner stands on the diagonal", CE), _INNER, "ln N of the batch", "0", Domain.SIMILARITY,
        Domain.INDICES, lacks=frozenset({T.EMBEDDING_PAIRS}),
    ),
    Recipe(
        "contrastive-cosine", Task.CONTRASTIVE, "CosineEmbeddingLoss on given pairs", "cosine_embedding",
        S("when pairs come with a label and the batch holds no other negatives", _COSINE),
        _EMBEDDING, S("+1. for a pair, -1. for no pair, of shape (N,); not 0/1", _COSINE), _INNER,
        "no claim", "0", Domain.REAL, Domain.SIGNS,
    ),
    Recipe(
        "distillation-mixed", Task.DISTILLATION, "KLDivLoss to the teacher plus CrossEntropyLoss to the labels",
        "kl_div",
        S("the soft part is multiplied by the square of the temperature so that its gradient keeps its size", DISTILL),
        _CLASS_LOGITS,
        S("first log_softmax(student / T), second softmax(teacher / T) without gradient (or both in log space with "
          "log_target=True)", KL),
        _LARGEST, "a mixture of T^2 times the divergence of the uniform distribution and ln C",
        "what the teacher's own logits would score", Domain.LOG_PROBABILITIES, Domain.PROBABILITIES,
    ),
    Recipe(
        "distillation-kl", Task.DISTILLATION, "KLDivLoss with reduction batchmean", "kl_div",
        S("when there are no labels; batchmean is the divergence, the default mean also divides by the classes", KL),
        _CLASS_LOGITS,
        S("first log_softmax(student / T), second softmax(teacher / T) without gradient; times T^2", DISTILL),
        _LARGEST, "T^2 times the divergence of the uniform distribution from the teacher", "0",
        Domain.LOG_PROBABILITIES, Domain.PROBABILITIES,
    ),
    Recipe(
        "distillation-cross-entropy", Task.DISTILLATION, "CrossEntropyLoss with the teacher's probabilities",
        "cross_entropy",
        S("differs from the divergence by the teacher's entropy, which has no gradient: the simplest form", CE),
        _CLASS_LOGITS, S("softmax(teacher) without gradient, float (N, C)", CE), _LARGEST,
        "ln C", "the mean entropy of the teacher", Domain.SCORES, Domain.PROBABILITIES,
    ),
)
