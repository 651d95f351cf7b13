"""`assert_never`, which `typing` has from Python 3.11 on, for every supported version."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing import NoReturn

    def assert_never(value: NoReturn, /) -> NoReturn:
        """Say to the type checker that a `match` is exhaustive; raises AssertionError when it was not."""
        raise AssertionError(f"unexpected value: {value!r}")


__all__ = ["assert_never"]
