"""Facts against contracts: what the interpreter saw, judged and named by the rule documents."""

from lossadvisor.checking.conclusion import Examination
from lossadvisor.checking.examination import examine

__all__ = ["Examination", "examine"]
