"""For people: the code of the loss call and of the cause, why it is wrong, what it costs and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.engine import Analysis
from lossadvisor.findings import Finding, FixApplicability
from lossadvisor.reporters.colours import SEVERITIES, Paint, painter
from lossadvisor.reporters.evidence import in_words
from lossadvisor.reporters.model import Medium, place, row
from lossadvisor.reporters.summary import closing


def render(analysis: Analysis, medium: Medium) -> str:
    """One block for each finding, then the closing line."""
    paint = painter(medium.colour)
    blocks = ["\n".join(_block(finding, analysis, medium, paint)) + "\n" for finding in analysis.report.findings]
    return "\n".join([*blocks, closing(analysis)]) + "\n"


def _block(finding: Finding, analysis: Analysis, medium: Medium, paint: Paint) -> Iterator[str]:
    from lossadvisor.reporters.frames import frame

    colour = SEVERITIES[finding.severity]
    cause = finding.trace[-1] if finding.trace else None
    apart = cause is not None and cause.span != finding.span
    rows = [finding.span.start.row, *((cause.span.start.row,) if cause else ())]
    gutter = max(len(str(max(rows))), 3)
    blank = " " * gutter
    yield (
        f"{paint(place(finding.span), 'bold')}: {paint(finding.code, colour)} "
        f"{paint(finding.name, 'bold')}: {finding.message}"
    )
    document = analysis.documents.get(finding.span.filename)
    if document is not None:
        yield from frame(document, finding.span, gutter, medium.width, paint=paint, colour=colour)
    if cause is not None and apart:
        yield f"{blank}{paint('-->', 'blue')} {place(cause.span)}: {cause.message}"
        document = analysis.documents.get(cause.span.filename)
        if document is not None:
            yield from frame(document, cause.span, gutter, medium.width, paint=paint, colour="cyan")
    yield from _notes(finding, blank, medium, paint)


def _notes(finding: Finding, blank: str, medium: Medium, paint: Paint) -> Iterator[str]:
    equals = paint("=", "blue")
    way = [f"{row(entry.span)} {entry.message}" for entry in reversed(finding.trace)]
    if way:
        joined = "; ".join(way)
        apart = len(joined) + len(blank) + 12 > medium.width
        steps = f"\n{blank}            ".join(way) if apart else joined
        yield f"{blank} {equals} {paint('because', 'bold')}: {steps}"
    if finding.evidence:
        yield f"{blank} {equals} {paint('evidence', 'bold')}: {in_words(finding.evidence)}"
    if finding.help:
        yield f"{blank} {equals} {paint('help', 'bold')}: {finding.help}"
    if finding.fix is not None and finding.fix.applicability is not FixApplicability.DISPLAY:
        how = "--fix" if finding.fix.applicability is FixApplicability.SAFE else "--fix --unsafe-fixes"
        yield f"{blank} {equals} {paint('fix', 'bold')}: {finding.fix.message} ({how})"
    if finding.confidence.value != "certain":
        yield f"{blank} {equals} {paint('confidence', 'bold')}: {finding.confidence.value}"
