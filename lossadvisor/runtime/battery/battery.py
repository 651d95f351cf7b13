"""All checks on one loss, in the order in which they are reported."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from lossadvisor.contracts import Contract, Relation, Want, by_id, relation
from lossadvisor.runtime.battery import learning, numerics, semantics, values
from lossadvisor.runtime.battery.chains import Chain, chain
from lossadvisor.runtime.battery.packages.choosing import NotTried, Tried, choose
from lossadvisor.runtime.battery.projected import STANDING_IN
from lossadvisor.runtime.battery.result import Check, Outcome, Validation
from lossadvisor.runtime.battery.subject import Subject
from lossadvisor.runtime.battery.subjects import subject
from lossadvisor.runtime.battery.trial import Function, Trial, accepted
from lossadvisor.runtime.codes import CODES
from lossadvisor.runtime.judging.call import ENOUGH, Call
from lossadvisor.runtime.judging.judge import judge
from lossadvisor.runtime.predicates import measure

DEFAULT_CLASSES = 10
_LEAST = {"cross_entropy": 1, "nll": 1, "bce": 1, "bce_with_logits": 1, "mse": 1, "l1": 1, "smooth_l1": 1, "huber": 1}
"""Losses that can be tried with a single output; the others need two."""

_CHECKS: tuple[Callable[[Trial], Check | list[Check] | None], ...] = (
    values.against_reference,
    values.gradcheck,
    values.at_chance,
    values.lowest,
    learning.gradient_kept,
    learning.step_raises_right_score,
    learning.hundred_steps,
    learning.permuted_targets,
    learning.batch_size,
    numerics.extremes,
    semantics.reductions,
    semantics.class_weights,
    semantics.ignored,
    semantics.label_smoothing,
    semantics.empty,
)
_TORCH_ONLY = (semantics.class_weights, semantics.ignored, semantics.label_smoothing)
"""What options mean in torch; other packages give the same names other meanings."""


class NotValidated(ValueError):
    """The battery has no way to try this loss; the message says why in one line."""


def functional_of(contract: Contract) -> Function:
    """The function of torch.nn.functional behind a contract, or the one that stands for its module."""
    if contract.id in STANDING_IN:
        return STANDING_IN[contract.id]
    for name in contract.functionals:
        module, _, attribute = name.rpartition(".")
        function = getattr(torch.nn.functional, attribute, None) if module == "torch.nn.functional" else None
        if callable(function):
            return function  # type: ignore[no-any-return]
    raise NotValidated(f"{contract.id}: no function of torch.nn.functional stands behind it")


def usable_options(options: Mapping[str, object], function: Function) -> dict[str, Any]:
    """The constant options that the function understands; weights and other tensors are not known from code."""
    names = accepted(function)
    kinds = (bool, int, float, str)
    return {name: value for name, value in options.items() if name in names and isinstance(value, kinds)}


def trial_of(
    contract: Contract,
    names: Sequence[str],
    options: Mapping[str, object],
    classes: int | None,
    axis: int | None = None,
) -> Trial:
    """The trial of a contract fed by the chain of qualified operation `names` (oldest first)."""
    return _tried(contract, names, options, classes, axis).trial


def _tried(
    contract: Contract, names: Sequence[str], options: Mapping[str, object], classes: int | None, axis: int | None
) -> Tried:
    least = _LEAST.get(contract.id, 2)
    size = DEFAULT_CLASSES if classes is None or classes < least else min(classes, 1000)
    if contract.library != "torch":
        try:
            return choose(contract, chain(names, axis), options, size)
        except NotTried as error:
            raise NotValidated(str(error)) from None
    function = functional_of(contract)
    kept = usable_options(options, function)
    tried = subject(contract.id, kept)
    if tried is None:
        raise NotValidated(f"{contract.id}: the battery does not try this loss")
    written = chain(names, axis)
    notes: tuple[str, ...] = ()
    if contract.ports[0].want is Want.FEATURES and _hidden(written):
        written, notes = chain(()), ("the loss owns its output layer: any hidden features will do",)
    return Tried(Trial(tried, written, chain(tried.recommended), kept, function, size), notes)


def _hidden(written: Chain) -> bool:
    """Whether what the chain gives may stand in front of a layer: anything but distributions."""
    probe = torch.randn(16, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3
    domain, _ = measure(written(probe, 1), [1]).domain()
    return bool(written.names) and relation(Want.FEATURES, domain) is not Relation.VIOLATES


def run(trial: Trial) -> tuple[Check, ...]:
    """Every check that applies; one that fails by itself is reported as such and stops nothing."""
    checks: list[Check] = []
    threads = torch.get_num_threads()
    state = torch.get_rng_state()
    torch.set_num_threads(1)  # the tensors are tiny
    try:
        for check in _CHECKS:
            if trial.subject.foreign and check in _TORCH_ONLY:
                continue
            try:
                found = check(trial)
            except Exception as error:
                name = check.__name__.replace("_", " ")
                text = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
                found = Check(name, None, None, Outcome.SKIPPED, text)
            some = found if isinstance(found, list) else [] if found is None else [found]
            checks.extend(_of_package(trial, one) if trial.subject.foreign else one for one in some)
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(state)
    return tuple(checks)


def _of_package(trial: Trial, check: Check) -> Check:
    """What another package does on the right chain as well is its own way, not a mistake of the code."""
    raised = isinstance(check.measured, str) and check.measured == check.expected
    same = raised or trial.written.names == trial.right.names
    if check.outcome is not Outcome.WRONG or not same:
        return check
    return replace(check, outcome=Outcome.NOTE, sentence=f"{check.sentence} (with the right chain too)")


def validate(
    contract: Contract,
    names: Sequence[str] | None,
    options: Mapping[str, object],
    classes: int | None = None,
    axis: int | None = None,
) -> Validation:
    """Put one loss through the battery.

    `names` are the qualified operations before the loss, oldest first (None: those of the right chain); `options`
    those written in the code; `classes` the size of the class axis where known (else ten); `axis` what a softmax of
    the chain runs over where that is known not to be the class axis. Raises NotValidated for losses that the battery
    does not try.
    """
    tried = _tried(contract, names or (), options, classes, axis)
    trial = tried.trial if names is not None else replace(tried.trial, written=tried.trial.right)
    checks = run(trial)
    codes = judged(trial)
    notes = [*tried.notes]
    notes += [f"{name} is not modelled and was left out of the chain" for name in trial.written.unknown]
    loss = (contract.classes or contract.functionals)[0]
    return Validation(
        contract.id, loss, trial.written.names, trial.right.names, dict(options), trial.classes, checks, codes,
        tuple(CODES[code].help for code in codes), tuple(notes),
    )  # fmt: skip


def judged(trial: Trial) -> tuple[str, ...]:
    """The codes that the runtime's judges give for one synthetic batch sent through the chain as written."""
    from lossadvisor.runtime.batch import check

    contract = by_id[trial.subject.contract] if trial.subject.foreign else None
    problem = trial.problem(rows=32)
    weight = torch.eye(problem.scores.shape[-1]).requires_grad_() if problem.scores.dim() > 1 else None
    scores = problem.scores.float()

    def fed() -> Tensor:
        made = scores @ weight if weight is not None else scores.clone().requires_grad_()
        return trial.written(made, trial.subject.axis)

    arguments = problem.arguments(fed())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if contract is not None:
            ports = dict(zip(("input", "target"), arguments, strict=False))
            suspicions, _ = judge(Call(contract, {**trial.options, **ports}, torch.is_grad_enabled()))
            return tuple(sorted({one.code for one in suspicions if one.proof or one.weight >= ENOUGH}))
        return check(trial.function, *arguments, **trial.options).codes


__all__ = ["Chain", "NotValidated", "Subject", "judged", "run", "trial_of", "validate"]
