"""Fixes: proposed from the text around a finding, applied all or none, checked again, written whole."""

from lossadvisor.fixes.propose import with_fixes

__all__ = ["with_fixes"]
