
"""Running a random program on torch, and comparing what the linter claims of it with what was seen."""

from __future__ import annotations

import contextlib
import random
import sys
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

from lossadvisor.checking.proof import points
from lossadvisor.interpreter import LossCall, interpret
from lossadvisor.interpreter.guards import Guard, conflicts
from lossadvisor.interpreter.guards import Origin as Decides
from lossadvisor.interpreter.values import Opaque, options
from lossadvisor.interpreter.values import Tensor as TensorValue
from lossadvisor.project import Project
from lossadvisor.runtime.predicates import kind, measure, satisfies
from lossadvisor.source import load_text
from lossadvisor.values import REST, Domain, Dtype, Fact, Grad

from .programs import Program

# Meanings that a learnt map or a dropout does not have by chance.
_ODD = (
    Domain.PROBABILITIES, Domain.LOG_PROBABILITIES, Domain.RECTIFIED, Domain.ONE_HOT, Domain.MULTI_HOT,
    Domain.UNIT_INTERVAL, Domain.SIGNS, Domain.INDICES,
)
_ENOUGH = 24  # elements that must be there before their range says that they are no scores
_SMALL = 1e-3  # numbers below it are taken for zeros, so that nothing tells them from probabilities
_WHOLE = 2.0**20  # numbers beyond it, of a training that diverged, are whole for want of digits
Seen = dict[int, list[Tensor]]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the linter says of one argument of one evaluation of a loss call."""

    mark: int
    alternatives: tuple[tuple[bool, Fact | None], ...]  # certain?, fact (None: unknown)
    usual: bool  # the call is reached when nothing special is chosen


def run(program: Program, seed: int) -> tuple[Seen, bool]:
    """What the marked expressions were in one run, and whether the program ran to its end."""
    seen: Seen = {}

    def record(mark: int, value: Any) -> Any:
        if isinstance(value, Tensor):
            copy = value.detach().clone()
            copy.requires_grad_(value.requires_grad and copy.is_floating_point())
            if copy.requires_grad and _flows(value):
                copy.grad = torch.zeros_like(copy)
            seen.setdefault(mark, []).append(copy)
        return value

    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)
    with _wide_weights(), _imported(program), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(program.instrumented(), "<program>", "exec"), {"__name__": "__main__", "_seen_": record})
        except Exception:
            return seen, False
    return seen, True


@contextlib.contextmanager
def _imported(program: Program) -> Iterator[None]:
    """The other files of the program can be imported."""
    made = {name: types.ModuleType(name.removesuffix(".py")) for name in program.files}
    try:
        for name, module in made.items():
            sys.modules[module.__name__] = module
            exec(compile(program.files[name], name, "exec"), module.__dict__)
        yield
    finally:
        for module in made.values():
            del sys.modules[module.__name__]


def _flows(value: Tensor) -> bool:
    """Whether some leaf gets a gradient other than zero."""
    leaves: list[Tensor] = []
    pending: list[Any] = [value.grad_fn]
    seen: set[Any] = set()
    while pending:
        node = pending.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        pending += [following for following, _ in node.next_functions]
    weights = torch.linspace(1, 2, value.numel(), dtype=value.dtype).view(value.shape)
    if not leaves:
        return False
    gradients = torch.autograd.grad((value * weights).sum(), leaves, retain_graph=True, allow_unused=True)
    return any(one is not None and bool(((one != 0) & one.isfinite()).any()) for one in gradients)


@contextlib.contextmanager
def _wide_weights() -> Iterator[None]:
    """Layers start with weights so large that scores leave every interval."""

    def wide(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
        with torch.no_grad():
            return tensor.normal_(0, 2)

    with patch("torch.nn.init.kaiming_uniform_", wide):
        yield


def claims(program: Program) -> list[Claim]:
    """What the interpreter claims of the marked arguments."""
    texts = {"program.py": program.text(), **program.files}
    documents = [load_text(text, name, Path("/") / name) for name, text in texts.items()]
    rows = program.rows()
    found: list[Claim] = []
    for event in interpret(Project(documents)):
        if not isinstance(event, LossCall) or event.place.span().filename != "program.py":
            continue
        row = event.place.span().start.row
        for mark, role in ((1, "prediction"), (2, "target")):
            if rows.get(mark) != row:
                continue
            for name, argument in event.arguments.items():
                port = event.contract.port(name)
                if port is not None and port.role == role:
                    found.append(Claim(mark, tuple(_alternatives(event, argument.value)), _usual(event.path)))
    return found


def _usual(guard: Guard) -> bool:
    return all(condition.default is polarity for condition, polarity in guard)


def _alternatives(event: LossCall, value: Any) -> Iterator[tuple[bool, Fact | None]]:
    for guard, single in options(value):
        if conflicts(guard, event.path):
            continue
        sure = all(
            points(literal) == 0 and literal[0].origin is not Decides.MODE  # nobody says in which mode a run is
            for literal in guard - event.path
        )
        match single:
            case TensorValue(fact) | Opaque(default=TensorValue(fact)):
                yield sure, fact
            case Opaque(reason=reason):
                yield sure, Fact(reason=reason)
            case _:
                yield sure, None


def wrong(claimed: list[Claim], seen: Seen, complete: bool) -> list[str]:
    """Every certain claim that the run refutes, in words."""
    found: list[str] = []
    for mark, tensors in seen.items():
        here = [claim for claim in claimed if claim.mark == mark]
        for claim in here:
            for sure, fact in claim.alternatives:
                if sure and claim.usual and fact is not None and (complete or len(here) == 1):
                    reasons = [refuted(fact, tensor) for tensor in tensors]
                    if all(reason is not None for reason in reasons):
                        found.append(f"argument {mark}: {reasons[0]}")
        facts = [fact for claim in here for _, fact in claim.alternatives]
        if facts and all(fact is not None and fact.domain is not Domain.UNKNOWN for fact in facts):
            for tensor in tensors:
                if all(refuted(fact, tensor) is not None for fact in facts if fact is not None):
                    found.append(f"argument {mark}: none of {len(facts)} alternatives: {refuted(facts[0], tensor)}")  # type: ignore[arg-type]
    return found


def refuted(fact: Fact, tensor: Tensor) -> str | None:
    """Why the tensor cannot be what the fact says; None when it can."""
    if fact.dtype is not Dtype.UNKNOWN and fact.dtype is not kind(tensor.dtype):
        return f"dtype {fact.dtype.value}, is {tensor.dtype}"
    if fact.grad is Grad.FLOWS and not tensor.requires_grad and tensor.is_floating_point():
        return "a gradient flows, but none does"
    if fact.grad is Grad.DETACHED and tensor.requires_grad:
        return "gradient detached, but it flows"
    if fact.grad is Grad.CUT and tensor.grad is not None:
        return "gradient cut, but it flows"
    return _shape_refuted(fact, tensor) or _domain_refuted(fact, tensor)


def _shape_refuted(fact: Fact, tensor: Tensor) -> str | None:
    sizes = tuple(tensor.shape)
    if fact.shape is not None:
        claimed = fact.shape[1:] if REST in fact.shape[:1] else fact.shape
        fits = len(claimed) <= len(sizes) if REST in fact.shape[:1] else len(claimed) == len(sizes)
        last = sizes[len(sizes) - len(claimed) :]
        if not fits or any(isinstance(want, int) and want != have for want, have in zip(claimed, last, strict=False)):
            return f"shape {fact.shape}, is {sizes}"
    if fact.classes is not None and fact.domain is Domain.INDICES:
        if tensor.numel() and float(tensor.detach().max()) >= fact.classes:
            return f"indices of {fact.classes} classes, reach {float(tensor.detach().max())}"
    elif fact.classes is not None:
        axis = fact.axis
        if axis is not None and -len(sizes) <= axis < len(sizes):
            # Where the number of axes is not known, `classes` is that of the learnt map, on whatever axis it lies.
            ranked = fact.shape is not None and REST not in fact.shape[:1]
            if sizes[axis] != fact.classes and (ranked or fact.classes not in sizes):
                return f"{fact.classes} classes along {axis}, is {sizes}"
        elif fact.classes not in sizes and fact.classes != 1:
            return f"{fact.classes} classes, is {sizes}"
    return None


def _domain_refuted(fact: Fact, tensor: Tensor) -> str | None:
    if not tensor.numel() or (tensor.is_floating_point() and not bool(tensor.isfinite().all())):
        return None  # nothing can be said of numbers that are none
    tensor = tensor.detach()
    if tensor.dtype is torch.float64:
        tensor = tensor.float()  # its numbers may have been made in a narrower format
    told = f"{fact.domain.value} over {fact.axis}"
    seen = measure(tensor)
    match fact.domain:
        case Domain.UNKNOWN | Domain.REAL | Domain.SIMILARITY:
            return None
        case Domain.SCORES | Domain.DROPPED:
            special = seen.domain()[0]
            if not _SMALL < max(-seen.minimum, seen.maximum) <= _WHOLE:
                return None
            if tensor.unique().numel() >= _ENOUGH and special in _ODD:
                return f"{told}, is {special.value}"
            return None if tensor.is_floating_point() else f"{told}, is {tensor.dtype}"
        case Domain.PROBABILITIES if fact.axis is None:
            return None if seen.in_unit() else f"{told}, reaches {seen.minimum:.3g} to {seen.maximum:.3g}"
        case Domain.ONE_HOT if fact.axis is None:  # along which axis, or whether still in one piece, is not claimed
            return None if satisfies(tensor, Domain.MULTI_HOT, None) else f"{told}, may be {seen.domain()[0].value}"
        case Domain.LOG_PROBABILITIES if fact.axis is None:
            return None if seen.maximum <= 1e-4 else f"{told}, reaches {seen.maximum:.3g}"
        case _:
            if fact.axis is not None and not -tensor.dim() <= fact.axis < tensor.dim():
                return f"{told}, has {tensor.dim()} axes"
            if satisfies(tensor, fact.domain, fact.axis):
                return None
            if fact.domain is Domain.PROBABILITIES and fact.axis is not None and tensor.shape[fact.axis] == 1:
                return None if abs(seen.minimum - 1) < 1e-3 and abs(seen.maximum - 1) < 1e-3 else told
            return f"{told}, reaches {seen.minimum:.3g} to {seen.maximum:.3g}, may be {seen.domain()[0].value}"
