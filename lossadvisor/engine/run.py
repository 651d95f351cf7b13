"""One run from paths to report."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lossadvisor.config import Settings
from lossadvisor.config.selection import any_match, ignored_in_file, selected
from lossadvisor.engine.concerned import concerned
from lossadvisor.engine.focus import LIMIT, project_root
from lossadvisor.engine.model import Analysis, Examine, Examined, Tell
from lossadvisor.findings import Confidence, Finding, LossVerdict, Report
from lossadvisor.late import dataclass
from lossadvisor.source import Document, ReadError, load
from lossadvisor.source.discovery import Discovery, Excludes, Found, discover, display_name
from lossadvisor.source.memory import TooLarge

if TYPE_CHECKING:
    from lossadvisor.cache import Memory

_RANK = {Confidence.POSSIBLE: 0, Confidence.LIKELY: 1, Confidence.CERTAIN: 2}


def analyse(paths: Sequence[str], settings: Settings, cwd: Path) -> Report:
    """Check what the paths (relative to `cwd`) name. Raises ConfigError for a baseline that cannot be read."""
    return analysis(paths, settings, cwd).report


def analysis(
    paths: Sequence[str],
    settings: Settings,
    cwd: Path,
    *,
    overlays: Sequence[Document] = (),
    revised: Mapping[str, Document] | None = None,
    examine: Examine | None = None,
    alone: bool = False,
    near: bool = False,
    tell: Tell | None = None,
) -> Analysis:
    """The same with everything that a reporter or an editor needs.

    `overlays` are documents that take the place of the files of the same path (standard input, unsaved buffers); they
    count as given. `revised` are given files, by reported name, as they would be after a change. `examine` is the
    analyzer; by default that of `lossadvisor.checking`. With `alone` the project around named files is not read; with
    `near` only what is a few imports away from them is analysed, for a first answer. What an earlier run found is taken
    from the cache when nothing has changed since; with any of these there is no cache. `tell` hears how far the
    analysis is; what it raises ends it.
    """
    found = discover(paths, cwd, settings.excludes())
    around, notices = ((), []) if alone else _around(found, overlays, settings, cwd)
    memory: Memory | None = None
    if settings.cache and found.files and not (found.problems or overlays or revised or examine or alone or near):
        from lossadvisor.cache import Memory, Reread

        memory = Memory(paths, settings, cwd)
        known = memory.recall(found.files, around)
        if known is not None:
            documents = Reread((*around, *found.files), settings.max_file_size)
            names = frozenset(file.filename for file in found.files)
            return Analysis(known.report, documents, known.notices, known.suppressed, names)
    return _made(found, around, notices, settings, overlays, revised or {}, examine, tell, memory, paths, near)


def _made(
    found: Discovery,
    around: Sequence[Found],
    notices: list[str],
    settings: Settings,
    overlays: Sequence[Document],
    revised: Mapping[str, Document],
    examine: Examine | None,
    tell: Tell | None,
    memory: Memory | None,
    paths: Sequence[str],
    near: bool,
) -> Analysis:
    given, problems = _load(found.files, settings, overlays)
    given |= {name: document for name, document in revised.items() if name in given}
    context, lost = _load(around, settings, ())
    everything = len(context)
    if near:
        from lossadvisor.engine.nearby import nearby

        context = nearby(given, context)
    documents = {**context, **given}
    if memory is not None:
        memory.vouch(documents.values())
    examined, refused = _examined(documents, settings, examine, tell, frozenset(given) if context else None)
    problems += refused
    findings, losses = examined.findings, examined.losses
    read: Mapping[str, str] = getattr(examined, "read", {})
    kept = _report(findings, given, settings)
    losses = tuple(sorted((loss for loss in losses if loss.span.filename in given), key=_loss_order))
    notices += kept.notices
    if paths and not given and not problems and not found.problems:
        notices.append(f"no Python files, notebooks or Markdown files under {', '.join(paths)}")
    report = Report(_with_fixes(kept.findings, documents), losses, (*found.problems, *problems), len(given))
    if memory is not None and not problems and not lost:
        from lossadvisor.cache import Outcome

        memory.keep(given.values(), context.values(), Outcome(report, tuple(notices), kept.suppressed), read)
    whole = len(context) == everything
    return Analysis(report, documents, tuple(notices), kept.suppressed, frozenset(given), whole)


def _examined(
    documents: Mapping[str, Document],
    settings: Settings,
    examine: Examine | None,
    tell: Tell | None,
    given: frozenset[str] | None,
) -> tuple[Examined, list[str]]:
    """What the analyzer found about the files `given` (None: about all), and a line for each document that it had to be
    spared, with which memory would end."""
    left = dict(documents)
    refused: list[str] = []
    while examine is not None or concerned(left.values(), given):
        try:
            return (examine or _examine(tell, given))(tuple(left[name] for name in sorted(left)), settings), refused
        except TooLarge as error:
            del left[error.filename]
            refused.append(str(error))
        gc.collect()  # what the attempt has left behind
    return Report((), (), (), 0), refused


def _with_fixes(findings: tuple[Finding, ...], documents: Mapping[str, Document]) -> tuple[Finding, ...]:
    if not findings:
        return findings
    from lossadvisor.fixes import with_fixes

    return with_fixes(findings, documents)


def _examine(tell: Tell | None, given: frozenset[str] | None) -> Examine:
    from lossadvisor.sparing import sparing

    with sparing():
        from lossadvisor.checking import examine

    return partial(examine, tell=tell, given=given)


def _load(
    files: Iterable[Found], settings: Settings, overlays: Sequence[Document]
) -> tuple[dict[str, Document], list[str]]:
    """The documents by reported name, and a line for each file that could not be had."""
    replaced = {overlay.path for overlay in overlays}
    documents = {overlay.filename: overlay for overlay in overlays}
    problems: list[str] = []
    for file in files:
        if file.path in replaced:
            continue
        try:
            documents[file.filename] = load(file.path, file.filename, settings.max_file_size)
        except ReadError as error:
            problems.append(str(error))
    return documents, problems


def _around(
    found: Discovery, overlays: Sequence[Document], settings: Settings, cwd: Path
) -> tuple[tuple[Found, ...], list[str]]:
    """The other files of the project, when single files were given, and a notice when they are too many."""
    explicit = [file.path for file in found.files if file.explicit] + [overlay.path for overlay in overlays]
    if settings.project_root is not None:
        root: Path | None = settings.project_root
    elif explicit:
        root = project_root(explicit)
    else:
        root = None
    if root is None:
        return (), []
    excludes = settings.excludes()
    excludes = Excludes(excludes.patterns, excludes.root, force=False)
    project = discover([str(root)], cwd, excludes, limit=LIMIT)
    known = {file.path for file in found.files} | {overlay.path for overlay in overlays}
    notices = []
    if project.given_up:
        name = display_name(root, cwd)
        notices.append(f"{name} has more than {LIMIT:,} files: only the named ones are analysed (see --project-root)")
    return tuple(file for file in project.files if file.path not in known), notices


@dataclass(frozen=True, slots=True)
class _Kept:
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    notices: tuple[str, ...]


def _report(examined: Iterable[Finding], given: Mapping[str, Document], settings: Settings) -> _Kept:
    """What is reported of all that was found, in the order in which it is reported."""
    from lossadvisor.engine.comments import ours

    found = [finding for finding in examined if _concerns(finding, given)]
    if any(document.problems for document in given.values()):
        from lossadvisor.engine.own import text_findings

        found += (finding for document in given.values() for finding in text_findings(document))
    if not found and settings.baseline is None and not any(map(ours, given.values())):
        return _Kept((), (), ())
    from lossadvisor.engine.suppressing import apply

    rules = selected(settings)
    parted = apply([finding for finding in found if finding.code in rules], given, rules)
    findings = tuple(_shown((*parted.kept, *parted.about_comments), given, settings, rules))
    if settings.baseline is None:
        return _Kept(findings, parted.silenced, ())
    from lossadvisor.engine.baseline import compare

    compared = compare(settings.baseline, findings, given)
    file = settings.baseline.name
    stale = tuple(f"{file}: stale entry: {code} in {name}: {text}" for name, code, text, _ in compared.stale)
    return _Kept(compared.new, parted.silenced, stale)


def _concerns(finding: Finding, given: Mapping[str, Document]) -> bool:
    """Whether the finding has its own place or its cause in a given file."""
    cause = finding.trace[-1].span.filename if finding.trace else None
    return finding.span.filename in given or cause in given


def _shown(
    findings: Iterable[Finding], given: Mapping[str, Document], settings: Settings, rules: frozenset[str]
) -> Iterator[Finding]:
    seen: set[tuple[object, ...]] = set()
    for finding in sorted(findings, key=_order):
        same = (finding.code, finding.span, finding.message)
        if same in seen or finding.code not in rules or _RANK[finding.confidence] < _RANK[settings.min_confidence]:
            continue
        document = given.get(finding.span.filename)
        if document is not None and settings.per_file_ignores:
            relative = os.path.relpath(document.path, settings.root).replace(os.sep, "/")
            if any_match(ignored_in_file(settings, relative), finding.code, finding.name):
                continue
        seen.add(same)
        yield finding


def _order(finding: Finding) -> tuple[object, ...]:
    span = finding.span
    return (span.filename, span.cell or 0, span.start, finding.code, span.end, finding.message)


def _loss_order(loss: LossVerdict) -> tuple[object, ...]:
    return (loss.span.filename, loss.span.cell or 0, loss.span.start, loss.span.end, loss.loss)
