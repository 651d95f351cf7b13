"""The matrix of wants and domains: which rule speaks of which cell, and which cells none speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from lossadvisor.catalogue.model import Rule
from lossadvisor.contracts import RELATIONS, Contract, Relation, Want
from lossadvisor.contracts.model import Port, common
from lossadvisor.late import dataclass
from lossadvisor.values import Domain


@dataclass(frozen=True, slots=True)
class Cell:
    """One port of one contract that wants `want` and receives `domain`, with the codes of the rules that name it."""

    contract: Contract
    port: Port
    want: Want
    domain: Domain
    relation: Relation
    codes: tuple[str, ...]


def cells(rules: Iterable[Rule], contracts: Iterable[Contract]) -> Iterator[Cell]:
    """Every cell of these contracts that does not fit. Options and causes of a match are taken as given."""
    named = [(rule, match) for rule in rules for match in rule.match]
    for contract in contracts:
        for port in contract.ports:
            for want in wants(contract, port):
                for domain, relation in RELATIONS[want].items():
                    if relation is Relation.FITS:
                        continue
                    codes = {
                        rule.code
                        for rule, match in named
                        if want in match.wants
                        and domain in match.got
                        and match.relation is relation
                        and match.of(contract, port)
                    }
                    yield Cell(contract, port, want, domain, relation, tuple(sorted(codes)))


def wants(contract: Contract, port: Port) -> tuple[Want, ...]:
    """Everything that a port can want under some options, read or unreadable, in the order of the vocabulary."""
    possible = {port.want} | {switch.want for switch in contract.switches if switch.port == port.name}
    possible |= {common(set(pair)) for pair in combinations(possible, 2)}
    return tuple(want for want in Want if want in possible)


def summary(rules: Iterable[Rule], contracts: Iterable[Contract]) -> Mapping[tuple[Want, Domain], str]:
    """Per want and domain the codes that speak of it in any contract; "none" where it is wrong and no rule does."""
    found: dict[tuple[Want, Domain], set[str]] = {}
    for cell in cells(rules, contracts):
        found.setdefault((cell.want, cell.domain), set()).update(cell.codes)
    return {key: " ".join(sorted(codes)) or "none" for key, codes in found.items()}
