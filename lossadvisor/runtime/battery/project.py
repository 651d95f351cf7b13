"""The losses that the linter found, each put through the battery with its options and its chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lossadvisor.contracts import by_id
from lossadvisor.findings import LossVerdict
from lossadvisor.runtime.battery.battery import NotValidated, validate
from lossadvisor.runtime.battery.result import Validation
from lossadvisor.runtime.battery.subjects import SUBJECTS
from lossadvisor.values import Domain

# A domain that the linter knows although it names no operation -> the operation that stands for it.
_STANDS_FOR = {
    Domain.PROBABILITIES: ("torch.nn.functional.softmax",),
    Domain.LOG_PROBABILITIES: ("torch.nn.functional.log_softmax",),
    Domain.UNIT_INTERVAL: ("torch.sigmoid",),
    Domain.LOG_UNIT_INTERVAL: ("torch.nn.functional.logsigmoid",),
    Domain.SIGNED_UNIT: ("torch.tanh",),
    Domain.RECTIFIED: ("torch.relu",),
    Domain.SCORES: (),
    Domain.SIMILARITY: (),
}
UNRESOLVED = "the linter could not resolve what feeds this loss: the right chain was used"


def validate_losses(losses: Iterable[LossVerdict]) -> tuple[list[Validation], list[str]]:
    """One validation per loss call, in the same order, and a line for each loss that the battery cannot try."""
    done: dict[tuple[object, ...], Validation] = {}
    validations: list[Validation] = []
    left_out: list[str] = []
    for loss in losses:
        names, note = _chain(loss)
        axis = 0 if loss.input.axis == 0 else None  # a softmax over the batch
        key = (
            loss.contract,
            names,
            axis,
            tuple(sorted((k, repr(v)) for k, v in loss.options.items())),
            loss.input.classes,
        )
        place = f"{loss.span.filename}:{loss.span.start.row}"
        try:
            if key not in done:
                contract = by_id.get(loss.contract)
                if contract is None:
                    raise NotValidated(f"{loss.contract}: no contract of that name")
                done[key] = validate(contract, names, loss.options, loss.input.classes, axis)
        except NotValidated as error:
            left_out.append(f"{place}: {error}")
            continue
        found = done[key]
        notes = (*found.notes, note) if note else found.notes
        validations.append(replace(found, loss=loss.loss, span=loss.span, notes=notes))
    return validations, left_out


def _chain(loss: LossVerdict) -> tuple[tuple[str, ...], str | None]:
    if loss.input.chain:
        return loss.input.chain, None
    if loss.input.domain in _STANDS_FOR:
        return _STANDS_FOR[loss.input.domain], None
    subject = SUBJECTS.get(loss.contract)
    return (() if subject is None else subject.recommended), UNRESOLVED
