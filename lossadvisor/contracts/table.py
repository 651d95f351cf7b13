"""All contracts in one tuple, and the look-ups by identifier and by qualified name."""

from __future__ import annotations

from lossadvisor.contracts.classification import CLASSIFICATION
from lossadvisor.contracts.model import Contract

CONTRACTS: tuple[Contract, ...] = (*CLASSIFICATION,)

by_id: dict[str, Contract] = {contract.id: contract for contract in CONTRACTS}
by_name: dict[str, Contract] = {
    name: contract for contract in CONTRACTS for name in (*contract.classes, *contract.functionals)
}
