"""What is evaluated: units by kind, and the portions of a large project, each of which is evaluated by itself.

What one evaluation has seen decides what the next one still has to look at, so units are not independent. Portions are:
each starts from nothing, whatever becomes of the others. They follow from the project alone, never from how many
processes there are, so that a report does not depend on these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import groupby

from lossadvisor.contracts import CONTRACTS
from lossadvisor.interpreter import mentions
from lossadvisor.late import dataclass
from lossadvisor.project import Project
from lossadvisor.project.index import Statement
from lossadvisor.project.relevance import Unit, relevant, users
from lossadvisor.source import Document

ACTIVATIONS = frozenset(
    {"softmax", "log_softmax", "Softmax", "LogSoftmax", "softmin", "Softmin", "Softmax2d", "sigmoid"}
)
"""Names of operations that a rule may speak of where no loss is near."""

# Calls that make losses whose names stand in configuration files.
_DRAWN = frozenset({"instantiate"})


@lru_cache(maxsize=1)
def seed_names() -> frozenset[str]:
    """The spellings of losses: what makes a definition, and those who use it, worth a look."""
    return frozenset(qualified.rsplit(".", 1)[-1] for contract in CONTRACTS for qualified in contract.names()) | _DRAWN


class Kind(Enum):
    """Why a unit is evaluated."""

    CALLER = "caller"  # uses, over some hops, a definition that names a loss
    LOSS = "loss"  # names a loss itself
    ACTIVATION = "activation"  # names an activation or another operation that a rule speaks of


@dataclass(frozen=True, slots=True)
class Budget:
    """Steps for all units of a kind, and the least and most that one unit may take of them."""

    pool: int
    least: int
    most: int

    def share(self, units: int, spent: int) -> int:
        """The steps of the next unit when so many are left and so much is spent: most take less than their part."""
        return max(self.least, min(self.most, _SEVERAL * (self.pool - spent) // max(1, units)))


_SEVERAL = 4  # parts of what is left that one unit may take

BUDGETS: Mapping[Kind, Budget] = {
    Kind.CALLER: Budget(450_000, 8_000, 150_000),
    Kind.LOSS: Budget(900_000, 2_000, 150_000),
    Kind.ACTIVATION: Budget(300_000, 3_000, 40_000),
}

_PORTION = 2_500_000  # characters of units; less would evaluate again too much of what it shares with others
_MOST_PORTIONS = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """The units of a project by kind, and its portions. `names` are those of their definitions and registries."""

    kinds: Mapping[Statement, Kind]
    names: frozenset[str]
    portions: tuple[tuple[Unit, ...], ...]
    turns: int

    def budgets(self, portion: Sequence[Unit]) -> dict[Kind, Budget]:
        """The budgets of a portion: its part of the pools, by the turns of each kind."""
        have = self._turns(portion)
        total = self._turns([unit for one in self.portions for unit in one])
        return {
            kind: Budget(budget.pool * have[kind] // max(1, total[kind]), budget.least, budget.most)
            for kind, budget in BUDGETS.items()
        }

    def _turns(self, units: Sequence[Unit]) -> Counter[Kind]:
        return Counter(self.kinds[unit.statement] for unit in units for _ in range(turns(unit)))


def planned(project: Project, given: Collection[Document] | None = None) -> Plan:
    """What of a project can have to do with a loss. With `given` only those documents, and what uses their definitions:
    in one portion."""
    units = relevant(project, seed_names(), _spoken)
    if given is not None:
        asked = {unit.statement for unit in users(project, given)}
        units = [unit for unit in units if unit.statement in asked]
    names = {definition.name for unit in units for definition in unit.statement.definitions} | {
        text.split(".")[0].split("(")[0]
        for unit in units
        for definition in unit.statement.definitions
        for text in definition.decorators
    }
    most = 1 if given is not None else max(1, min(_MOST_PORTIONS, sum(map(_size, units)) // _PORTION))
    kinds = {unit.statement: _kind(unit) for unit in units}
    return Plan(kinds, frozenset(names), _portions(units, most), sum(map(turns, units)))


def _portions(units: Sequence[Unit], most: int) -> tuple[tuple[Unit, ...], ...]:
    """At most so many portions of about the same size. What stands in one folder stays together."""
    order = sorted(units, key=lambda unit: (unit.document.filename, unit.statement.fragment.first_row))
    total = sum(map(_size, units))
    found: list[list[Unit]] = [[]]
    passed = 0
    for _, group in groupby(order, key=lambda unit: unit.document.path.parent):
        if found[-1] and passed * most >= total * len(found):
            found.append([])
        together = list(group)
        found[-1] += together
        passed += sum(map(_size, together))
    return tuple(map(tuple, found))


def _size(unit: Unit) -> int:
    return len(unit.statement.fragment.text())


def _spoken(text: str, have: frozenset[str]) -> bool:
    return not have.isdisjoint(ACTIVATIONS) or mentions.spoken(text, have)


def turns(unit: Unit) -> int:
    """How often a unit is evaluated: as a statement, and once for each definition."""
    return unit.statement.plain + len(unit.statement.definitions)


def _kind(unit: Unit) -> Kind:
    if unit.depth:
        return Kind.CALLER
    return Kind.LOSS if unit.loss else Kind.ACTIVATION
