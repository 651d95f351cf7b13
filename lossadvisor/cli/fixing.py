"""`check --fix` and `check --diff`: the fixes of a run made, or shown."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lossadvisor.catalogue import Tier, headings
from lossadvisor.cli.options import Failure, Scope
from lossadvisor.config import Layer, Settings
from lossadvisor.engine import Analysis, analysis
from lossadvisor.engine.focus import project_root
from lossadvisor.findings import Finding
from lossadvisor.fixes.apply import StaleEdit
from lossadvisor.fixes.rounds import Repaired, applicable, repair
from lossadvisor.fixes.writing import WriteError, replace_all, target
from lossadvisor.late import dataclass
from lossadvisor.source import Document
from lossadvisor.source.decoding import encoding_of
from lossadvisor.source.reading import load_bytes


@dataclass(frozen=True, slots=True)
class _Seen:
    findings: tuple[Finding, ...]
    documents: dict[str, Document]


def repaired(found: Analysis, settings: Settings, where: Scope, unsafe: bool) -> Repaired:
    """The fixes that the run may make, applied in memory and checked again."""
    if not any(applicable(finding, unsafe) for finding in found.report.findings):
        return Repaired()
    usual = tuple(rule.code for rule in headings() if rule.tier is not Tier.OPT_IN)
    # Whatever is selected, no fix may bring another finding, so all usual rules look on.
    watching = replace(settings, layers=(*settings.layers, Layer(extend_select=usual)), per_file_ignores=())
    reported = {(finding.code, finding.span.filename) for finding in found.report.findings}

    def analyse(changed: Sequence[Document]) -> _Seen:
        revised = {document.filename: document for document in changed}
        seen = analysis(where.paths, watching, where.cwd, overlays=where.overlays, revised=revised)
        return _Seen(seen.report.findings, dict(seen.documents))

    def original(filename: str) -> bytes:
        return _original(found.documents[filename], settings, where)

    def is_wanted(finding: Finding) -> bool:
        """Only what is reported is mended, and only in the files that the run was asked about."""
        edits = finding.fix.edits if finding.fix else ()
        asked = all(edit.span.filename in found.given for edit in edits)
        return asked and (finding.code, finding.span.filename) in reported

    return repair(analyse, original, unsafe=unsafe, wanted=is_wanted)


def _original(document: Document, settings: Settings, where: Scope) -> bytes:
    if where.stdin is not None and document in where.overlays:
        return where.stdin
    try:
        path = target(document.path, root_of(document.path, settings, where.cwd))
        data = path.read_bytes()
    except (WriteError, OSError) as error:
        raise StaleEdit(str(error)) from None
    if load_bytes(data, document.filename, document.path).raw != document.raw:
        raise StaleEdit("the file has changed since it was read")
    return data


def root_of(path: Path, settings: Settings, cwd: Path) -> Path:
    """The project that a file belongs to by its name, whatever its symlinks say."""
    if settings.project_root is not None:
        return settings.project_root
    return cwd if cwd in path.parents else project_root([path]) or path.parent


def write(done: Repaired, found: Analysis, settings: Settings, where: Scope) -> None:
    """Write what changed. Raises Failure."""
    overlays = {overlay.filename for overlay in where.overlays}
    try:
        files = {
            target(found.documents[name].path, root_of(found.documents[name].path, settings, where.cwd)): content
            for name, content in done.contents.items()
            if name not in overlays
        }
        replace_all(files)
    except WriteError as error:
        raise Failure(str(error)) from None


def differences(done: Repaired, found: Analysis, settings: Settings, where: Scope) -> str:
    """A unified diff of all changes."""
    return "".join(
        _difference(name, _original(found.documents[name], settings, where), content)
        for name, content in sorted(done.contents.items())
    )


def _difference(name: str, old: bytes, new: bytes) -> str:
    before, after = (
        data.decode(encoding_of(data), "replace").splitlines(keepends=True) for data in (old, new)
    )
    lines = difflib.unified_diff(before, after, fromfile=name, tofile=name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def say(done: Repaired, verb: str) -> None:
    """On standard error: how much was done, and what was not."""
    for line in done.left:
        print(f"warning: {line}", file=sys.stderr)
    number = done.fixed.total()
    if number:
        files = len(done.contents)
        print(
            f"{verb} {number} finding{'s' * (number != 1)} in {files} file{'s' * (files != 1)}.", file=sys.stderr
        )
