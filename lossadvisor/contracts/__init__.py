"""The loss contracts: what each argument of each loss must mean, as data."""

from lossadvisor.contracts.model import Contract, Parameter, Port, Switch
from lossadvisor.contracts.table import CONTRACTS, by_id, by_name
from lossadvisor.contracts.wants import RELATIONS, Relation, Want, relation

__all__ = [
    "CONTRACTS",
    "RELATIONS",
    "Contract",
    "Parameter",
    "Port",
    "Relation",
    "Switch",
    "Want",
    "by_id",
    "by_name",
    "relation",
]
