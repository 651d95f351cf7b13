"""Calls of names outside the project: torch first, then the parts of Python that carry values around."""

from lossadvisor.interpreter.externals.calls import function, super_value
from lossadvisor.interpreter.externals.methods import method
from lossadvisor.interpreter.externals.unfollowed import unknown_call

__all__ = ["function", "method", "super_value", "unknown_call"]
