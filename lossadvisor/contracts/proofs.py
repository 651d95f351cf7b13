"""What happens to the numbers, case by case: each function describes one misuse by its closed-form numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lossadvisor.contracts import numbers as n
from lossadvisor.contracts.model import Constant, Contract
from lossadvisor.contracts.wants import Want
from lossadvisor.late import dataclass

Numbers = dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """A misuse to be described: the contract, the number of classes where known, the written options."""

    contract: Contract
    classes: int | None
    options: Mapping[str, Constant]

    def number(self, option: str, default: float) -> float:
        """The value of a numeric option, or `default` when it is no number."""
        value = self.contract.option(option, self.options)
        return default if value is None or isinstance(value, str) else float(value)


    def smoothing(self) -> float:
        """The label smoothing, by the names that the packages give it."""
        names = {parameter.name for parameter in (*self.contract.constructor, *self.contract.function)}
        return next((self.number(name, 0.0) for name in _SMOOTHING if name in names), 0.0)

    def wants(self) -> Want:
        """What the prediction must be under the written options."""
        return self.contract.want(self.contract.ports[0], self.options)


_SMOOTHING = ("label_smoothing", "smoothing", "smooth_factor", "eps")
Maker = Callable[[Case], Numbers | None]



def bounded(width: float, simplex: bool) -> Maker:
    """Cross-entropy on values of an interval of that width; `simplex` when each row sums to one."""

    def make(case: Case) -> Numbers | None:
        if case.wants() is not Want.LOGITS:
            return None
        smoothing = case.smoothing()
        right = n.smoothed_floor(case.classes or 2, smoothing)
        if case.classes is None:
            ten, thousand = (n.bounded_floor(c, width, smoothing) for c in (10, 1000))
            return {
                "text": f"the loss cannot reach 0: its floor is {ten:.3f} with 10 classes, {thousand:.3f} with 1000",
            }
        c = case.classes
        floor = n.bounded_floor(c, width, smoothing)
        return {
            "classes": c,
            "floor": floor,
            "floor_right": right,
            "ceiling": n.softmax_ceiling(c, smoothing) if simplex else n.bounded_ceiling(c, width, smoothing),
            "chance": n.chance_cross_entropy(c),
            "largest_probability": n.largest_probability(c, width),
            "gradient_ratio": n.softmax_gradient_ratio(c) if simplex else n.slope_ratio(width),
            "text": f"with {c} classes the loss cannot fall below {floor:.3f} ({right:.3g} with logits)",
        }

    return make


def rectified_cross_entropy(case: Case) -> Numbers:
    text = "scores below 0 are all read as 0 and get no gradient"
    if case.classes is None:
        return {"text": text}
    chance = n.chance_cross_entropy(case.classes)
    return {
        "classes": case.classes,
        "chance": chance,
        "text": f"{text}; a row of such scores costs {chance:.3f} (log {case.classes}) and stays there",
    }


def nll_on_probabilities(case: Case) -> Numbers:
    found: Numbers = {"floor": -1.0, "ceiling": 0.0}
    if case.classes is None:
        return {**found, "text": "the loss is minus the mean probability of the target: between -1 and 0"}
    chance = n.nll_chance_on_probabilities(case.classes)
    return {
        **found,
        "classes": case.classes,
        "chance": chance,
        "text": f"the loss lies between -1 and 0; {case.classes} equal probabilities cost {chance:.3g}",
    }


def nll_on_scores(case: Case) -> Numbers:
    return {"floor": None, "text": "the loss is minus the target's score: it falls without bound below 0"}


def sigmoid_before_logits(case: Case) -> Numbers:
    return {
        "floor_positive": n.HIT,
        "floor_negative": n.EVEN,
        "floor_balanced": n.double_sigmoid_floor(0.5),
        "largest_probability": n.largest_probability(2),
        "chance": n.EVEN,
        "text": f"a negative costs at least {n.EVEN:.3f} and a positive at least {n.HIT:.3f} (0 with logits);"
        " no probability falls below one half",
    }


def softmax_before_logits(case: Case) -> Numbers:
    if case.classes is None:
        return sigmoid_before_logits(case)
    floor, chance = n.softmax_bce_floor(case.classes), n.softmax_bce_chance(case.classes)
    return {
        "classes": case.classes,
        "floor": floor,
        "chance": chance,
        "text": f"with {case.classes} classes learning takes the loss from {chance:.3f} to {floor:.3f} (0 with logits)",
    }


def tanh_before_logits(case: Case) -> Numbers:
    return {
        "floor": n.HIT,
        "largest_probability": n.largest_probability(2),
        "chance": n.EVEN,
        "text": f"no decision costs less than {n.HIT:.3f} (0 with logits): probabilities stay within 0.269 and 0.731",
    }


def logarithms_before_logits(case: Case) -> Numbers:
    return {
        "floor_positive": n.EVEN,
        "floor_negative": 0.0,
        "chance": n.EVEN,
        "text": f"a positive costs at least {n.EVEN:.3f} (0 with logits): no probability exceeds one half",
    }


def scores_in_bce(case: Case) -> Numbers:
    return {"text": "scores outside [0, 1] raise on the CPU and stop the GPU; inside they are taken for probabilities"}


def bytes_target(case: Case) -> Numbers:
    return {
        "floor": None,
        "text": "the loss turns negative without bound: at logit 5 a target of 255 costs -1269.99",
    }


def sign_target(case: Case) -> Numbers:
    return {"floor": None, "text": "a target of -1 rewards ever lower logits: the loss falls without bound below 0"}


def kl_on_probabilities(case: Case) -> Numbers:
    if case.classes is None:
        return {"ceiling": 0.0, "text": "the loss is negative whatever the model says (with log-probabilities never)"}
    floor = n.kl_floor_on_probabilities(case.classes)
    return {
        "classes": case.classes,
        "floor": floor,
        "ceiling": 0.0,
        "text": f"with {case.classes} classes the batchmean lies between {floor:.3f} and 0 (0 or more with"
        " log-probabilities)",
    }


def kl_on_scores(case: Case) -> Numbers:
    return {"floor": None, "text": "adding k to every score takes k off the loss: it falls without bound below 0"}


def kl_target(case: Case) -> Numbers | None:
    if case.contract.option("log_target", case.options):
        return None
    return {"text": "the logarithm of a negative target is taken: the loss is NaN unless log_target=True"}


def kl_flag(case: Case) -> Numbers | None:
    if not case.contract.option("log_target", case.options):
        return None
    if case.classes is None:
        return {"text": "probabilities are exponentiated: equal distributions do not cost 0"}
    value = n.kl_on_log_flag(case.classes)
    return {
        "classes": case.classes,
        "at_equality": value,
        "text": f"two equal uniform distributions over {case.classes} classes cost {value:.3f} instead of 0",
    }


def ctc(case: Case) -> Numbers:
    return {"text": "the loss can turn negative, which it cannot on log-probabilities"}


def soft_margin_target(case: Case) -> Numbers:
    return {"value": n.EVEN, "text": f"every label 0 costs {n.EVEN:.3f} whatever the score and has no gradient"}


def soft_margin(case: Case) -> Numbers:
    return {
        "floor_positive": n.HIT,
        "floor_negative": n.EVEN,
        "chance": n.EVEN,
        "text": f"label -1 costs at least {n.EVEN:.3f} and label 1 at least {n.HIT:.3f} (0 with scores)",
    }


def multi_margin(case: Case) -> Numbers:
    text = "a margin of 1 between probabilities exists only at absolute certainty"
    if case.classes is None:
        return {"text": text}
    chance = n.multi_margin_chance(case.classes, case.number("margin", 1.0) ** case.number("p", 1))
    return {
        "classes": case.classes,
        "chance": chance,
        "text": f"{text}; with {case.classes} classes equal ones cost {chance:.3f}",
    }


def index_list(case: Case) -> Numbers:
    return {"text": "a row of 0 and 1 is read as the class indices 0 and 1, up to the first -1"}


def hinge_target(case: Case) -> Numbers:
    margin = case.number("margin", 1.0)
    return {"floor": margin, "text": f"every label 0 costs max({margin:g}, distance): at least {margin:g}"}


def hinge_scores(case: Case) -> Numbers:
    return {"floor": None, "text": "label 1 costs the value itself: negative values let the loss fall without bound"}


def cosine_target(case: Case) -> Numbers:
    return {"value": 0.0, "text": "every label 0 costs 0 and has no gradient: those pairs are not trained"}


def ranking_target(case: Case) -> Numbers:
    margin = max(0.0, case.number("margin", 0.0))
    return {"value": margin, "text": f"every label 0 costs {margin:g} whatever the scores and has no gradient"}


def gaussian_variance(case: Case) -> Numbers:
    floor = n.gaussian_floor(case.number("eps", 1e-6))
    return {"floor": floor, "text": f"a negative entry raises; entries below eps count as eps: {floor:.3f}"}


def poisson_rate(case: Case) -> Numbers | None:
    if not case.contract.option("log_input", case.options):
        return None
    return {"text": "the rate is exponentiated: for a count of 10 the loss is best at an output of 2.303, not of 10"}


def dice_softmax(case: Case) -> Numbers | None:
    if case.wants() is not Want.LOGITS:
        return None
    if case.classes is None:
        two, ten = n.double_softmax_dice(2), n.double_softmax_dice(10)
        return {"text": f"a perfect prediction still costs {two:.3f} with 2 classes, {ten:.3f} with 10"}
    value = n.double_softmax_dice(case.classes)
    return {
        "classes": case.classes,
        "floor_balanced": value,
        "text": f"with {case.classes} even classes a perfect prediction still costs {value:.3f} (0 with logits)",
    }


def dice_sigmoid(case: Case) -> Numbers | None:
    if case.wants() is not Want.BINARY_LOGITS:
        return None
    value = n.double_sigmoid_dice(0.5)
    return {
        "floor_balanced": value,
        "text": f"a perfect mask, half of it ones, still costs {value:.3f} (0 with logits)",
    }


def focal_sigmoid(case: Case) -> Numbers | None:
    if case.wants() is not Want.BINARY_LOGITS:
        return None
    alpha = case.contract.option("alpha", case.options)
    weight = float(alpha) if isinstance(alpha, int | float) else None
    weight = None if weight is not None and weight < 0 else weight  # torchvision switches the weight off by -1
    negative, positive = n.double_sigmoid_focal(weight, case.number("gamma", 2.0))
    return {
        "floor_negative": negative,
        "floor_positive": positive,
        "text": f"a negative costs at least {negative:.4f} and a positive at least {positive:.4f} (0 with logits)",
    }
