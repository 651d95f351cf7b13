"""What each PyTorch operation does to the meaning of a tensor, as a table, and its application to a fact."""

from lossadvisor.transfers.apply import apply
from lossadvisor.transfers.model import Effect, Layered, Operation
from lossadvisor.transfers.table import FUNCTIONS, LAYERS, METHODS, OPERATIONS

__all__ = ["FUNCTIONS", "LAYERS", "METHODS", "OPERATIONS", "Effect", "Layered", "Operation", "apply"]
