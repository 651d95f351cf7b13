"""How each contract is tried: synthetic scores and targets, the right chain, closed forms, an independent reference."""

from __future__ import annotations

import math

from torch import Tensor

from lossadvisor.runtime.battery import forms
from lossadvisor.runtime.battery import problems as make
from lossadvisor.runtime.battery import references as ref
from lossadvisor.runtime.battery.problems import Options, Problem
from lossadvisor.runtime.battery.projected import PROJECTED
from lossadvisor.runtime.battery.subject import Subject

_LOG_SOFTMAX = ("torch.nn.functional.log_softmax",)
_SIGMOID = ("torch.sigmoid",)


def _poisson(x: Tensor, problem: Problem, options: Options) -> Tensor:
    return ref.poisson_nll(x, problem.target, bool(options.get("log_input", True)))


SUBJECTS: dict[str, Subject] = {
    one.contract: one
    for one in (
        Subject(
            "cross_entropy",
            (),
            1,
            make.classes_problem,
            make.toward_class,
            lambda x, p, o: ref.cross_entropy(x, p.target, forms.smoothing(o)),
            floor=forms.ce_floor,
            chance=forms.log_classes,
            options=("label_smoothing",),
            weighted=True,
        ),
        Subject(
            "nll",
            _LOG_SOFTMAX,
            1,
            make.classes_problem,
            make.toward_class,
            lambda x, p, o: ref.nll(x, p.target),
            floor=forms.zero,
            chance=forms.log_classes,
            weighted=True,
        ),
        Subject(
            "bce",
            _SIGMOID,
            1,
            make.bits_problem,
            make.toward_bits,
            lambda x, p, o: ref.bce(x, p.target),
            floor=forms.zero,
            chance=forms.log_two,
        ),
        Subject(
            "bce_with_logits",
            (),
            1,
            make.bits_problem,
            make.toward_bits,
            lambda x, p, o: ref.bce_with_logits(x, p.target),
            floor=forms.zero,
            chance=forms.log_two,
        ),
        Subject(
            "kl_div",
            _LOG_SOFTMAX,
            1,
            make.distributions_problem,
            make.toward_rows,
            lambda x, p, o: ref.kl_div(x, p.target),
            forms.log_target,
            floor=forms.zero,
            chance=lambda p, o: math.log(p.scores.shape[1]) - float(forms.entropy(p.target).mean()),
            options=("log_target",),
        ),
        Subject(
            "mse",
            (),
            1,
            make.values_problem,
            make.toward_value,
            lambda x, p, o: (x - p.target) ** 2,
            forms.target,
            floor=forms.zero,
        ),
        Subject(
            "l1",
            (),
            1,
            make.values_problem,
            make.toward_value,
            lambda x, p, o: (x - p.target).abs(),
            forms.target,
            floor=forms.zero,
        ),
        Subject(
            "smooth_l1",
            (),
            1,
            make.values_problem,
            make.toward_value,
            lambda x, p, o: ref.smooth_l1(x, p.target, float(o.get("beta", 1.0))),
            forms.target,
            floor=forms.zero,
            options=("beta",),
        ),
        Subject(
            "huber",
            (),
            1,
            make.values_problem,
            make.toward_value,
            lambda x, p, o: ref.huber(x, p.target, float(o.get("delta", 1.0))),
            forms.target,
            floor=forms.zero,
            options=("delta",),
        ),
        Subject(
            "soft_margin",
            (),
            1,
            make.signs_problem,
            make.toward_signs,
            lambda x, p, o: ref.soft_margin(x, p.target),
            floor=forms.zero,
            chance=forms.log_two,
        ),
        Subject(
            "multilabel_soft_margin",
            (),
            1,
            make.bits_problem,
            make.toward_bits,
            lambda x, p, o: ref.bce_with_logits(x, p.target).mean(1),
            floor=forms.zero,
            chance=forms.log_two,
        ),
        Subject(
            "multi_margin",
            (),
            1,
            make.classes_problem,
            make.toward_class,
            lambda x, p, o: ref.multi_margin(x, p.target, int(o.get("p", 1)), float(o.get("margin", 1.0))),
            floor=forms.zero,
            chance=lambda p, o: float(o.get("margin", 1.0)) ** int(o.get("p", 1)) * (1 - 1 / p.scores.shape[1]),
            options=("p", "margin"),
        ),
        Subject(
            "multilabel_margin",
            (),
            1,
            make.lists_problem,
            make.toward_list,
            lambda x, p, o: ref.multilabel_margin(x, p.target),
            floor=forms.zero,
            chance=lambda p, o: 1 - 1 / p.scores.shape[1],
        ),
        Subject(
            "hinge_embedding",
            ("torch.square",),
            1,
            make.signs_problem,
            make.nowhere,
            lambda x, p, o: ref.hinge_embedding(x, p.target, float(o.get("margin", 1.0))),
            options=("margin",),
        ),
        Subject(
            "margin_ranking",
            (),
            0,
            make.ranks_problem,
            make.toward_signs,
            lambda x, p, o: ref.margin_ranking(x, p.before[0], p.target, float(o.get("margin", 0.0))),
            floor=forms.zero,
            options=("margin",),
        ),
        Subject(
            "cosine_embedding",
            (),
            1,
            make.pairs_problem,
            make.nowhere,
            lambda x, p, o: ref.cosine_embedding(x, p.before[0], p.target, float(o.get("margin", 0.0))),
            options=("margin",),
        ),
        Subject(
            "triplet_margin",
            (),
            1,
            make.triplets_problem,
            make.nowhere,
            lambda x, p, o: ref.triplet(x, p.target, p.more[0], float(o.get("margin", 1.0))),
            options=("margin",),
        ),
        Subject(
            "triplet_margin_with_distance",
            (),
            1,
            make.triplets_problem,
            make.nowhere,
            lambda x, p, o: ref.triplet(x, p.target, p.more[0], float(o.get("margin", 1.0))),
            options=("margin",),
        ),
        Subject(
            "gaussian_nll",
            (),
            1,
            make.gaussian_problem,
            make.toward_value,
            lambda x, p, o: ref.gaussian_nll(x, p.target, p.more[0], full=bool(o.get("full"))),
            forms.target,
            floor=forms.gaussian_floor,
            options=("full",),
        ),
        Subject(
            "poisson_nll",
            (),
            1,
            make.counts_problem,
            make.toward_value,
            _poisson,
            forms.log_target,
            floor=forms.poisson_floor,
            options=("log_input",),
        ),
        Subject(
            "ctc",
            _LOG_SOFTMAX,
            -1,
            make.sequences_problem,
            make.nowhere,
            lambda x, p, o: ref.ctc(x, p.target, p.more[0], p.more[1]),
            floor=forms.zero,
            batchwise=False,
        ),
        *PROJECTED,
    )
}
"""Every contract that the battery knows."""


def subject(contract: str, options: Options) -> Subject | None:
    """The subject of a contract under these options: some switch what the prediction has to be."""
    found = SUBJECTS.get(contract)
    if found is not None and contract == "poisson_nll" and options.get("log_input") is False:
        return Subject(
            "poisson_nll",
            ("torch.nn.functional.softplus",),
            1,
            make.counts_problem,
            make.nowhere,
            _poisson,
            forms.target,
            floor=forms.poisson_floor,
            options=("log_input",),
        )
    if found is not None and contract == "kl_div" and options.get("log_target"):
        return Subject(
            "kl_div",
            _LOG_SOFTMAX,
            1,
            make.log_distributions_problem,
            make.nowhere,
            lambda x, p, o: ref.kl_div(x, p.target, True),
            forms.target,
            floor=forms.zero,
            options=("log_target",),
        )
    return found
