"""`--add-noqa`: findings of today silenced where they stand, so that only new ones are reported."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from lossadvisor.engine.comments import Form, Suppression, logical_rows, suppressions
from lossadvisor.engine.model import Analysis
from lossadvisor.engine.own import UNUSED_SUPPRESSION
from lossadvisor.findings import Finding
from lossadvisor.fixes.writing import WriteError, replace_all, target
from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.source import Document
from lossadvisor.source.decoding import encoding_of

_ROW = pattern(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Added:
    """How many findings were silenced in how many files, and a line for each thing that was left alone."""

    number: int
    files: int
    left: tuple[str, ...]


def add_comments(analysis: Analysis, root_of: Callable[[Path], Path]) -> Added:
    """Write `# noqa: CODE` at the end of the statement of each finding. Encoding and line ends are kept.

    `root_of` tells the project that a file belongs to; a symlink that leads out of it is left alone.
    """
    by_file: dict[str, list[Finding]] = defaultdict(list)
    needless = 0
    for finding in analysis.report.findings:
        if finding.code == UNUSED_SUPPRESSION:  # a needless comment does not get better by another one
            needless += 1
        else:
            by_file[finding.span.filename].append(finding)
    number = files = 0
    left: list[str] = []
    if needless:
        left.append(f"{needless} {UNUSED_SUPPRESSION} left: --fix takes comments that suppress nothing away")
    for filename, findings in sorted(by_file.items()):
        document = analysis.documents.get(filename)
        if document is None or document.kind not in {"python", "stub"} or document.problems:
            left.append(f"{filename}: left as it is: comments are only added to Python files without syntax errors")
            continue
        try:
            _rewrite(document, findings, root_of(document.path))
        except (OSError, WriteError) as error:
            left.append(f"{filename}: left as it is: {getattr(error, 'strerror', None) or error}")
            continue
        number += len(findings)
        files += 1
    return Added(number, files, tuple(left))


def _rewrite(document: Document, findings: Sequence[Finding], root: Path) -> None:
    path = target(document.path, root)
    data = path.read_bytes()
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    encoding = encoding_of(data)
    rows = _ROW.findall(data[len(mark) :].decode(encoding))
    for row, changed in silenced_rows(document, findings, rows).items():
        rows[row - 1] = changed
    replace_all({path: mark + "".join(rows).encode(encoding)})


def silenced_rows(document: Document, findings: Sequence[Finding], rows: Sequence[str]) -> dict[int, str]:
    """The rows of the document's text (from 1) that change when the findings are silenced, as they are then.

    `rows` are the present rows, with or without their line ends.
    """
    codes: dict[int, set[str]] = defaultdict(set)
    lines = logical_rows(document.raw)
    for finding in findings:
        row = document.row_of(finding.span.cell, finding.span.start.row)
        codes[next((last for first, last in lines if first <= row <= last), row)].add(finding.code)
    present = {comment.row: comment for comment in suppressions(document) if comment.form is Form.NOQA}
    return {row: _with_codes(rows[row - 1], sorted(wanted), present.get(row)) for row, wanted in codes.items()}


def _with_codes(row: str, wanted: Sequence[str], present: Suppression | None) -> str:
    body = row.rstrip("\r\n")
    end = row[len(body) :]
    if present is not None and present.codes:
        at = present.end - 1
        return f"{body[:at].rstrip()}, {', '.join(wanted)}{body[at:]}{end}"
    return f"{body.rstrip()}  # noqa: {', '.join(wanted)}{end}"
