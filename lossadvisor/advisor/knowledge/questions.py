"""The decisions that users struggle with, beside what the official pages say; the tests ask each of the advisor."""

from __future__ import annotations

from lossadvisor.advisor.facts import Balance, Facts, Framework, Task
from lossadvisor.advisor.knowledge import links
from lossadvisor.advisor.knowledge.links import BCEL, CE, KL, NLL, NN
from lossadvisor.advisor.model import Question

F = Facts

QUESTIONS: tuple[Question, ...] = (
    Question("Binary: one logit or two?", F(Task.BINARY), "binary-one-logit",
             "BCEWithLogitsLoss takes logits and float targets of the same shape; CrossEntropyLoss takes one logit per "
             "class and class indices. Both are valid; one unit with softmax is not.",
             (BCEL, CE), ("binary-two-logits",)),
    Question("Binary, and the head already has two units?", F(Task.BINARY, output_shape=("N", 2)), "binary-two-logits",
             "CrossEntropyLoss: input (N, C) of logits, target (N) of class indices.", (CE,), ("binary-one-logit",)),
    Question("BCELoss or BCEWithLogitsLoss?", F(Task.BINARY, amp=True), "binary-one-logit",
             "BCEWithLogitsLoss uses the log-sum-exp trick for stability; under autocast BCELoss raises and "
             "BCEWithLogitsLoss is safe.", (BCEL, links.AMP)),
    Question("Cross-entropy, or log-softmax with NLLLoss?", F(Task.MULTICLASS, classes=10), "multiclass",
             "CrossEntropyLoss is LogSoftmax followed by NLLLoss; NLLLoss expects log-probabilities.", (CE, NLL),
             ("multiclass-nll",)),
    Question("Several labels at once?", F(Task.MULTILABEL, classes=5), "multilabel",
             "BCEWithLogitsLoss with a float target of the input's shape, pos_weight of one entry per label; "
             "MultiLabelSoftMarginLoss is the same function.", (BCEL, NN["MultiLabelSoftMarginLoss"]),
             ("multilabel-soft-margin",)),
    Question("Few positives?", F(Task.BINARY, imbalance=Balance(shares=(0.02,))), "binary-one-logit",
             "pos_weight = negatives / positives; 100 positives and 300 negatives give 3.", (BCEL, links.DATA),
             ("binary-focal",)),
    Question("Classes of uneven size?", F(Task.MULTICLASS, classes=3, imbalance=Balance(counts=(900, 80, 20))),
             "multiclass", "weight is a tensor of size C; with mean the sum is divided by the weights of the targets.",
             (CE, links.DATA)),
    Question("Labels that are partly wrong?", F(Task.MULTICLASS, classes=10, label_noise=True), "multiclass-smoothed",
             "label_smoothing in [0, 1] mixes the target with the uniform distribution.", (CE,), ("multiclass",)),
    Question("Soft labels, mixup?", F(Task.MULTICLASS, classes=10, soft_labels=True), "multiclass-soft",
             "The target may be class probabilities: floats of the input's shape.", (CE,)),
    Question("Ordered classes?", F(Task.ORDINAL, classes=5), "ordinal-cumulative",
             "CORAL: C-1 binary questions with shared weights; cross-entropy as the alternative; MSE on ids as a "
             "baseline only.", (links.CORAL,), ("ordinal-cross-entropy",)),
    Question("Segmentation with one foreground class?", F(Task.SEGMENTATION, classes=2, imbalance=Balance()),
             "segmentation-binary", "BCE with logits plus Dice on the same logits, the flag of the Dice loss agreeing "
             "with the model; masks float (N, 1, H, W).", (links.SMP, links.MONAI, BCEL),
             ("segmentation-binary-plain",)),
    Question("Segmentation with void pixels?", F(Task.SEGMENTATION, classes=5, ignore_index=255),
             "segmentation-classes", "CrossEntropyLoss with ignore_index and an int64 target (N, H, W); Dice beside "
                                     "it.",
             (CE, links.SMP), ("segmentation-classes-plain",)),
    Question("Regression?", F(Task.REGRESSION), "regression-mse", "MSELoss with input and target of the same shape.",
             (links.MSE,), ("regression-huber", "regression-l1")),
    Question("Regression with outliers?", F(Task.REGRESSION, outliers=True), "regression-huber",
             "HuberLoss is delta times SmoothL1Loss of beta = delta; both are linear beyond it. L1Loss for medians.",
             (NN["HuberLoss"], NN["SmoothL1Loss"]), ("regression-smooth-l1", "regression-l1")),
    Question("Regression with an uncertainty?", F(Task.REGRESSION, uncertainty=True), "regression-gaussian",
             "GaussianNLLLoss(input, target, var) with a positive variance.", (NN["GaussianNLLLoss"],)),
    Question("Counts?", F(Task.COUNT), "count-poisson",
             "PoissonNLLLoss: log_input=True computes exp(input) - target * input.", (NN["PoissonNLLLoss"],),
             ("count-rate",)),
    Question("Tags for tokens?", F(Task.SEQUENCE, classes=9), "sequence-flat",
             "Input (N, C) or (N, C, d1, ...), target (N) or (N, d1, ...); ignore_index is -100 by default.", (CE,),
             ("sequence-transposed",)),
    Question("Language model under accumulation?", F(Task.LANGUAGE_MODEL, classes=1000, accumulate=True),
             "language-model", "Sum over tokens and divide by the number of tokens of all micro-batches; shift once.",
             (CE, links.HF_ACCUMULATION)),
    Question("Who shifts the labels?", F(Task.LANGUAGE_MODEL, classes=1000, framework=Framework.TRANSFORMERS),
             "language-model", "A transformers model that is given labels= shifts them itself.", (links.HF_LABELS,)),
    Question("A vocabulary that fills the memory?", F(Task.LANGUAGE_MODEL, classes=50257), "language-model",
             "linear_cross_entropy joins the head and the loss; AdaptiveLogSoftmaxWithLoss approximates for skewed "
             "classes.", (links.LINEAR_CE, NN["AdaptiveLogSoftmaxWithLoss"]),
             ("language-model-fused", "language-model-adaptive")),
    Question("No alignment between frames and letters?", F(Task.CTC, classes=28), "ctc",
             "CTCLoss: log-probabilities (T, N, C), a blank index, input length at least the target's plus its "
             "repeats, "
             "zero_infinity.", (NN["CTCLoss"],)),
    Question("Which of two is better?", F(Task.RANKING), "ranking-logistic",
             "MarginRankingLoss takes two scores and +1 or -1; the logistic form is BCE on the difference.",
             (NN["MarginRankingLoss"], links.RANKNET_PAPER), ("ranking-margin", "ranking-listwise")),
    Question("Embeddings by distance?", F(Task.METRIC), "metric-triplet",
             "TripletMarginLoss on anchor, positive, negative; normalise if the distance is cosine; loss parameters go "
             "to an optimizer.", (NN["TripletMarginLoss"], links.METRIC), ("metric-triplet-cosine", "metric-cosine")),
    Question("Contrastive learning?", F(Task.CONTRASTIVE), "contrastive-infonce",
             "InfoNCE is cross-entropy on similarities divided by a temperature.", (CE, links.INFONCE_PAPER),
             ("contrastive-cosine",)),
    Question("Distillation?", F(Task.DISTILLATION, classes=10), "distillation-mixed",
             "KLDivLoss(reduction=\"batchmean\"): log-probabilities first, probabilities second, times T squared.",
             (KL, links.DISTILL), ("distillation-kl", "distillation-cross-entropy")),
    Question("Variational auto-encoder?", F(Task.VAE), "vae-bernoulli",
             "Both terms reduced the same way, with an explicit beta.", (links.VAE_PAPER,), ("vae-gaussian",)),
    Question("Adversarial training?", F(Task.GAN), "gan-logistic",
             "Logits with BCEWithLogitsLoss, or the rule of the objective; no sigmoid in a Wasserstein or hinge "
             "critic.",
             (links.DCGAN,), ("gan-hinge", "gan-wasserstein", "gan-least-squares")),
    Question("Boxes?", F(Task.DETECTION, classes=3), "detection-smooth-l1",
             "sigmoid_focal_loss on logits; SmoothL1Loss, L1Loss or generalized_box_iou_loss on boxes.",
             (links.FOCAL, NN["SmoothL1Loss"]), ("detection-l1",)),
    Question("A range instead of a number?", F(Task.QUANTILE), "quantile-pinball",
             "The pinball loss; for the median, L1Loss.", (links.PINBALL, NN["L1Loss"]), ("quantile-median",)),
)
