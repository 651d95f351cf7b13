"""From the events of a portion of a project to findings and verdicts, and several of these as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from lossadvisor.checking import checks, mismatches, verdicts
from lossadvisor.checking.compare import Judged, judge
from lossadvisor.findings import Confidence, Finding, LossVerdict, Verdict
from lossadvisor.interpreter import LossCall, evaluate
from lossadvisor.interpreter.plan import Plan
from lossadvisor.late import dataclass
from lossadvisor.project import Project
from lossadvisor.project.relevance import Unit
from lossadvisor.values import Span


@dataclass(frozen=True, slots=True)
class Examination:
    """What the analysis found in some documents, in no particular order.

    `read` are the configuration files that were looked for, by path, with the digest of their bytes (empty: no file).
    """

    findings: tuple[Finding, ...]
    losses: tuple[LossVerdict, ...]
    read: Mapping[str, str] = field(default_factory=dict)


def conclude(
    project: Project, plan: Plan, portion: Sequence[Unit], tell: Callable[[int], None] | None = None
) -> Examination:
    """Evaluate one portion and judge what was seen. `tell` hears how many of its roots have been evaluated."""
    events = evaluate(project, plan, portion, tell)
    calls: dict[LossCall, tuple[Judged, ...]] = {
        event: judge(event) for event in events if isinstance(event, LossCall)
    }
    judged = tuple(one for ports in calls.values() for one in ports)
    checked = checks.run(checks.Seen(tuple(events), judged, calls))
    found = mismatches.findings(mismatches.candidates(judged)) + [one.finding for one in checked]
    found = checks.silenced(found, checked)
    return Examination(tuple(found), tuple(verdicts.verdicts(calls, found)), dict(project.data.seen))


_SURE = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}
_TOLD = {Verdict.FINDING: 0, Verdict.CONSISTENT: 1, Verdict.UNKNOWN: 2}


def joined(found: Iterable[Examination]) -> Examination:
    """One examination for several: of a finding the surest, of a loss call the verdict that says most."""
    findings: dict[tuple[str, Span], Finding] = {}
    losses: dict[tuple[Span, str], LossVerdict] = {}
    read: dict[str, str] = {}
    for one in found:
        for finding in one.findings:
            key = (finding.code, finding.span)
            if key not in findings or _SURE[finding.confidence] < _SURE[findings[key].confidence]:
                findings[key] = finding
        for loss in one.losses:
            site = (loss.span, loss.contract)
            if site not in losses or _TOLD[loss.verdict] < _TOLD[losses[site].verdict]:
                losses[site] = loss
        read |= one.read
    return Examination(tuple(findings.values()), tuple(losses.values()), read)
