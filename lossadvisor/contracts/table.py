"""The contracts of torch, and the look-ups over all contracts by identifier and by qualified name."""

from __future__ import annotations

from lossadvisor.contracts.classification import CLASSIFICATION
from lossadvisor.contracts.divergence import DIVERGENCE
from lossadvisor.contracts.embedding import EMBEDDING
from lossadvisor.contracts.likelihood import LIKELIHOOD
from lossadvisor.contracts.lookup import Lookup
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


def _libraries() -> tuple[Contract, ...]:
    # Most projects use none of these packages, and their tables take as long to build as everything else here.
    from lossadvisor.contracts.libraries import LIBRARIES

    return LIBRARIES


def _ids(contracts: tuple[Contract, ...]) -> dict[str, Contract]:
    return {contract.id: contract for contract in contracts}


def _names(contracts: tuple[Contract, ...]) -> dict[str, Contract]:
    return {name: contract for contract in contracts for name in contract.names()}


by_id = Lookup(_ids(TORCH), lambda: _ids(_libraries()))
by_name = Lookup(_names(TORCH), lambda: _names(_libraries()))
