"""The checks that are no mismatch of a contract with a domain, by the name their rule documents give."""

from lossadvisor.checking.checks.model import Hit, Seen
from lossadvisor.checking.checks.running import Found, implemented, run, silenced

__all__ = ["Found", "Hit", "Seen", "implemented", "run", "silenced"]
