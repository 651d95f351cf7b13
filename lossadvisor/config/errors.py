"""Wrong configuration or wrong usage: one line that says what, where, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_LOOK_LIKE_DIGITS = str.maketrans("oil", "011")  # LA1O1 is LA101 with a letter in it


class ConfigError(Exception):
    """The run cannot start; the message is one line for a person. The exit status is 2."""


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """` (did you mean "x"?)`, or nothing when nothing is near."""
    import difflib  # only who made a mistake pays for it

    by_folded = {name.casefold(): name for name in known}
    twin = wrong[:2].casefold() + wrong[2:].casefold().translate(_LOOK_LIKE_DIGITS)
    if twin in by_folded:
        return f' (did you mean "{by_folded[twin]}"?)'
    near = difflib.get_close_matches(wrong.casefold(), by_folded, n=1, cutoff=0.5)
    return f' (did you mean "{by_folded[near[0]]}"?)' if near else ""
