"""What is shown under the cursor: the contract of a loss, and what is known of the value that it is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lossadvisor.catalogue.words import GOT, WANTED
from lossadvisor.contracts import Contract, Port, Want, by_id
from lossadvisor.contracts.model import Constant
from lossadvisor.findings import LossVerdict, PortReport, TraceEntry, Verdict
from lossadvisor.late import dataclass
from lossadvisor.reporters.model import row
from lossadvisor.server.layout import Layout, Spot
from lossadvisor.source import Document
from lossadvisor.values import Domain, Dtype, Location, Span


@dataclass(frozen=True, slots=True)
class Hover:
    """A text in Markdown and the stretch of code that it speaks of."""

    text: str
    span: Span


def hover(layout: Layout, spot: Spot) -> Hover | None:
    """At a loss call its contract, at an argument what is known of it, at a cause where the value ends up."""
    losses = [loss for loss in layout.analysis.report.losses if spot.within(loss.span)]
    for loss in sorted(losses, key=lambda one: (one.span.end.row - one.span.start.row, one.span.start), reverse=True):
        contract = by_id.get(loss.contract)
        if contract is not None:
            return _at_loss(layout, spot, loss, contract)
    return _at_cause(layout, spot)


def _at_loss(layout: Layout, spot: Spot, loss: LossVerdict, contract: Contract) -> Hover:
    for argument in _arguments(spot.document, loss, contract):
        if spot.within(argument.span):
            text = "\n\n".join(_argument_lines(layout, loss, contract, argument.port))
            return Hover(text, argument.span)
    return Hover("\n\n".join(_contract_lines(layout, loss, contract)), loss.span)


# --- the contract --------------------------------------------------------------------------------------------------


def _contract_lines(layout: Layout, loss: LossVerdict, contract: Contract) -> Iterator[str]:
    yield f"**{loss.loss}**{_options(loss)}: {_verdict(loss)}"
    rows = ["| argument | wants | gets |", "| --- | --- | --- |"]
    for port in contract.ports:
        report = _report(loss, port)
        gets = "" if report is None else fact_in_words(report)
        rows.append(f"| `{port.name}` | {want_in_words(contract, port, loss)} | {gets} |")
    yield "\n".join(rows)
    yield from (f"{finding.code}: {finding.message}" for finding in layout.analysis.report.findings
                if finding.code in loss.codes and _speaks_of(finding.span, loss))  # fmt: skip
    yield f"[documentation]({contract.source})"


def _verdict(loss: LossVerdict) -> str:
    match loss.verdict:
        case Verdict.CONSISTENT:
            return "proved consistent"
        case Verdict.FINDING:
            return ", ".join(loss.codes)
        case Verdict.UNKNOWN:
            return "unknown" + (f" ({loss.reason})" if loss.reason else "")


def _options(loss: LossVerdict) -> str:
    written = ", ".join(f"{name}={value!r}" for name, value in loss.options.items())
    return f" ({written})" if written else ""


def _speaks_of(span: Span, loss: LossVerdict) -> bool:
    whole = loss.span
    same = (span.filename, span.cell) == (whole.filename, whole.cell)
    return same and whole.start <= span.start and span.end <= whole.end


# --- one argument --------------------------------------------------------------------------------------------------


def _argument_lines(layout: Layout, loss: LossVerdict, contract: Contract, port: Port) -> Iterator[str]:
    short = loss.loss.rpartition(".")[2]
    report = _report(loss, port)
    if report is not None:
        why = f" ({loss.reason})" if report.domain is Domain.UNKNOWN and loss.reason else ""
        yield f"**{fact_in_words(report)}**{why}"
    yield f"`{port.name}` of {short} wants {want_in_words(contract, port, loss)}"
    if port.role == "prediction" and loss.trace:
        yield "\n".join(f"- {place_link(layout, entry)} {entry.message}" for entry in reversed(loss.trace))


def fact_in_words(report: PortReport) -> str:
    """`probabilities over axis 1 (float, shape (?, 10))`."""
    words = GOT[report.domain] + ("" if report.axis is None else f" over axis {report.axis}")
    more = [] if report.dtype is Dtype.UNKNOWN else [report.dtype.value]
    if report.shape is not None:
        sizes = ", ".join("?" if size is None else str(size) for size in report.shape)
        more.append(f"shape ({sizes}{',' if len(report.shape) == 1 else ''})")
    elif report.classes is not None:
        more.append(f"{report.classes} classes")
    return words + (f" ({', '.join(more)})" if more else "")


def want_in_words(contract: Contract, port: Port, loss: LossVerdict) -> str:
    """`logits over axis 1`, under the options of the call."""
    constants = (bool, int, float, str, type(None))
    written: dict[str, Constant] = {
        name: value for name, value in loss.options.items() if isinstance(value, constants)
    }  # fmt: skip
    want = contract.want(port, written, unknown=set(loss.options) - set(written))
    over_classes = port.class_axis is not None and want not in (Want.CLASS_INDICES, Want.ANY)
    return WANTED[want] + (f" over axis {port.class_axis}" if over_classes else "")


def _report(loss: LossVerdict, port: Port) -> PortReport | None:
    return {"prediction": loss.input, "target": loss.target}.get(port.role)


@dataclass(frozen=True, slots=True)
class _Argument:
    port: Port
    span: Span


def _arguments(document: Document, loss: LossVerdict, contract: Contract) -> Iterator[_Argument]:
    """The arguments of the call as they are written, each with the port that it feeds."""
    call = _call(document, loss.span)
    if call is None:
        return
    parameters = contract.parameters(loss.loss)
    given: list[tuple[str, ast.expr]] = []
    for parameter, value in zip(parameters, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        given.append((parameter.name, value))
    given += [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]
    by_name = {parameter.name: parameter for parameter in parameters}
    for name, value in given:
        port = contract.feeds(by_name[name]) if name in by_name else None
        if port is not None:
            yield _Argument(port, _span(document, loss.span, value))


def _call(document: Document, span: Span) -> ast.Call | None:
    """The call that stands at the span; what is none (a loss handed to a trainer) has no arguments of its own."""
    for node in ast.walk(document.parse()):
        if isinstance(node, ast.Call) and _span(document, span, node) == span:
            return node
    return None


def _span(document: Document, near: Span, node: ast.expr) -> Span:
    lines = document.lines()
    first, last = node.lineno, node.end_lineno or node.lineno
    shift = first - document.locate(first)[1]
    start = Location(first - shift, _characters(lines, first, node.col_offset) + 1)
    end = Location(last - shift, _characters(lines, last, node.end_col_offset or 0) + 1)
    return Span(near.filename, document.locate(first)[0], start, end)


def _characters(lines: list[str], row: int, offset: int) -> int:
    """The tree counts columns in bytes of UTF-8."""
    line = lines[row - 1]
    return offset if line.isascii() else len(line.encode()[:offset].decode(errors="ignore"))


# --- a cause -------------------------------------------------------------------------------------------------------


def _at_cause(layout: Layout, spot: Spot) -> Hover | None:
    """A place on the way to a loss: what happens there, and which losses it reaches."""
    met: list[tuple[TraceEntry, str]] = []
    for loss in layout.analysis.report.losses:
        if loss.verdict is Verdict.FINDING:
            continue  # its findings say more, below
        aim = f"{loss.loss.rpartition('.')[2]} at {_link(layout, loss.span)}: {_verdict(loss)}"
        met += [(entry, aim) for entry in loss.trace if spot.within(entry.span)]
    for finding in layout.analysis.report.findings:
        aim = f"{_link(layout, finding.span)}: {finding.code} {finding.message}"
        met += [(entry, aim) for entry in finding.trace if spot.within(entry.span)]
    if not met:
        return None
    narrowest = min((entry.span for entry, _ in met), key=_extent)
    here = [(entry, aim) for entry, aim in met if entry.span == narrowest]
    lines = [f"**{message}**" for message in dict.fromkeys(entry.message for entry, _ in here)]
    lines.append("\n".join(f"- reaches {aim}" for aim in dict.fromkeys(aim for _, aim in here)))
    return Hover("\n\n".join(lines), narrowest)


def _extent(span: Span) -> tuple[int, int]:
    return span.end.row - span.start.row, span.end.column - span.start.column


def place_link(layout: Layout, entry: TraceEntry) -> str:
    """`[net.py:42](file:///...)`."""
    return _link(layout, entry.span)


def _link(layout: Layout, span: Span) -> str:
    return f"[{row(span)}]({layout.uri(span)}#L{layout.range(span).start.line + 1})"
