"""The numbers behind a finding, where the contract tables have them."""

from __future__ import annotations

from collections.abc import Mapping

from lossadvisor.contracts import numbers
from lossadvisor.values import Domain


def evidence(contract: str, domain: Domain, classes: int | None) -> Mapping[str, object] | None:
    """Numbers for this mismatch, or None where there are none."""
    known = getattr(numbers, "evidence", None)
    return known(contract, domain, classes) if known is not None else None
