"""The losses that the linter found, each put through the battery with its options and its chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch

from lossadvisor.contracts import by_id
from lossadvisor.contracts.evidence import evidence
from lossadvisor.findings import LossVerdict
from lossadvisor.runtime.battery.battery import NotValidated, validate
from lossadvisor.runtime.battery.chains import Chain, chain
from lossadvisor.runtime.battery.result import Validation
from lossadvisor.runtime.predicates import satisfies
from lossadvisor.values import Domain

# A domain that the linter knows although it names no operation -> the operation that stands for it.
_STANDS_FOR = {
    Domain.PROBABILITIES: ("torch.nn.functional.softmax",),
    Domain.LOG_PROBABILITIES: ("torch.nn.functional.log_softmax",),
    Domain.UNIT_INTERVAL: ("torch.sigmoid",),
    Domain.LOG_UNIT_INTERVAL: ("torch.nn.functional.logsigmoid",),
    Domain.SIGNED_UNIT: ("torch.tanh",),
    Domain.RECTIFIED: ("torch.relu",),
    Domain.NON_NEGATIVE: ("torch.nn.functional.softplus",),
    Domain.SCORES: (),
    Domain.SIMILARITY: (),
}
_MORE_SPECIAL = {
    Domain.UNIT_INTERVAL: Domain.PROBABILITIES,
    Domain.LOG_UNIT_INTERVAL: Domain.LOG_PROBABILITIES,
    Domain.NON_NEGATIVE: Domain.UNIT_INTERVAL,
    Domain.SCORES: Domain.UNIT_INTERVAL,
    Domain.SIMILARITY: Domain.UNIT_INTERVAL,
    Domain.REAL: Domain.UNIT_INTERVAL,
}
UNRESOLVED = "the linter could not resolve what feeds this loss: the right chain was used"


def validate_losses(losses: Iterable[LossVerdict]) -> list[Validation]:
    """One validation per loss call, in the same order; one without checks says in its notes why nothing was tried."""
    done: dict[tuple[object, ...], Validation] = {}
    validations: list[Validation] = []
    for loss in losses:
        names, note = _chain(loss)
        axis = 0 if loss.input.axis == 0 and "LA302" in loss.codes else None  # a softmax over the batch
        key = (
            loss.contract,
            names,
            axis,
            tuple(sorted((k, repr(v)) for k, v in loss.options.items())),
            loss.input.classes,
        )
        try:
            if key not in done:
                contract = by_id.get(loss.contract)
                if contract is None:
                    raise NotValidated(f"{loss.contract}: no contract of that name")
                done[key] = validate(contract, names, loss.options, loss.input.classes, axis)
        except NotValidated as error:
            validations.append(_untried(loss, str(error)))
            continue
        found = done[key]
        notes = (*found.notes, note) if note else found.notes
        found = replace(found, loss=loss.loss, span=loss.span, notes=notes)
        if note == UNRESOLVED:  # the right chain was put in: what is said of it is not said of the code
            found = replace(found, codes=(), help=())
        elif note:  # a stand-in shows what the numbers do, not which operation made them
            found = replace(found, codes=tuple(code for code in found.codes if code != "LA403"))
        validations.append(found)
    return validations


def _untried(loss: LossVerdict, why: str) -> Validation:
    """A loss that nothing was tried on: why, what `check` says, and the closed form of its contract where one is."""
    notes = [why]
    if loss.codes:
        notes.append(f"check reports {', '.join(loss.codes)}")
    options = {name: value for name, value in loss.options.items() if isinstance(value, (bool, int, float, str))}
    found = evidence(loss.contract, loss.input.domain, loss.input.classes, options=options)
    if found is not None:
        notes.append(f"by the closed form of its contract, not by a run: {found['text']}")
    return Validation(
        loss.contract, loss.loss, loss.input.chain, (), dict(loss.options), loss.input.classes or 0, (),
        notes=tuple(notes), span=loss.span,
    )  # fmt: skip


def _chain(loss: LossVerdict) -> tuple[tuple[str, ...] | None, str | None]:
    """The operations to run for a loss (None: those of the right chain), and a note where they are not the code's.

    What the linter knows of the result decides: it saw selections, guards and branches that the names do not show.
    """
    names, domain = loss.input.chain, loss.input.domain
    made = chain(names)
    if names and not made.unknown and (domain is Domain.UNKNOWN or _gives(made, domain)):
        return names, None
    if domain in _STANDS_FOR:
        return _STANDS_FOR[domain], (f"what feeds this loss was reduced to {domain.value}" if names else None)
    return None, UNRESOLVED


def _gives(made: Chain, domain: Domain) -> bool:
    """Whether the chain makes that domain out of scores, and not a more special one."""
    scores = torch.randn(16, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3
    result = made(scores, 1)
    special = _MORE_SPECIAL.get(domain)
    return satisfies(result, domain) and (special is None or not satisfies(result, special))
