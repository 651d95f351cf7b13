"""Results of earlier runs, kept in a folder; whatever is wrong with the folder, the run goes on without it."""

from lossadvisor.cache.folder import NAME, Cleaned, Store, clean
from lossadvisor.cache.outcome import Outcome
from lossadvisor.cache.reread import Reread
from lossadvisor.cache.runs import Memory

__all__ = ["NAME", "Cleaned", "Memory", "Outcome", "Reread", "Store", "clean"]
