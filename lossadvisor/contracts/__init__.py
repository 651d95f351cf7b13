"""The loss contracts: what each argument of each loss must mean, as data."""

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
from lossadvisor.contracts.table import CONTRACTS, TORCH, by_id, by_name
from lossadvisor.contracts.wants import RELATIONS, Relation, Want, relation

__all__ = [
    "CONTRACTS",
    "RELATIONS",
    "TORCH",
    "Autocast",
    "Contract",
    "Family",
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
