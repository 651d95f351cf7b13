"""Adding up what single calls show, place by place, until it can be called a finding."""

from __future__ import annotations

from dataclasses import field

from lossadvisor.contracts import Contract
from lossadvisor.findings import Confidence
from lossadvisor.late import dataclass
from lossadvisor.runtime.codes import CODES
from lossadvisor.runtime.judging.call import ENOUGH, Suspicion
from lossadvisor.runtime.watching.report import LossFinding, SiteSummary
from lossadvisor.runtime.watching.sites import Site

_DOMAINS = frozenset({"LA101", "LA103", "LA105", "LA106", "LA107", "LA108", "LA109", "LA110", "LA113"})
"""Wrong domains of the prediction: inside a package's own loss they are wrong use of that package."""


@dataclass
class Sign:
    """One code at one place: on how many looked-at calls it showed, with how much weight, and its last numbers."""

    last: Suspicion
    hits: int = 0
    weight: int = 0
    proof: bool = False


@dataclass
class Place:
    """One place that calls one loss, with everything seen there."""

    site: Site
    loss: str
    contract: Contract | None
    calls: int = 0
    looked: int = 0
    trained: bool = False  # a call with a graph was seen
    signs: dict[str, Sign] = field(default_factory=dict)
    values: list[float] = field(default_factory=list)
    gradients: list[float] = field(default_factory=list)
    inputs: list[tuple[float, ...]] = field(default_factory=list)
    classes: int | None = None
    over: bool = False  # its schedule has come to its end

    def add(self, suspicions: list[Suspicion]) -> None:
        """Count the suspicions of one looked-at call (each code once)."""
        for suspicion in {one.code: one for one in suspicions}.values():
            sign = self.signs.setdefault(suspicion.code, Sign(suspicion))
            sign.last = suspicion
            sign.hits += 1
            sign.weight += suspicion.weight
            sign.proof = sign.proof or suspicion.proof

    def findings(self) -> list[LossFinding]:
        """The signs that are strong enough: proofs, and signs of enough weight without a single exception."""
        return [
            self._finding(code, sign)
            for code, sign in sorted(self.signs.items())
            if sign.proof or (sign.hits == self.looked and sign.weight >= ENOUGH)
        ]

    def _finding(self, code: str, sign: Sign) -> LossFinding:
        message, library = sign.last.sentence, self.site.library
        if library is not None and code in _DOMAINS:
            code, message = "LA116", f"{message} inside {library}: {self.site.function}"
        rule = CODES[code]
        return LossFinding(
            code=rule.code, name=rule.name, message=message, severity=rule.severity,
            confidence=Confidence.CERTAIN if sign.proof else Confidence.LIKELY, span=self.site.span, loss=self.loss,
            hits=sign.hits, looked=max(self.looked, sign.hits), evidence=sign.last.numbers, help=rule.help,
            callers=self.site.callers,
        )  # fmt: skip

    def summary(self) -> SiteSummary:
        """The counts of the place."""
        return SiteSummary(self.site.span, self.loss, self.calls, self.looked)
