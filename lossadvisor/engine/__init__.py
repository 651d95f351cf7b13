"""The run: files found, read, examined, filtered and put in order."""

from lossadvisor.engine.model import Analysis, Examine, Examined
from lossadvisor.engine.run import analyse, analysis

__all__ = ["Analysis", "Examine", "Examined", "analyse", "analysis"]
