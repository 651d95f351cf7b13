"""Reports as text, JSON and the formats of other programs, all in one stable order."""

from lossadvisor.reporters.model import Medium
from lossadvisor.reporters.table import FORMATS, render

__all__ = ["FORMATS", "Medium", "render"]
