"""Rows that belong to several recipes: reduction, imbalance, what to avoid, what changes the answer, the setting."""

from __future__ import annotations

from lossadvisor.advisor.facts import Framework as W
from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge import links
from lossadvisor.advisor.knowledge.links import AMP, AMP_EXAMPLES, BCEL, CE, DATA, FOCAL, KL, MSE, NLL, NN, SOFTMAX
from lossadvisor.advisor.model import Note, Topic
from lossadvisor.advisor.model import Statement as S
from lossadvisor.advisor.traits import Trait as T

_BINARY, _MULTI, _LABEL = Task.BINARY, Task.MULTICLASS, Task.MULTILABEL
_ORD, _SEG, _DET = Task.ORDINAL, Task.SEGMENTATION, Task.DETECTION
_SEQ, _LM, _CTC = Task.SEQUENCE, Task.LANGUAGE_MODEL, Task.CTC
_CLASSY = frozenset({_BINARY, _MULTI, _SEQ, _LM, _SEG, Task.DISTILLATION})
_SIGMOID = frozenset({_BINARY, _LABEL, _SEG, _DET})
_TOKENS = frozenset({_SEQ, _LM})
_REAL = frozenset({Task.REGRESSION, Task.COUNT})
_ON_CE = frozenset({"cross_entropy", "linear_cross_entropy", "kl_div"})
_ON_BCE = frozenset({"bce_with_logits", "smooth_l1", "l1"})
_AVERAGED = frozenset(Task) - {Task.VAE, Task.GAN, _DET, Task.DISTILLATION}
_PAIRED = frozenset({Task.METRIC, Task.CONTRASTIVE})


def _tasks(*tasks: Task) -> frozenset[Task]:
    return frozenset(tasks)


def _avoid(
    text: str, source: str, code: str, tasks: frozenset[Task], *needs: T, on: frozenset[str] = frozenset()
) -> Note:
    return Note(Topic.AVOID, S(text, source, code), tasks, frozenset(needs), contracts=on)


def _change(text: str, source: str, *tasks: Task) -> Note:
    return Note(Topic.CHANGE, S(text, source), frozenset(tasks))


AVOID: tuple[Note, ...] = (
    _avoid("no softmax before cross-entropy: it cannot fall below ln(1 + (C-1)/e)", CE, "LA101", _CLASSY, on=_ON_CE),
    _avoid("no sigmoid before cross-entropy", CE, "LA103", _CLASSY, on=_ON_CE),
    _avoid("no log-softmax before cross-entropy: the same value, computed twice", CE, "LA102", _CLASSY, on=_ON_CE),
    _avoid("no ReLU after the last Linear layer: the scores must be able to be negative", CE, "LA104", _CLASSY,
           on=_ON_CE),
    _avoid("no ReLU after the last Linear layer: the scores must be able to be negative", BCEL, "LA104",
           _SIGMOID | {_ORD}, on=_ON_BCE),
    _avoid("no NLLLoss on softmax or on raw scores: it only picks and negates a number", NLL, "LA108", _tasks(_MULTI)),
    _avoid("no sigmoid before BCEWithLogitsLoss: it applies its own", BCEL, "LA105", _SIGMOID | {_ORD}, on=_ON_BCE),
    _avoid("no softmax over one unit: it is always 1 and has no gradient", SOFTMAX, "LA303", _tasks(_BINARY)),
    _avoid("no BCELoss: it needs a sigmoid, saturates, and raises under autocast", AMP, "LA403", _SIGMOID, on=_ON_BCE),
    _avoid("no (N, 1) output against (N,) labels: BCE losses raise, others broadcast", links.BROADCASTING, "LA304",
           _tasks(_BINARY)),
    _avoid("no softmax and no cross-entropy for labels that can hold together", BCEL, "LA106", _tasks(_LABEL)),
    _avoid("no cross-entropy on a multi-hot target: it reads it as class probabilities", CE, "LA206", _tasks(_LABEL)),
    _avoid("no threshold of 0.5 on logits; 0 is the threshold of logits", BCEL, "LA701", _SIGMOID, on=_ON_BCE),
    _avoid("no weight= where pos_weight= is meant: weight scales whole elements", BCEL, "LA507",
           _tasks(_BINARY, _LABEL), T.IMBALANCED, on=_ON_BCE),
    _avoid("no one-hot, float or (N, 1) targets for class indices", CE, "LA201", _tasks(_MULTI)),
    _avoid("no MSE on class ids except as a baseline: it assumes that all steps are equally wide", MSE, "LA212",
           _tasks(_ORD)),
    _avoid("no 0/255 masks: divide by 255, or BCE goes negative", BCEL, "LA204", _tasks(_SEG), on=_ON_BCE),
    _avoid("no sigmoid flag of a Dice loss that contradicts the model: activate once, inside the loss", links.MONAI,
           "LA116", _tasks(_SEG)),
    _avoid("no mean over masked elements: divide by the number that counts", BCEL, "LA511",
           frozenset(), T.MASKED),
    _avoid("no (N, 1) prediction against (N,) targets: they broadcast to (N, N)", links.BROADCASTING, "LA304", _REAL),
    _avoid("no (N,) targets against (N, Q) quantiles without unsqueeze(1): they meet on the wrong axis or raise",
           links.BROADCASTING, "LA304", _tasks(Task.QUANTILE)),
    _avoid("no log-variance and no standard deviation as var", NN["GaussianNLLLoss"], "LA114",
           _tasks(Task.REGRESSION), T.UNCERTAINTY),
    _avoid("no positive rate with log_input=True, which is the default", NN["PoissonNLLLoss"], "LA115",
           _tasks(Task.COUNT)),
    _avoid("no sqrt of an MSE that can be 0: its gradient is infinite there", MSE, "LA407", _tasks(Task.REGRESSION)),
    _avoid("no (N, L, C) logits against (N, L) labels; flatten or transpose, never view across axes", CE, "LA305",
           _tasks(_SEQ)),
    _avoid("no padding among the labels that count", CE, "LA209", _TOKENS),
    _avoid("no masking by value where the pad id is the end-of-sequence id", CE, "LA210", _tasks(_LM)),
    _avoid("no second shift: transformers models shift the labels themselves", links.HF_LABELS, "LA211", _tasks(_LM)),
    _avoid("no logits and no probabilities into CTCLoss", NN["CTCLoss"], "LA112", _tasks(_CTC)),
    _avoid("no 0/1 targets where -1/+1 is meant", NN["MarginRankingLoss"], "LA205", _PAIRED | {Task.RANKING}),
    _avoid("no softmax on similarities before cross-entropy", CE, "LA120", _tasks(Task.CONTRASTIVE)),
    _avoid("no loss parameters left out of the optimizer (proxies, a learnt temperature)", links.METRIC, "LA605",
           _PAIRED),
    _avoid("no softmax without log as the first argument of KLDivLoss", KL, "LA110", _tasks(Task.DISTILLATION)),
    _avoid("no KLDivLoss with its default reduction: mean also divides by the classes", KL, "LA504",
           _tasks(Task.DISTILLATION)),
    _avoid("no gradient into the teacher", links.NO_GRAD, "LA207", _tasks(Task.DISTILLATION)),
    _avoid("no averaged reconstruction beside a summed divergence", links.VAE_PAPER, "LA513", _tasks(Task.VAE)),
    _avoid("no sigmoid in a Wasserstein or hinge critic, none before BCEWithLogitsLoss", links.DCGAN, "LA119",
           _tasks(Task.GAN)),
)

REDUCTION: tuple[Note, ...] = (
    Note(Topic.REDUCTION, S("reduction=\"mean\" for whole batches", links.LOSSES), _AVERAGED),
    Note(Topic.REDUCTION, S("reduction=\"batchmean\" for KLDivLoss: the divergence per sample", KL, "LA504"),
         _tasks(Task.DISTILLATION)),
    Note(Topic.REDUCTION, S("under accumulation sum over the micro-batches and divide by the count of the whole batch; "
                            "a mean of means is wrong where some targets are ignored or weighted",
                            links.HF_ACCUMULATION, "LA510"), frozenset(), frozenset({T.ACCUMULATED})),
    Note(Topic.REDUCTION, S("under accumulation divide by the number of tokens that count in all micro-batches and "
                            "processes", links.HF_ACCUMULATION, "LA510"), _TOKENS),
    Note(Topic.REDUCTION, S("with class weights mean divides by the sum of the weights of the targets, not by N", CE),
         _tasks(_BINARY, _MULTI, _SEG, _SEQ), frozenset({T.IMBALANCED}), contracts=_ON_CE),
    Note(Topic.REDUCTION, S("under a mask take reduction=\"none\", multiply, and divide by the mask's sum", BCEL,
        "LA511"),
         frozenset(), frozenset({T.MASKED})),
    Note(Topic.REDUCTION, S("sum over anchors, divide by the number of objects", FOCAL), _tasks(_DET)),
    Note(Topic.REDUCTION, S("sum both terms and divide both by the batch", links.VAE_PAPER, "LA513"), _tasks(Task.VAE)),
    Note(Topic.REDUCTION, S("mean over the batch for each player", links.DCGAN), _tasks(Task.GAN)),
    Note(Topic.REDUCTION, S("micro-batches have fewer in-batch negatives: accumulation is not the same as a large "
                            "batch",
                            links.INFONCE_PAPER), _tasks(Task.CONTRASTIVE)),
    Note(Topic.REDUCTION, S("the default mean divides each sample by its target length first", NN["CTCLoss"]),
         _tasks(_CTC)),
    Note(Topic.REDUCTION, S("weigh each batch by its size when batch means are averaged over an epoch", DATA, "LA702")),
)

IMBALANCE: tuple[Note, ...] = (
    Note(Topic.IMBALANCE, S("Dice minds a rare foreground by itself: no pos_weight and no class weights beside it; the "
                            "alternative without Dice has them", links.SMP), _tasks(_SEG), frozenset({T.IMBALANCED})),
    Note(Topic.IMBALANCE, S("pos_weight = negatives / positives, one number per label, raises recall and moves the "
                            "probabilities", BCEL), _tasks(_BINARY, _LABEL, _SEG), frozenset({T.IMBALANCED}),
                            contracts=_ON_BCE),
    Note(Topic.IMBALANCE, S("weight = samples / (classes * count), one number per class", CE),
         _tasks(_BINARY, _MULTI, _SEG, _SEQ), frozenset({T.IMBALANCED}), contracts=_ON_CE),
    Note(Topic.IMBALANCE, S("focal loss, on logits, when easy negatives dominate, as in dense detection", FOCAL),
         _tasks(_BINARY, _LABEL, _SEG, _DET), frozenset({T.IMBALANCED}), contracts=_ON_BCE),
    Note(Topic.IMBALANCE, S("WeightedRandomSampler instead of weights: draws rare classes more often", DATA),
         _tasks(_BINARY, _MULTI), frozenset({T.IMBALANCED})),
    Note(Topic.IMBALANCE, S("take one of these, not all: they multiply", DATA), _CLASSY | _SIGMOID,
         frozenset({T.IMBALANCED})),
)

CHANGE: tuple[Note, ...] = (
    _change("two output units: CrossEntropyLoss with class indices; expect no other accuracy", CE, _BINARY),
    _change("labels that can hold together: BCEWithLogitsLoss with a multi-hot target", BCEL, _MULTI, _BINARY),
    _change("labels that exclude each other: CrossEntropyLoss with class indices", CE, _LABEL),
    _change("wrong labels: label_smoothing; soft labels or mixup: probability targets", CE, _MULTI, _SEQ, _SEG),
    _change("very many classes of uneven frequency: AdaptiveLogSoftmaxWithLoss", NN["AdaptiveLogSoftmaxWithLoss"],
        _MULTI),
    _change("few positives: pos_weight; very many easy negatives: focal loss", BCEL, _BINARY, _LABEL),
    _change("classes without an order: CrossEntropyLoss", CE, _ORD),
    _change("one foreground class: one channel with BCEWithLogitsLoss; several: CrossEntropyLoss", CE, _SEG),
    _change("outliers: HuberLoss or L1Loss; an uncertainty: GaussianNLLLoss; counts: PoissonNLLLoss", MSE,
        Task.REGRESSION),
    _change("variance above the mean (say --outliers): negative binomial; negative values: regression",
            links.DISTRIBUTIONS, Task.COUNT),
    _change("only the median: L1Loss; a mean with a spread: GaussianNLLLoss", NN["L1Loss"], Task.QUANTILE),
    _change("alignment of labels and frames unknown: CTCLoss", NN["CTCLoss"], _SEQ),
    _change("a large vocabulary that fills the memory: linear_cross_entropy or AdaptiveLogSoftmaxWithLoss",
            links.LINEAR_CE, _LM),
    _change("a label for every frame: CrossEntropyLoss", CE, _CTC),
    _change("targets of -1 and +1: MarginRankingLoss; graded lists: CrossEntropyLoss over the list",
            NN["MarginRankingLoss"], Task.RANKING),
    _change("labels for pairs only: CosineEmbeddingLoss; in-batch negatives: InfoNCE", links.METRIC, Task.METRIC),
    _change("labels for pairs only: CosineEmbeddingLoss; triplets: TripletMarginLoss", links.METRIC, Task.CONTRASTIVE),
    _change("no labels: the divergence alone; temperature 1: CrossEntropyLoss with the teacher's probabilities", KL,
            Task.DISTILLATION),
    _change("boxes that barely overlap: generalized_box_iou_loss; proposals instead of anchors: CrossEntropyLoss "
            "with a "
            "background class", links.GIOU, _DET),
    _change("real-valued inputs: a Gaussian decoder with MSELoss; binary inputs: BCEWithLogitsLoss", links.VAE_PAPER,
            Task.VAE),
    _change("a critic that wins at once: hinge or Wasserstein objective", links.WGAN_GP_PAPER, Task.GAN),
)

SETTING: tuple[Note, ...] = (
    Note(Topic.SETTING, S("autocast around the forward pass and the loss, not around backward; GradScaler for float16 "
                          "only", AMP_EXAMPLES), frozenset(), frozenset({T.AMP})),
    Note(Topic.SETTING, S("BCELoss raises under autocast; BCEWithLogitsLoss is safe", AMP, "LA406"), _SIGMOID,
         frozenset({T.AMP})),
    Note(Topic.SETTING, S("AdaptiveLogSoftmaxWithLoss raises under autocast with bfloat16 (measured on torch 2.13)",
                          NN["AdaptiveLogSoftmaxWithLoss"]), _tasks(_MULTI, _LM), frozenset({T.AMP, T.MANY_CLASSES})),
    Note(Topic.SETTING, S("Lightning adds nothing to the loss; return it from training_step with its graph",
                          links.LIGHTNING), frozenset(), frozenset(), frozenset({W.LIGHTNING})),
    Note(Topic.SETTING, S("accumulate_grad_batches averages the losses of the micro-batches: return a loss divided by "
                          "the count of the whole batch times their number", links.LIGHTNING_ACCUMULATION, "LA510"),
         frozenset(), frozenset({T.ACCUMULATED}), frozenset({W.LIGHTNING})),
    Note(Topic.SETTING, S("with labels= a transformers model computes the loss itself and shifts the labels of causal "
                          "models: pass them unshifted, padded with -100", links.HF_LABELS, "LA211"), frozenset(),
         frozenset(), frozenset({W.TRANSFORMERS})),
    Note(Topic.SETTING, S("problem_type=\"multi_label_classification\" selects BCEWithLogitsLoss and wants float "
                          "labels",
                          links.HF_CONFIGURATION), _tasks(_LABEL), frozenset(), frozenset({W.TRANSFORMERS})),
    Note(Topic.SETTING, S("skorch takes the logarithm of the output for NLLLoss, its default in NeuralNetClassifier: "
                          "with logits pass criterion=nn.CrossEntropyLoss", links.SKORCH), frozenset(), frozenset(),
         frozenset({W.SKORCH})),
    Note(Topic.SETTING, S("fastai's CrossEntropyLossFlat and BCEWithLogitsLossFlat flatten both arguments and "
                          "activate in "
                          "predictions: give them logits", links.FASTAI), frozenset(), frozenset(),
         frozenset({W.FASTAI})),
    Note(Topic.SETTING, S("the CrossEntropyLoss of OpenMMLab is another class: use_sigmoid=True makes it binary, "
                          "and it "
                          "always takes logits", links.OPENMMLAB, "LA116"), frozenset(), frozenset(),
         frozenset({W.OPENMMLAB})),
)

NOTES: tuple[Note, ...] = (*REDUCTION, *IMBALANCE, *AVOID, *CHANGE, *SETTING)
