"""The matrix of wants and domains: its form, and a numeric fact for its cells on torch's losses."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lossadvisor.contracts import CONTRACTS, METRICS, RELATIONS, TORCH, Contract, Port, Relation, Want, relation
from lossadvisor.contracts.model import common
from lossadvisor.contracts.numbers import poisson_floor
from lossadvisor.values import Domain

from . import cells

OWN_HEAD = {"linear_cross_entropy", "adaptive_log_softmax"}  # they take hidden features; nothing to measure
NO_NUMBER = {
    # class indices are real numbers; that they mean no quantity is not in the numbers
    (Want.REAL, Domain.INDICES),
    # labels of sequences are integers; rows of 0 and 1 are integers too, and only their shape tells them apart
    (Want.LABEL_SEQUENCE, Domain.ONE_HOT),
    (Want.LABEL_SEQUENCE, Domain.MULTI_HOT),
}
Cell = tuple[Contract, Port, dict[str, Any], Want, Domain]


def wants(contract: Contract, port: Port) -> list[tuple[dict[str, Any], Want]]:
    fired = [({s.option: s.equals}, s.want) for s in contract.switches if s.port == port.name]
    return [({}, port.want), *fired]


def cells_of(wished: Relation) -> list[Cell]:
    return [
        (contract, port, options, want, domain)
        for contract in TORCH
        if contract.id not in OWN_HEAD
        for port in contract.ports
        for options, want in wants(contract, port)
        for domain, found in RELATIONS[want].items()
        if found is wished and (want, domain) not in NO_NUMBER
    ]


def names(rows: list[Cell]) -> list[str]:
    return [f"{c.id}-{p.name}-{w.value}-{d.value}" for c, p, _, w, d in rows]


def function(contract: Contract) -> Any:
    return getattr(F, contract.functionals[0].rsplit(".", 1)[1])


def given(contract: Contract, port: Port, options: dict[str, Any], domain: Domain) -> dict[str, Any]:
    """A right call, but for the one port that gets numbers of `domain`."""
    arguments = cells.right(contract, options)
    if port.role == "prediction" and contract.id != "margin_ranking":
        return {**arguments, port.name: cells.value(domain, cells.made_from(contract))}
    return {**arguments, port.name: target_of(contract, port, arguments[port.name], domain)}


def target_of(contract: Contract, port: Port, at: Tensor, domain: Domain) -> Tensor:
    """Numbers of `domain` that say the same as the right target, or as near as can be."""
    if contract.id == "ctc":
        return at if domain is Domain.INDICES else cells.value(domain, at.double())
    if contract.id == "cosine_embedding" and port.role == "target":
        return (at > 0).double() if domain is not Domain.SIGNS else at
    if contract.id in {"cross_entropy", "nll", "multi_margin", "kl_div"}:
        bits = cells.BITS if domain is Domain.MULTI_HOT else cells.HOT
        if domain is Domain.SIGNS:
            return 2 * (cells.LABELS > 1).long() - 1
        return cells.value(domain, cells.scores(bits))
    if contract.id == "multilabel_margin":
        found = cells.value(domain, cells.scores(cells.BITS)).long()
        return at if domain is Domain.INDICES else found
    if contract.id == "poisson_nll":
        wide = torch.stack([torch.linspace(-2, 2, cells.ROWS, dtype=torch.float64)] * 2, 1)
        return cells.value(domain, wide) if domain is Domain.INDICES else cells.value(domain, wide)[:, 0]
    if port.role == "target" and contract.id in {"hinge_embedding", "soft_margin", "margin_ranking"}:
        return (at > 0).double() if domain is not Domain.SIGNS else at
    return cells.value(domain, cells.EMBEDDINGS[2] if port.role == "other" else cells.scores(cells.BITS))


def lower(contract: Contract) -> float | None:
    return poisson_floor(10.0) if contract.id == "poisson_nll" else contract.value_range[0]


def measured(contract: Contract, options: dict[str, Any], arguments: dict[str, Any]) -> float:
    if contract.id == "poisson_nll":
        return float(function(contract)(**arguments, **options, reduction="none").detach().min())
    extra = {"reduction": "batchmean"} if contract.id == "kl_div" else {}
    return float(function(contract)(**arguments, **options, **extra).detach())


def verdict(contract: Contract, port: Port, options: dict[str, Any], domain: Domain) -> str | None:
    """What goes wrong in numbers, or None when nothing does."""
    arguments = given(contract, port, options, domain)
    if contract.id == "poisson_nll" and port.name == "target":
        arguments["input"] = torch.full_like(arguments["input"], -20.0)  # where a negative count pays most
    try:
        wrong = measured(contract, options, arguments)
    except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError):
        return "raises"
    if not math.isfinite(wrong):
        return "not finite"
    least, most = lower(contract), contract.value_range[1]
    if (least is not None and wrong < least - 1e-6) or (most is not None and wrong > most + 1e-6):
        return "impossible value"
    if wrong > measured(contract, options, cells.right(contract, options)) + 0.04:
        return "worse than the right call on the same scores"
    return "untrained" if untrained(contract, options, arguments) else None


def untrained(contract: Contract, options: dict[str, Any], arguments: dict[str, Any]) -> bool:
    """Whether elements get no gradient that the right call trains."""

    def moved(call: dict[str, Any]) -> Tensor:
        name = contract.ports[0].name
        point = call[name].clone().requires_grad_()
        margin = {"margin": 0.5} if contract.id == "margin_ranking" else {}
        loss = function(contract)(**{**call, name: point}, **options, **margin)
        return torch.autograd.grad(loss, point)[0].reshape(cells.ROWS, -1).abs() > 0

    right = moved(cells.right(contract, options))
    return bool((right & ~moved(arguments)).any())


VIOLATING, FITTING = cells_of(Relation.VIOLATES), cells_of(Relation.FITS)


@pytest.mark.parametrize(("contract", "port", "options", "want", "domain"), VIOLATING, ids=names(VIOLATING))
def test_a_violation_shows_in_the_numbers(
    contract: Contract, port: Port, options: dict[str, Any], want: Want, domain: Domain
) -> None:
    assert contract.want(port, options) is want
    assert verdict(contract, port, options, domain) is not None


@pytest.mark.parametrize(("contract", "port", "options", "want", "domain"), FITTING, ids=names(FITTING))
def test_what_fits_stays_in_range(
    contract: Contract, port: Port, options: dict[str, Any], want: Want, domain: Domain
) -> None:
    found = measured(contract, options, given(contract, port, options, domain))
    least, most = contract.value_range
    assert math.isfinite(found)
    assert least is None or found >= least - 1e-6
    assert most is None or found <= most + 1e-6


def test_log_softmax_twice_is_the_same() -> None:
    z = cells.scores(cells.HOT)
    assert relation(Want.LOGITS, Domain.LOG_PROBABILITIES) is Relation.REDUNDANT
    assert torch.allclose(F.cross_entropy(z, cells.LABELS), F.cross_entropy(z.log_softmax(1), cells.LABELS))


def test_a_sigmoid_before_bce_is_right_but_fragile() -> None:
    z = cells.scores(cells.BITS)
    assert relation(Want.ELEMENT_PROBABILITIES, Domain.UNIT_INTERVAL) is Relation.FRAGILE
    stable = F.binary_cross_entropy_with_logits
    assert torch.allclose(F.binary_cross_entropy(z.sigmoid(), cells.BITS), stable(z, cells.BITS))
    far = torch.tensor([20.0])
    assert float(F.binary_cross_entropy(far.sigmoid(), torch.zeros(1))) == 100
    assert float(stable(far, torch.zeros(1))) == pytest.approx(20)


def test_a_rectified_variance_is_fragile() -> None:
    assert relation(Want.VARIANCE, Domain.RECTIFIED) is Relation.FRAGILE
    mean, var = torch.zeros(1), torch.zeros(1, requires_grad=True)
    F.gaussian_nll_loss(mean, mean + 1, var).backward()  # type: ignore[no-untyped-call]
    assert var.grad is not None and abs(float(var.grad)) > 1e11


def test_every_want_has_a_row_and_a_port() -> None:
    used = {port.want for contract in (*CONTRACTS, *METRICS) for port in contract.ports}
    used |= {switch.want for contract in (*CONTRACTS, *METRICS) for switch in contract.switches}
    assert set(RELATIONS) == set(Want)
    assert used == set(Want) - {Want.EITHER_LOGITS}


def test_the_unknown_domain_makes_no_claim() -> None:
    assert all(relation(want, Domain.UNKNOWN) is Relation.UNKNOWN for want in Want)
    assert not RELATIONS[Want.ANY]


def test_either_logits_is_what_both_kinds_share() -> None:
    assert common({Want.LOGITS, Want.BINARY_LOGITS}) is Want.EITHER_LOGITS
    both = RELATIONS[Want.LOGITS].items() & RELATIONS[Want.BINARY_LOGITS].items()
    assert dict(both) == RELATIONS[Want.EITHER_LOGITS]
