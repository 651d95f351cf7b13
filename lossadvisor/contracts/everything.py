"""All tables in one place, for those who need to walk through every loss."""

from __future__ import annotations

from lossadvisor.contracts.libraries import CONSTANTS, LIBRARIES, METRICS
from lossadvisor.contracts.model import Contract
from lossadvisor.contracts.table import TORCH

CONTRACTS: tuple[Contract, ...] = (*TORCH, *LIBRARIES)

__all__ = ["CONSTANTS", "CONTRACTS", "LIBRARIES", "METRICS"]
