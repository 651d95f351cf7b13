"""The loss contracts: what each argument of each loss must mean, as data.

`TORCH` and the look-ups are there at once; `CONTRACTS` (all losses), `LIBRARIES`, `METRICS` and `CONSTANTS` load the
tables of the other packages when they are first used. The numbers that prove a misuse are in the module `evidence`.
"""

from typing import TYPE_CHECKING

from lossadvisor.contracts.lookup import PACKAGES, Lookup
from lossadvisor.contracts.model import (
    Autocast,
    Contract,
    Family,
    Mismatch,
    Operator,
    Parameter,
    Port,
    Shapes,
    Switch,
)
from lossadvisor.contracts.table import TORCH, by_id, by_name
from lossadvisor.contracts.wants import RELATIONS, Relation, Want, relation

if TYPE_CHECKING:
    from lossadvisor.contracts.everything import CONSTANTS, CONTRACTS, LIBRARIES, METRICS

__all__ = [
    "CONSTANTS",
    "CONTRACTS",
    "LIBRARIES",
    "METRICS",
    "PACKAGES",
    "RELATIONS",
    "TORCH",
    "Autocast",
    "Contract",
    "Family",
    "Lookup",
    "Mismatch",
    "Operator",
    "Parameter",
    "Port",
    "Relation",
    "Shapes",
    "Switch",
    "Want",
    "by_id",
    "by_name",
    "relation",
]


def __getattr__(name: str) -> object:
    if name in {"CONSTANTS", "CONTRACTS", "LIBRARIES", "METRICS"}:
        from lossadvisor.contracts import everything

        return getattr(everything, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
