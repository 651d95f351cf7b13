"""Training loops for the watch tests: for each rule one loop that breaks it and one that does not."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lossadvisor.runtime import WatchReport, watch

N, C = 24, 5


@dataclass
class Setting:
    """What a step works with: a model with C outputs, one batch, targets of several kinds."""

    net: nn.Module
    one: nn.Module
    x: Tensor
    y: Tensor  # class indices
    bits: Tensor  # multi-hot floats
    z: Tensor  # scores of the net


Step = Callable[[Setting], object]


@dataclass(frozen=True)
class Case:
    code: str
    guilty: Step
    right: Step
    name: str = ""


def run(step: Step, steps: int = 6) -> WatchReport:
    """`steps` training steps under watch; a step may raise what torch raises for the misuse."""
    torch.manual_seed(0)
    net, one = nn.Linear(4, C), nn.Linear(4, 1)
    rate = torch.optim.SGD([*net.parameters(), *one.parameters()], lr=0.1)
    with watch(first=steps) as seen, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            x = torch.randn(N, 4)
            bits = (torch.rand(N, C) < 0.4).float()
            setting = Setting(net, one, x, torch.randint(0, C, (N,)), bits, net(x))
            rate.zero_grad()
            with contextlib.suppress(Exception):
                loss = step(setting)
                if isinstance(loss, Tensor):
                    loss.backward()
                    rate.step()
    return seen.report


def lengths(s: Setting) -> tuple[Tensor, Tensor, Tensor]:
    labels = torch.randint(1, C, (4, 2))
    return labels, torch.full((4,), 6), torch.full((4,), 2)


def ctc(s: Setting, scores: Tensor) -> Tensor:
    return F.ctc_loss(scores, *lengths(s))


def frames(s: Setting) -> Tensor:
    return s.net(torch.randn(6, 4, 4))


def padded(s: Setting) -> Tensor:
    """Targets of five sequences that end in runs of 0, which stands nowhere else."""
    tokens = torch.randint(1, C, (8, 7))
    for row in range(8):
        tokens[row, 7 - row % 4 :] = 0
    return tokens


def library(code: str) -> Callable[..., Tensor]:
    """A loss that an installed package defines."""
    scope: dict[str, Callable[..., Tensor]] = {}
    source = f"import torch.nn.functional as F\ndef focal(z, t):\n    return {code}\n"
    exec(compile(source, "/lib/site-packages/fakelib/losses.py", "exec"), scope)
    return scope["focal"]


LIBRARY = library("F.binary_cross_entropy_with_logits(z, t)")


def images(s: Setting) -> tuple[Tensor, Tensor]:
    conv = nn.Conv2d(1, C, 1)
    return conv(torch.randn(2, 1, 3, 4)), torch.randint(0, C, (2, 3, 4))


def square(s: Setting) -> Tensor:
    return s.z @ s.z.T


def arange(s: Setting) -> Tensor:
    return torch.arange(N)


def hot(s: Setting) -> Tensor:
    return F.one_hot(s.y, C).float()


def as_leaf(t: Tensor) -> Tensor:
    return t.detach().requires_grad_()


def bce_autocast(s: Setting) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return F.binary_cross_entropy(s.z.sigmoid().float(), s.bits)


def handwritten(s: Setting) -> Tensor:
    p = s.z.exp() / s.z.exp().sum(1, keepdim=True)
    return F.nll_loss(p.log(), s.y)


def in_evaluation(activate: bool) -> Step:
    def step(s: Setting) -> Tensor:
        loss = F.cross_entropy(s.z, s.y)
        with torch.no_grad():
            scores = s.net(s.x)
            F.cross_entropy(scores.softmax(1) if activate else scores, s.y)
        return loss

    return step


CE, BCEL = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
logits_ce: Step = lambda s: CE(s.z, s.y)  # noqa: E731
logits_bce: Step = lambda s: BCEL(s.z, s.bits)  # noqa: E731

CASES = [
    Case("LA101", lambda s: CE(s.z.softmax(1), s.y), logits_ce),
    Case("LA101", lambda s: CE(s.z.log_softmax(1).exp(), s.y), logits_ce, "exp of log_softmax"),
    Case("LA102", lambda s: CE(s.z.log_softmax(1), s.y), logits_ce),
    Case("LA103", lambda s: CE(s.z.sigmoid(), s.y), logits_ce),
    Case("LA103", lambda s: CE(s.z.tanh(), s.y), logits_ce, "tanh"),
    Case("LA104", lambda s: CE(s.z.relu(), s.y), logits_ce),
    Case("LA104", lambda s: CE(F.dropout(s.z, 0.5), s.y), logits_ce, "dropout"),
    Case("LA105", lambda s: BCEL(s.z.sigmoid(), s.bits), logits_bce),
    Case("LA106", lambda s: BCEL(s.z.softmax(1), s.bits), logits_bce),
    Case("LA106", lambda s: F.binary_cross_entropy(s.z.softmax(1), s.bits), logits_bce, "plain bce"),
    Case("LA107", lambda s: F.binary_cross_entropy(s.z, s.bits), logits_bce),
    Case("LA107", lambda s: F.binary_cross_entropy(s.z.detach(), s.bits), logits_bce, "no graph"),
    Case("LA108", lambda s: F.nll_loss(s.z.softmax(1), s.y), lambda s: F.nll_loss(s.z.log_softmax(1), s.y)),
    Case("LA109", lambda s: F.nll_loss(s.z, s.y), lambda s: F.nll_loss(s.z.log_softmax(1), s.y)),
    Case("LA109", lambda s: F.nll_loss(F.logsigmoid(s.z), s.y), logits_ce, "logsigmoid"),
    Case(
        "LA110",
        lambda s: F.kl_div(s.z.softmax(1), s.bits.softmax(1), reduction="batchmean"),
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.softmax(1), reduction="batchmean"),
    ),
    Case(
        "LA111",
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.log_softmax(1), reduction="batchmean"),
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.log_softmax(1), reduction="batchmean", log_target=True),
    ),
    Case(
        "LA111",
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.softmax(1), reduction="batchmean", log_target=True),
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.softmax(1), reduction="batchmean"),
        "log_target on probabilities",
    ),
    Case("LA112", lambda s: ctc(s, frames(s)), lambda s: ctc(s, frames(s).log_softmax(2))),
    Case("LA112", lambda s: ctc(s, frames(s).softmax(2)), lambda s: ctc(s, frames(s).log_softmax(2)), "softmax"),
    Case("LA113", lambda s: F.multi_margin_loss(s.z.softmax(1), s.y), lambda s: F.multi_margin_loss(s.z, s.y)),
    Case(
        "LA113",
        lambda s: F.multilabel_soft_margin_loss(s.z.sigmoid(), s.bits),
        lambda s: F.multilabel_soft_margin_loss(s.z, s.bits),
        "multilabel",
    ),
    Case(
        "LA114",
        lambda s: F.gaussian_nll_loss(s.z, s.bits, s.net(s.x)),
        lambda s: F.gaussian_nll_loss(s.z, s.bits, F.softplus(s.net(s.x))),
    ),
    Case(
        "LA115",
        lambda s: F.poisson_nll_loss(F.softplus(s.z), s.bits),
        lambda s: F.poisson_nll_loss(s.z, s.bits),
    ),
    Case(
        "LA115",
        lambda s: F.poisson_nll_loss(s.z, s.bits, log_input=False),
        lambda s: F.poisson_nll_loss(F.softplus(s.z), s.bits, log_input=False),
        "negative rate",
    ),
    Case("LA116", lambda s: LIBRARY(s.z.sigmoid(), s.bits), lambda s: LIBRARY(s.z, s.bits)),
    Case("LA118", in_evaluation(True), in_evaluation(False)),
    Case("LA120", lambda s: CE(square(s).softmax(1), arange(s)), lambda s: CE(square(s), arange(s))),
    Case("LA201", lambda s: CE(s.z, s.y.float()), logits_ce),
    Case(
        "LA201",
        lambda s: CE(s.z, s.y[:, None].expand(N, C).float()),
        lambda s: CE(s.z, hot(s)),
        "same shape",
    ),
    Case("LA202", lambda s: CE(s.z, s.y[:, None]), logits_ce),
    Case("LA202", lambda s: CE(s.z, F.one_hot(s.y, C)), lambda s: CE(s.z, hot(s)), "one-hot"),
    Case("LA203", lambda s: BCEL(s.z, s.bits.long()), logits_bce),
    Case("LA204", lambda s: BCEL(s.z, s.bits * 255), logits_bce),
    Case("LA204", lambda s: BCEL(s.z, s.bits * 2 - 1), logits_bce, "signs"),
    Case(
        "LA205",
        lambda s: F.soft_margin_loss(s.z, s.bits),
        lambda s: F.soft_margin_loss(s.z, 2 * s.bits - 1),
    ),
    Case(
        "LA205",
        lambda s: F.margin_ranking_loss(s.z[:, 0], s.z[:, 1], s.bits[:, 0]),
        lambda s: F.margin_ranking_loss(s.z[:, 0], s.z[:, 1], 2 * s.bits[:, 0] - 1),
        "ranking",
    ),
    Case("LA206", lambda s: CE(s.z, s.bits), lambda s: CE(s.z, hot(s))),
    Case("LA207", lambda s: F.mse_loss(s.z, s.net(s.x * 2)), lambda s: F.mse_loss(s.z, s.net(s.x * 2).detach())),
    Case("LA208", lambda s: CE(s.z, s.y + 1), logits_ce),
    Case(
        "LA209",
        lambda s: F.cross_entropy(s.net(torch.randn(8, 7, 4)).view(-1, C), padded(s).view(-1)),
        lambda s: F.cross_entropy(s.net(torch.randn(8, 7, 4)).view(-1, C), padded(s).view(-1), ignore_index=0),
    ),
    Case("LA212", lambda s: F.mse_loss(s.z.softmax(1), hot(s)), logits_ce),
    Case(
        "LA213",
        lambda s: F.multilabel_margin_loss(s.z, s.bits.long()),
        lambda s: F.multilabel_margin_loss(s.z, torch.tensor([[0, 3, -1, -1, -1]] * N)),
    ),
    Case(
        "LA301",
        lambda s: F.nll_loss(F.log_softmax(s.z), s.y),
        lambda s: F.nll_loss(F.log_softmax(s.z, dim=1), s.y),
    ),
    Case("LA302", lambda s: F.nll_loss(s.z.log_softmax(0), s.y), lambda s: F.nll_loss(s.z.log_softmax(1), s.y)),
    Case("LA303", lambda s: F.binary_cross_entropy(s.one(s.x).softmax(1), s.bits[:, :1]), logits_bce),
    Case("LA303", lambda s: CE(s.one(s.x), s.y * 0), logits_ce, "cross-entropy"),
    Case("LA304", lambda s: F.mse_loss(s.one(s.x), s.x[:, 0]), lambda s: F.mse_loss(s.one(s.x)[:, 0], s.x[:, 0])),
    Case(
        "LA305",
        lambda s: CE(s.net(torch.randn(3, 7, 4)), torch.randint(0, C, (3, 7))),
        lambda s: CE(s.net(torch.randn(3, 7, 4)).transpose(1, 2), torch.randint(0, C, (3, 7))),
    ),
    Case(
        "LA305",
        lambda s: CE(images(s)[0].view(-1, C), images(s)[1].view(-1)),
        lambda s: CE(images(s)[0].permute(0, 2, 3, 1).reshape(-1, C), images(s)[1].view(-1)),
        "view",
    ),
    Case("LA401", lambda s: F.nll_loss(s.z.softmax(1).log(), s.y), lambda s: F.nll_loss(s.z.log_softmax(1), s.y)),
    Case(
        "LA402",
        lambda s: F.kl_div(s.z.sigmoid().log(), s.bits.softmax(1), reduction="batchmean"),
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.softmax(1), reduction="batchmean"),
    ),
    Case("LA403", lambda s: F.binary_cross_entropy(s.z.sigmoid(), s.bits), logits_bce),
    Case("LA404", handwritten, lambda s: F.nll_loss(s.z.log_softmax(1), s.y)),
    Case("LA406", bce_autocast, logits_bce),
    Case("LA407", lambda s: F.mse_loss(s.z, s.bits).sqrt(), lambda s: (F.mse_loss(s.z, s.bits) + 1e-8).sqrt()),
    Case("LA408", lambda s: F.nll_loss(s.z.relu().log(), s.y), lambda s: F.nll_loss(s.z.log_softmax(1), s.y)),
    Case("LA501", lambda s: nn.CrossEntropyLoss(s.z, s.y), lambda s: nn.CrossEntropyLoss()(s.z, s.y)),
    Case("LA502", lambda s: CE(s.y, s.z), logits_ce),
    Case("LA502", lambda s: F.binary_cross_entropy(s.bits, s.z.sigmoid()), logits_bce, "bce"),
    Case("LA503", lambda s: F.mse_loss(s.z, s.bits, size_average=False), lambda s: F.mse_loss(s.z, s.bits)),
    Case(
        "LA504",
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.softmax(1)),
        lambda s: F.kl_div(s.z.log_softmax(1), s.bits.softmax(1), reduction="batchmean"),
    ),
    Case("LA505", lambda s: nn.Softmax(s.z), lambda s: F.nll_loss(nn.LogSoftmax(dim=1)(s.z), s.y)),
    Case("LA506", lambda s: F.mse_loss(s.z, s.bits, reduction="none"), lambda s: F.mse_loss(s.z, s.bits)),
    Case("LA508", lambda s: F.cross_entropy(s.z, s.y, weight=[1.0] * C), logits_ce),  # type: ignore[arg-type]
    Case(
        "LA508",
        lambda s: F.cross_entropy(s.z, s.y, weight=torch.ones(C - 1)),
        lambda s: F.cross_entropy(s.z, s.y, weight=torch.ones(C)),
        "length",
    ),
    Case("LA509", lambda s: CE({"out": s.z}, s.y), logits_ce),
    Case("LA512", lambda s: nn.MSELoss("sum")(s.z, s.bits), lambda s: nn.MSELoss(reduction="sum")(s.z, s.bits)),
    Case("LA512", lambda s: nn.TripletMarginLoss("mean"), lambda s: nn.MSELoss()(s.z, s.bits), "margin"),
    Case("LA601", lambda s: F.mse_loss(as_leaf(s.z.argmax(1).float()), s.y.float()), logits_ce),
    Case("LA512", lambda s: nn.MSELoss("sum")(s.z, s.bits), lambda s: nn.MSELoss(reduction="sum")(s.z, s.bits)),
    Case("LA512", lambda s: nn.TripletMarginLoss("mean"), lambda s: nn.MSELoss()(s.z, s.bits), "margin"),
    Case("LA601", lambda s: F.mse_loss(s.z.round(), s.bits), lambda s: F.mse_loss(s.z, s.bits), "round"),
    Case("LA602", lambda s: CE(s.z.detach(), s.y), logits_ce),
    Case("LA603", lambda s: torch.tensor(CE(s.z, s.y).item(), requires_grad=True), logits_ce),
]
