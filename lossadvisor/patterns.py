"""Regular expressions that are compiled when they are first used: many are not in one run, and each costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import compile as pattern
else:

    class pattern:
        """What `re.compile` makes of the same arguments, from the first look at it on."""

        def __init__(self, text, flags=0):
            self._made = (text, flags)

        def __getattr__(self, name):
            value = getattr(re.compile(*self._made), name)
            setattr(self, name, value)  # the next look goes past this method
            return value


__all__ = ["pattern"]
