"""Facts against contracts: what the interpreter saw, judged and named by the rule documents."""

from lossadvisor.checking.examination import Examination, examine

__all__ = ["Examination", "examine"]
