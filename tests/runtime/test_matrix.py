"""The runtime's table (want, domain) -> code and the linter's matrix of relations say the same."""

from __future__ import annotations

import pytest

from lossadvisor.catalogue import rules
from lossadvisor.contracts import CONTRACTS, Contract, Relation, relation
from lossadvisor.runtime.codes import CODES
from lossadvisor.runtime.judging.inputs import code_of
from lossadvisor.values import Domain

TORCH = [contract for contract in CONTRACTS if contract.library == "torch"]


@pytest.mark.parametrize("contract", TORCH, ids=lambda contract: contract.id)
def test_no_code_where_the_matrix_says_fits(contract: Contract) -> None:
    for port in contract.ports:
        if port.role == "target":
            continue
        for domain in Domain:
            code = code_of(contract.id, port.want, domain)
            assert code is None or relation(port.want, domain) is not Relation.FITS, f"{port.name}: {domain.value}"
            assert code is None or code in CODES


@pytest.mark.parametrize("contract", TORCH, ids=lambda contract: contract.id)
def test_the_codes_are_those_of_the_rule_documents(contract: Contract) -> None:
    for port in contract.ports:
        for domain in Domain:
            named = {
                rule.code
                for rule in rules()
                for match in rule.match
                if match.covers(contract, port, port.want, domain)
            }
            code = code_of(contract.id, port.want, domain)
            if port.role != "target" and named:
                assert code in named, f"{port.name}: {domain.value}"
