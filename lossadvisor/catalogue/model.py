"""The shape of a rule. Every value comes from a rule document; nothing is added in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from lossadvisor.catalogue.sections import section, sections
from lossadvisor.contracts import Contract, Relation, Want
from lossadvisor.contracts.model import Constant, Port
from lossadvisor.findings import FixApplicability, Severity
from lossadvisor.late import dataclass
from lossadvisor.values import Domain

if TYPE_CHECKING:
    from lossadvisor.catalogue.examples import Example


class Tier(Enum):
    """Whether a rule runs without being asked for."""

    DEFAULT = "default"
    NOTE = "note"  # reported, does not fail the run
    OPT_IN = "opt-in"  # runs only when selected


class Library(Enum):
    """Whose losses a match speaks of."""

    TORCH = "torch"
    THIRD_PARTY = "third-party"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Match:
    """Names cells of the matrix of wants and domains, for the ports of some contracts.

    `contracts` are contract ids or ("*",). `causes` are the last parts of operation names, lower case; when given, one
    of them must be the last operation on the trail of the value. `options` are option values that the loss must have,
    unwritten ones by default.
    """

    wants: tuple[Want, ...]
    got: tuple[Domain, ...]
    relation: Relation
    contracts: tuple[str, ...] = ("*",)
    library: Library = Library.TORCH
    port: str | None = None
    role: str | None = None
    options: Mapping[str, Constant] = field(default_factory=dict)
    causes: tuple[str, ...] = ()

    def of(self, contract: Contract, port: Port) -> bool:
        """Whether the match speaks of that port of that contract."""
        return (
            ("*" in self.contracts or contract.id in self.contracts)
            and (self.library is Library.ANY or (self.library is Library.TORCH) == (contract.library == "torch"))
            and self.port in (None, port.name)
            and self.role in (None, port.role)
        )

    def covers(
        self,
        contract: Contract,
        port: Port,
        want: Want,
        domain: Domain,
        *,
        options: Mapping[str, Constant] | None = None,
        chain: tuple[str, ...] = (),
    ) -> bool:
        """Whether a value of `domain`, made by the operations of `chain`, at that port is what the match names."""
        written = options or {}
        return (
            want in self.wants
            and domain in self.got
            and self.of(contract, port)
            and all(contract.option(name, written) == value for name, value in self.options.items())
            and (not self.causes or (bool(chain) and last_part(chain[-1]) in self.causes))
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule document. `body` is the text under the toml block; its sections are read on demand."""

    code: str
    name: str
    summary: str
    severity: Severity
    tier: Tier
    since: str
    fix: FixApplicability | None
    match: tuple[Match, ...]
    check: str | None
    overrides: tuple[str, ...]  # codes that stay silent for the same value where this rule fires
    message: str
    help: str
    url: str
    path: Path
    body: str

    def sections(self) -> Mapping[str, str]:
        """The sections under the toml block by title, in order."""
        return sections(self.body)

    def bad(self) -> tuple[Example, ...]:
        """The programs that must yield exactly the marked findings."""
        return _examples(self.body, "Bad")

    def good(self) -> tuple[Example, ...]:
        """The programs that must yield no finding of any rule."""
        return _examples(self.body, "Good")

    def numbers(self) -> tuple[str, ...]:
        """The blocks of torch code that recompute the numbers of the document."""
        from lossadvisor.catalogue.examples import fences

        return tuple(fence.text for fence in fences(section(self.body, "Numbers")) if fence.language == "python")


def last_part(op: str) -> str:
    """`torch.nn.Sigmoid` -> `sigmoid`."""
    return op.rpartition(".")[2].lower()


def _examples(body: str, title: str) -> tuple[Example, ...]:
    from lossadvisor.catalogue.examples import examples  # a run of the linter never needs the programs

    return examples(section(body, title))
