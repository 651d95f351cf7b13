"""The rows of the knowledge table and the parts of an answer."""

from __future__ import annotations

from enum import Enum

from lossadvisor.advisor.facts import Facts, Framework, Task
from lossadvisor.advisor.traits import Trait
from lossadvisor.late import dataclass
from lossadvisor.values import Domain


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of advice and the page that documents it. `code` is the rule that guards it, if one does."""

    text: str
    source: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A loss with everything that belongs to it: one row of the table.

    `contract` is the id of the loss contract whose ports get `input_domain` and `target_domain` (None for a loss that
    torch does not have). `needs` must hold and `lacks` must not for the row to apply; each of `prefers` moves it up.
    `chance` and `floor` say in words what the numeric check expects.
    """

    id: str
    task: Task
    title: str
    contract: str | None
    why: Statement
    last_layer: Statement
    target: Statement
    inference: Statement
    chance: str
    floor: str
    input_domain: Domain
    target_domain: Domain = Domain.UNKNOWN
    needs: frozenset[Trait] = frozenset()
    lacks: frozenset[Trait] = frozenset()
    prefers: frozenset[Trait] = frozenset()


class Topic(Enum):
    """What a note is about; the answer shows one section for each."""

    REDUCTION = "Reduction and accumulation"
    IMBALANCE = "Imbalance"
    AVOID = "Avoid"
    CHANGE = "What would change the answer"
    SETTING = "Your setting"


@dataclass(frozen=True, slots=True)
class Note:
    """A statement that applies to several recipes: one row of the table. Empty sets mean all.

    `contracts` limits the note to answers whose best loss has one of these contracts.
    """

    topic: Topic
    says: Statement
    tasks: frozenset[Task] = frozenset()
    needs: frozenset[Trait] = frozenset()
    frameworks: frozenset[Framework] = frozenset()
    contracts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """A decision that users struggle with; `facts` put to the advisor give `recipe` first and `others` beside it."""

    question: str
    facts: Facts
    recipe: str
    documented: str
    sources: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One expectation of the numeric check, what was found, and whether it holds."""

    name: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recipe made concrete for the facts: the loss as code and a complete script that uses it."""

    id: str
    title: str
    loss: str  # the constructor with its arguments, or how the loss is written by hand
    contract: str | None
    why: Statement
    last_layer: Statement
    target: Statement
    inference: Statement
    snippet: str


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer: proposals, best first, and the notes that go with them. `check` is empty when it was not run."""

    facts: Facts
    observations: tuple[Statement, ...]
    proposals: tuple[Proposal, ...]
    notes: tuple[tuple[Topic, tuple[Statement, ...]], ...]
    expectations: tuple[str, ...]
    check: tuple[CheckLine, ...] = ()

    @property
    def best(self) -> Proposal:
        """The proposal that is recommended."""
        return self.proposals[0]
