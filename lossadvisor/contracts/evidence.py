"""What a misuse does to the numbers, for reports: one dictionary per contract and domain, with a sentence under `text`.

Only cells with a proved number are here; for all others `evidence` gives None.
"""

from __future__ import annotations

from collections.abc import Mapping

from lossadvisor.contracts import proofs
from lossadvisor.contracts.model import Constant, Family
from lossadvisor.contracts.table import by_id
from lossadvisor.contracts.wants import Relation, Want, relation
from lossadvisor.values import Domain

D, F = Domain, Family
_ORDER = ("prediction", "target", "other")

_BY_FAMILY: Mapping[tuple[Family, str, Domain], proofs.Maker] = {
    (F.CROSS_ENTROPY, "prediction", D.PROBABILITIES): proofs.bounded(1.0, simplex=True),
    (F.CROSS_ENTROPY, "prediction", D.UNIT_INTERVAL): proofs.bounded(1.0, simplex=False),
    (F.CROSS_ENTROPY, "prediction", D.SIGNED_UNIT): proofs.bounded(2.0, simplex=False),
    (F.CROSS_ENTROPY, "prediction", D.RECTIFIED): proofs.rectified_cross_entropy,
    (F.NLL, "prediction", D.PROBABILITIES): proofs.nll_on_probabilities,
    (F.NLL, "prediction", D.UNIT_INTERVAL): proofs.nll_on_probabilities,
    (F.NLL, "prediction", D.SCORES): proofs.nll_on_scores,
    (F.BCE, "prediction", D.SCORES): proofs.scores_in_bce,
    (F.BCE_WITH_LOGITS, "prediction", D.UNIT_INTERVAL): proofs.sigmoid_before_logits,
    (F.BCE_WITH_LOGITS, "prediction", D.PROBABILITIES): proofs.softmax_before_logits,
    (F.BCE_WITH_LOGITS, "prediction", D.SIGNED_UNIT): proofs.tanh_before_logits,
    (F.BCE_WITH_LOGITS, "prediction", D.LOG_PROBABILITIES): proofs.logarithms_before_logits,
    (F.BCE_WITH_LOGITS, "prediction", D.LOG_UNIT_INTERVAL): proofs.logarithms_before_logits,
    (F.BCE_WITH_LOGITS, "target", D.BYTES): proofs.bytes_target,
    (F.BCE_WITH_LOGITS, "target", D.SIGNS): proofs.sign_target,
    (F.SOFT_MARGIN, "prediction", D.UNIT_INTERVAL): proofs.soft_margin,
    (F.SOFT_MARGIN, "prediction", D.PROBABILITIES): proofs.soft_margin,
    (F.SOFT_MARGIN, "target", D.MULTI_HOT): proofs.soft_margin_target,
    (F.SOFT_MARGIN, "target", D.ONE_HOT): proofs.soft_margin_target,
    (F.OVERLAP, "prediction", D.PROBABILITIES): proofs.dice_softmax,
    (F.OVERLAP, "prediction", D.UNIT_INTERVAL): proofs.dice_sigmoid,
    (F.FOCAL, "prediction", D.UNIT_INTERVAL): proofs.focal_sigmoid,
}

_BY_ID: Mapping[tuple[str, str, Domain], proofs.Maker] = {
    ("kl_div", "prediction", D.PROBABILITIES): proofs.kl_on_probabilities,
    ("kl_div", "prediction", D.SCORES): proofs.kl_on_scores,
    ("kl_div", "target", D.LOG_PROBABILITIES): proofs.kl_target,
    ("kl_div", "target", D.LOG_UNIT_INTERVAL): proofs.kl_target,
    ("kl_div", "target", D.PROBABILITIES): proofs.kl_flag,
    ("ctc", "prediction", D.PROBABILITIES): proofs.ctc,
    ("ctc", "prediction", D.SCORES): proofs.ctc,
    ("multi_margin", "prediction", D.PROBABILITIES): proofs.multi_margin,
    ("multilabel_margin", "target", D.MULTI_HOT): proofs.index_list,
    ("multilabel_margin", "target", D.ONE_HOT): proofs.index_list,
    ("hinge_embedding", "prediction", D.SCORES): proofs.hinge_scores,
    ("hinge_embedding", "target", D.MULTI_HOT): proofs.hinge_target,
    ("hinge_embedding", "target", D.ONE_HOT): proofs.hinge_target,
    ("cosine_embedding", "target", D.MULTI_HOT): proofs.cosine_target,
    ("cosine_embedding", "target", D.ONE_HOT): proofs.cosine_target,
    ("margin_ranking", "target", D.MULTI_HOT): proofs.ranking_target,
    ("margin_ranking", "target", D.ONE_HOT): proofs.ranking_target,
    ("gaussian_nll", "other", D.SCORES): proofs.gaussian_variance,
    ("poisson_nll", "prediction", D.NON_NEGATIVE): proofs.poisson_rate,
    ("poisson_nll", "prediction", D.RECTIFIED): proofs.poisson_rate,
}


def evidence(
    contract_id: str,
    domain: Domain,
    classes: int | None,
    *,
    port: str | None = None,
    options: Mapping[str, Constant] | None = None,
) -> proofs.Numbers | None:
    """The numbers that values of `domain` lead to at a port that they violate, rounded to four decimals.

    `port` is a port's name; without it the first that is violated, predictions before targets. `options` are the
    written options of the loss (`label_smoothing`, `margin`, `alpha`, ... change the numbers); class weights are taken
    to be one. None when nothing is known, also for an unknown contract. A sentence for people is under "text", the
    rest is for programs.
    """
    contract = by_id.get(contract_id)
    if contract is None:
        return None
    case = proofs.Case(contract, classes if classes and classes > 1 else None, options or {})
    for at in sorted(contract.ports, key=lambda one: _ORDER.index(one.role)):
        if port not in (None, at.name) or relation(contract.want(at, case.options), domain) is not Relation.VIOLATES:
            continue
        maker = _BY_ID.get((contract_id, at.role, domain))
        if maker is None and contract.plain:
            maker = _BY_FAMILY.get((_family(case), at.role, domain))
        found = maker(case) if maker is not None else None
        if found is not None:
            return {key: round(value, 4) if isinstance(value, float) else value for key, value in found.items()}
    return None


def _family(case: proofs.Case) -> Family:
    """The formula under the written options: several packages turn cross-entropy into its binary form by a flag."""
    if case.contract.family is Family.CROSS_ENTROPY and case.wants() is Want.BINARY_LOGITS:
        return Family.BCE_WITH_LOGITS
    return case.contract.family
