"""The rules that a running program can break: names and severities as in the catalogue, help in the words of a run."""

from __future__ import annotations

from lossadvisor.findings import Severity
from lossadvisor.late import dataclass

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class Code:
    """One rule as the runtime reports it."""

    code: str
    name: str
    severity: Severity
    help: str


def _rows(*rows: tuple[str, str, Severity, str]) -> dict[str, Code]:
    return {code: Code(code, name, severity, text) for code, name, severity, text in rows}


CODES: dict[str, Code] = _rows(
    ("LA101", "softmax-before-cross-entropy", _E, "hand the logits to the loss; it applies log-softmax itself"),
    ("LA102", "log-softmax-before-cross-entropy", _N, "hand over the logits, or keep log_softmax and use nll_loss"),
    ("LA103", "sigmoid-before-cross-entropy", _E, "hand the logits to the loss, without sigmoid or tanh"),
    ("LA104", "rectified-logits", _E, "end the model with the linear layer; no ReLU or dropout after it"),
    ("LA105", "sigmoid-before-bce-with-logits", _E, "drop the sigmoid; the loss applies it itself"),
    ("LA106", "softmax-before-bce", _E, "use cross_entropy on logits for exclusive classes, or a logit per label"),
    ("LA107", "logits-in-bce", _E, "use BCEWithLogitsLoss on these scores"),
    ("LA108", "probabilities-in-nll-loss", _E, "use log_softmax instead of softmax, or cross_entropy on the logits"),
    ("LA109", "logits-in-nll-loss", _E, "use cross_entropy, or apply log_softmax over the class axis first"),
    ("LA110", "kl-div-input-not-log", _E, "pass log-probabilities as input: F.log_softmax(scores, dim=...)"),
    ("LA111", "kl-div-target-domain", _E, "target: probabilities, or log-probabilities together with log_target=True"),
    ("LA112", "ctc-input-not-log-softmax", _E, "apply log_softmax over the class axis (the last) first"),
    ("LA113", "activation-before-margin-loss", _E, "hand the raw scores to the margin loss"),
    ("LA114", "gaussian-nll-variance", _E, "make the variance positive: F.softplus(head) + eps, or head.exp()"),
    ("LA115", "poisson-nll-rate", _E, "log_input=True wants the logarithm of the rate, log_input=False the rate"),
    ("LA116", "library-loss-domain", _E, "hand the library's loss the domain that it documents, or set its option"),
    ("LA118", "evaluation-only-activation", _E, "judge the same numbers in evaluation as in training: the logits"),
    ("LA120", "similarity-softmax", _E, "hand the scaled similarities to cross_entropy without softmax"),
    ("LA201", "cross-entropy-float-target", _E, "pass class indices as target.long()"),
    ("LA202", "cross-entropy-target-shape", _E, "class indices have the shape of the input without its class axis"),
    ("LA203", "bce-integer-target", _E, "pass target.float()"),
    ("LA204", "bce-target-range", _E, "scale the target to [0, 1]: mask / 255, (mask > 0).float()"),
    ("LA205", "zero-one-margin-target", _E, "this loss wants -1 and +1: 2 * target - 1"),
    ("LA206", "multi-label-cross-entropy", _E, "use BCEWithLogitsLoss for several labels per sample"),
    ("LA207", "target-not-detached", _N, "compute the target under torch.no_grad() or detach it"),
    ("LA208", "class-index-range", _E, "class indices run from 0 to C-1"),
    ("LA209", "padding-not-ignored", _N, "pass ignore_index with the padding value, or pad the targets by -100"),
    ("LA212", "regression-loss-for-classes", _N, "use cross_entropy for classes"),
    ("LA213", "multi-label-margin-target", _E, "MultiLabelMarginLoss wants class indices padded by -1"),
    ("LA301", "implicit-softmax-dim", _W, "name the axis: dim=1 or dim=-1"),
    ("LA302", "softmax-over-batch", _E, "normalise over the class axis"),
    ("LA303", "single-unit-softmax", _E, "use one logit with BCEWithLogitsLoss, or as many units as classes"),
    ("LA304", "broadcasting-loss", _E, "give both the same shape: prediction.squeeze(1) or target.unsqueeze(1)"),
    ("LA305", "class-axis", _E, "move the classes to axis 1 with permute or transpose, not with view or reshape"),
    ("LA401", "log-of-softmax", _W, "use F.log_softmax"),
    ("LA402", "log-of-sigmoid", _W, "use F.logsigmoid, or BCEWithLogitsLoss on the logits"),
    ("LA403", "sigmoid-then-bce", _N, "BCEWithLogitsLoss on the logits is stable and safe under autocast"),
    ("LA404", "handwritten-softmax", _W, "use torch.softmax or F.log_softmax, which subtract the maximum"),
    ("LA406", "bce-under-autocast", _E, "use BCEWithLogitsLoss on the logits"),
    ("LA407", "sqrt-of-mse", _N, "add a small constant under the root: torch.sqrt(mse + eps)"),
    ("LA408", "unguarded-log", _N, "clamp or use the log form of the operation"),
    ("LA501", "loss-constructor-called", _E, "build the loss first, then call it: nn.XLoss()(output, target)"),
    ("LA502", "swapped-arguments", _E, "prediction first, target second"),
    ("LA503", "deprecated-reduction", _W, "use reduction='mean', 'sum' or 'none'"),
    ("LA504", "kl-div-mean-reduction", _W, "use reduction='batchmean' for the divergence"),
    ("LA505", "activation-constructor-called", _E, "build it first: nn.Softmax(dim=1)(x), or use F.softmax(x, dim=1)"),
    ("LA506", "unreduced-loss", _E, "reduce the loss to one number before backward: loss.mean()"),
    ("LA508", "class-weight-type", _E, "weight is a float tensor with one entry per class"),
    ("LA509", "structured-output", _E, "hand over the tensor inside: output.logits, output[0], output['out']"),
    ("LA512", "constructor-argument-order", _E, "pass options by name: reduction='sum'"),
    ("LA601", "non-differentiable-prediction", _E, "hand the scores to the loss, not the decision"),
    ("LA602", "detached-prediction", _E, "remove detach(), .data, numpy() or no_grad() between model and loss"),
    ("LA603", "rewrapped-loss", _E, "call backward on the loss itself"),
)  # fmt: skip
