"""All contracts in one tuple, and the look-ups by identifier and by qualified name."""

from __future__ import annotations

from lossadvisor.contracts.classification import CLASSIFICATION
from lossadvisor.contracts.divergence import DIVERGENCE
from lossadvisor.contracts.embedding import EMBEDDING
from lossadvisor.contracts.likelihood import LIKELIHOOD
from lossadvisor.contracts.margin import MARGIN
from lossadvisor.contracts.model import Contract
from lossadvisor.contracts.regression import REGRESSION
from lossadvisor.contracts.sequence import SEQUENCE

TORCH: tuple[Contract, ...] = (
    *CLASSIFICATION,
    *DIVERGENCE,
    *LIKELIHOOD,
    *SEQUENCE,
    *REGRESSION,
    *MARGIN,
    *EMBEDDING,
)

CONTRACTS: tuple[Contract, ...] = (*TORCH,)

by_id: dict[str, Contract] = {contract.id: contract for contract in CONTRACTS}
by_name: dict[str, Contract] = {name: contract for contract in CONTRACTS for name in contract.names()}
