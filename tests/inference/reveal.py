"""What the interpreter thinks of an expression: the argument of a loss call, or of several, in a small program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from lossadvisor.checking.compare import judge
from lossadvisor.interpreter import LossCall, interpret
from lossadvisor.project import Project
from lossadvisor.source.document import Document
from lossadvisor.values import Domain, Dtype, Fact

ROOT = Path("/project")
HEADER = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
MAIN = "main.py"


@dataclass(frozen=True, slots=True)
class Seen:
    """One loss call: the loss, and the alternatives of the argument looked at."""

    loss: str
    facts: tuple[Fact, ...]

    @property
    def domains(self) -> frozenset[Domain]:
        return frozenset(fact.domain for fact in self.facts)


def calls(files: dict[str, str]) -> list[LossCall]:
    """The loss calls of a project of several files, in the order in which they were seen."""
    documents = [Document(name, ROOT / name, dedent(text)) for name, text in files.items()]
    return [event for event in interpret(Project(documents)) if isinstance(event, LossCall)]


def seen(program: str | dict[str, str], role: str = "prediction") -> list[Seen]:
    """Each loss call with what is known of its prediction (or target)."""
    files = {MAIN: HEADER + dedent(program)} if isinstance(program, str) else program
    found: list[Seen] = []
    for call in calls(files):
        for one in judge(call):
            if one.port.role == role:
                found.append(Seen(call.loss, tuple(alternative.fact for alternative in one.alternatives)))
    return found


def reveal(program: str | dict[str, str], role: str = "prediction") -> Fact:
    """The one fact that every evaluation of the one loss call agrees on (the trail aside)."""
    found = [fact for one in seen(program, role) for fact in one.facts]
    facts = {(fact.domain, fact.axis, fact.dtype, fact.classes): fact for fact in found}
    assert len(facts) == 1, f"{len(facts)} different facts: {sorted(str(key) for key in facts)}"
    return next(iter(facts.values()))


def domain(program: str | dict[str, str], role: str = "prediction") -> Domain:
    """The domain of that fact."""
    return reveal(program, role).domain


def domains(program: str | dict[str, str]) -> frozenset[Domain]:
    """The domains of all alternatives of all evaluations."""
    return frozenset(found for one in seen(program) for found in one.domains)


def losses(program: str | dict[str, str]) -> frozenset[str]:
    """The losses that were called."""
    return frozenset(one.loss for one in seen(program))


__all__ = ["Domain", "Dtype", "Fact", "Seen", "calls", "domain", "domains", "losses", "reveal", "seen"]
