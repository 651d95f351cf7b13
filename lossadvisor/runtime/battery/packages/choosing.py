"""The trial of a loss of another package: the package itself where it is installed, else its contract's formula."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from lossadvisor.contracts import Contract, Family, Relation, Want, relation
from lossadvisor.late import dataclass
from lossadvisor.runtime.battery.chains import Chain, chain
from lossadvisor.runtime.battery.packages.calling import Called, NotCallable, needs_more
from lossadvisor.runtime.battery.packages.formulas import Formula, formula
from lossadvisor.runtime.battery.packages.installed import NotInstalled, find
from lossadvisor.runtime.battery.packages.layouts import Layout, layouts
from lossadvisor.runtime.battery.problems import Problem
from lossadvisor.runtime.battery.subject import Subject
from lossadvisor.runtime.battery.trial import Function, Trial, attempt
from lossadvisor.runtime.predicates import measure
from lossadvisor.values import Domain

_SOFTMAX, _SIGMOID = ("torch.nn.functional.softmax",), ("torch.sigmoid",)
_LOG_SOFTMAX = ("torch.nn.functional.log_softmax",)
# What the prediction port wants -> the chains from raw scores that give it, the usual one first.
_CHAINS: dict[Want, tuple[tuple[str, ...], ...]] = {
    Want.LOGITS: ((),),
    Want.BINARY_LOGITS: ((),),
    Want.EITHER_LOGITS: ((),),
    Want.MARGIN_SCORES: ((),),
    Want.REAL: ((),),
    Want.EMBEDDING: ((),),
    Want.FEATURES: ((),),
    Want.BOXES: ((),),
    Want.ANY: ((),),
    Want.PROBABILITIES: (_SIGMOID, _SOFTMAX),
    Want.CLASS_PROBABILITIES: (_SOFTMAX,),
    Want.ELEMENT_PROBABILITIES: (_SIGMOID,),
    Want.LOG_PROBABILITIES: (_LOG_SOFTMAX,),
}


_PATIENCE = 0.1
"""Seconds for one value and its gradient above which the battery leaves out what needs hundreds of them."""


class NotTried(Exception):
    """No trial can be made; the message says why in one line."""


@dataclass(frozen=True)
class Tried:
    """A trial with what has to be said about it: whether the package ran, and what stood in for what."""

    trial: Trial
    notes: tuple[str, ...]


def choose(contract: Contract, written: Chain, options: Mapping[str, object], classes: int) -> Tried:
    """The trial of a loss of another package, fed as `written`, under the constant `options`. Raises NotTried."""
    kinds = (bool, int, float, str)
    known: dict[str, object] = {name: value for name, value in options.items() if isinstance(value, kinds)}
    try:
        name, found = find(contract)
    except NotInstalled as error:
        return _by_formula(contract, written, known, classes, str(error))
    if contract.port("target") is None:
        raise NotTried(f"{contract.library} is installed; the loss compares with no target; not validated")
    parameters = contract.call if name in contract.classes else contract.function
    more = needs_more(contract, parameters)
    try:
        wide, narrow = (Called(contract, name, found, known, classes, narrow) for narrow in (False, True))
    except NotCallable as error:
        raise NotTried(f"{contract.library} is installed; {error}; not validated") from None
    if more:
        raise NotTried(f"{contract.library} is installed; there are no numbers for {', '.join(more)}; not validated")
    stand_ins = {one: wide.stand_in(one, classes) for one in wide.stood_in}
    known = {**stand_ins, **known}
    refusals: list[str] = []
    for called in (wide, narrow):
        for subject, layout in _subjects(contract, written, known, called, classes, refusals):
            notes = [f"{name} itself was run: {layout.name}{', in float32' if called.narrow else ''}"]
            notes += [f"the code does not tell {one}: {value} was tried" for one, value in stand_ins.items()]
            trial = Trial(subject, written, chain(subject.recommended), known, called, classes)
            try:
                seconds = _seconds(trial)
            except Exception as error:
                refusals.append(f"on a batch of 32 it raises {type(error).__name__}")
                continue
            if seconds > _PATIENCE:
                trial = replace(trial, subject=replace(subject, slow=True))
                notes.append(f"one evaluation takes {seconds:.1f} s: descents and extreme scores were left out")
            return Tried(trial, tuple(notes))
    why = refusals[0] if refusals else "no synthetic batch is made for what it wants"
    raise NotTried(f"{contract.library} is installed; {why}; not validated")


def _by_formula(contract: Contract, written: Chain, known: Mapping[str, object], classes: int, why: str) -> Tried:
    prediction, target = _wants(contract, known)
    recommended = _CHAINS.get(prediction, ((),))[0]
    for layout in layouts(prediction, target, exclusive=False):
        problem = layout.make(4, classes, torch.Generator().manual_seed(0))
        found = formula(contract, known, problem)
        if found is not None:
            subject = replace(_subject(contract, layout, recommended, found), referenced=False)
            note = f"{why}: the formula that its contract states was tried, not the package"
            return Tried(Trial(subject, written, chain(recommended), {}, _function(found), classes), (note,))
    raise NotTried(f"{why}; not validated")


def _function(found: Formula) -> Function:
    """A formula as a loss: function(prediction, target), reduced by its mean."""

    def loss(input: Tensor, target: Tensor) -> Tensor:
        return found.value(input, Problem(input, target), {}).mean()

    return loss


def _wants(contract: Contract, options: Mapping[str, object]) -> tuple[Want, Want]:
    known = {name: value for name, value in options.items() if isinstance(value, (bool, int, float, str))}
    target = contract.port("target")
    prediction = contract.want(contract.ports[0], known)
    return prediction, Want.ANY if target is None else contract.want(target, known)


def _recommended(want: Want, target: Want, written: Chain, classes: int) -> Iterator[tuple[str, ...]]:
    """Chains that the port wants: the written one first where it is right, for class indices the softmax."""
    probe = torch.randn(16, max(classes, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3
    chains = _CHAINS.get(want, ())
    if len(chains) > 1:
        domain, _ = measure(written(probe, 1), [1]).domain()
        if relation(want, domain) is Relation.FITS:
            last = Domain.PROBABILITIES if domain is Domain.PROBABILITIES else Domain.UNIT_INTERVAL
            yield _SOFTMAX if last is Domain.PROBABILITIES else _SIGMOID
    yield from reversed(chains) if target is Want.CLASS_INDICES else chains


def _subjects(
    contract: Contract, written: Chain, options: Mapping[str, object], called: Called, classes: int, refusals: list[str]
) -> Iterator[tuple[Subject, Layout]]:
    """Subjects that the loss takes and on which good predictions cost less than bad ones; why not, into `refusals`."""
    prediction, target = _wants(contract, options)
    for recommended in _recommended(prediction, target, written, classes):
        exclusive = recommended == _SOFTMAX or prediction in (Want.LOGITS, Want.CLASS_PROBABILITIES)
        for layout in layouts(prediction, target, exclusive, contract.family is Family.OVERLAP):
            problem = layout.make(8, classes, torch.Generator().manual_seed(0))
            found = formula(contract, options, problem)
            subject = _subject(contract, layout, recommended, found)
            refusal = _refusal(Trial(subject, written, chain(recommended), options, called, classes))
            if refusal is None:
                yield subject, layout
            else:
                refusals.append(refusal)


def _subject(contract: Contract, layout: Layout, recommended: tuple[str, ...], found: Formula | None) -> Subject:
    def nothing(problem: Problem, options: Mapping[str, object]) -> None:
        return None

    return Subject(
        contract.id, recommended, 1, layout.make, layout.right,
        found.value if found is not None else (lambda x, p, o: torch.full((), math.nan, dtype=torch.float64)),
        layout.best,
        floor=found.floor if found is not None else nothing,
        chance=found.chance if found is not None else nothing,
        referenced=found is not None,
        foreign=True,
    )  # fmt: skip


def _seconds(trial: Trial) -> float:
    """How long a value and its gradient take for one batch."""
    problem = trial.problem(rows=32)
    start = time.perf_counter()
    trial.gradient(problem.scores, problem, trial.right)
    return time.perf_counter() - start


def _refusal(trial: Trial) -> str | None:
    """None when the loss takes the batch, costs less for good scores than for bad ones and lets a gradient through."""
    problem, subject = trial.problem(rows=8), trial.subject
    direction = subject.right(problem)
    ideal = direction * 6 if subject.best is None else subject.best(problem)[0]
    wrong = -ideal if subject.best is None else ideal.roll(1, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        good = attempt(lambda: trial.loss(ideal, problem, trial.right))
        bad = attempt(lambda: trial.loss(wrong, problem, trial.right))
        if isinstance(good, str) or isinstance(bad, str):
            return f"it {good if isinstance(good, str) else bad}"
        if not good < bad:
            return f"good predictions cost {good:.4g}, bad ones {bad:.4g}"
        try:
            moved = bool((trial.gradient(problem.scores, problem, trial.right) != 0).any())
        except Exception as error:
            return f"its backward raises {type(error).__name__}"
    return None if moved else "no gradient comes back"
