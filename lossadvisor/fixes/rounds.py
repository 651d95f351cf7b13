"""Rounds of fixes until nothing is left to do: apply, analyse again, keep what mended and broke nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from lossadvisor.findings import Finding, FixApplicability, Severity
from lossadvisor.fixes import fenced, notebooks
from lossadvisor.fixes.apply import StaleEdit, compatible, edited
from lossadvisor.late import dataclass
from lossadvisor.source import Document
from lossadvisor.source.reading import load_bytes

ROUNDS = 5
_ATTEMPTS = 40  # analyses of the project in one run, counting those whose changes are taken back

_EDITORS = {"notebook": notebooks.edited, "markdown": fenced.edited}


class Seen(Protocol):
    """What one analysis found, and the documents behind it."""

    @property
    def findings(self) -> Sequence[Finding]: ...

    @property
    def documents(self) -> Mapping[str, Document]: ...


Analyse = Callable[[Sequence[Document]], Seen]
"""Analyses the project with some documents in the place of the files of the same path; findings bring their fixes."""


@dataclass(slots=True)
class Repaired:
    """The new bytes of the files that change, what was mended, and a line for each fix that was not made."""

    contents: dict[str, bytes] = field(default_factory=dict)
    fixed: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)


def applicable(finding: Finding, unsafe: bool) -> bool:
    """Whether the run may make the fix of a finding."""
    if finding.fix is None:
        return False
    match finding.fix.applicability:
        case FixApplicability.SAFE:
            return True
        case FixApplicability.UNSAFE:
            return unsafe
        case FixApplicability.DISPLAY:
            return False


def repair(
    analyse: Analyse,
    originals: Callable[[str], bytes],
    *,
    unsafe: bool,
    wanted: Callable[[Finding], bool] = lambda finding: True,
) -> Repaired:
    """Apply the fixes of the findings that are `wanted`; nothing is written.

    `originals` gives the bytes of a file by its reported name, or raises StaleEdit with the reason why it must stay.
    A fix is kept when every file still parses, its finding is gone, and no other finding has come. One that mends an
    error or a warning may uncover a note: swapped arguments put right show that the loss has a better twin.
    """
    return _Repair(analyse, originals, unsafe, wanted).run()


class _Repair:
    def __init__(
        self,
        analyse: Analyse,
        originals: Callable[[str], bytes],
        unsafe: bool,
        wanted: Callable[[Finding], bool],
    ) -> None:
        self.analyse = analyse
        self.originals = originals
        self.unsafe = unsafe
        self.wanted = wanted
        self.done = Repaired()
        self.refused: set[tuple[object, ...]] = set()
        self.alone: set[str] = set()  # files whose fixes are tried one at a time, after a failure together

    def run(self) -> Repaired:
        seen = self.analyse(())
        rounds = attempts = 0
        while rounds < ROUNDS and attempts < _ATTEMPTS:
            batch = self._batch(seen)
            changed = self._apply(batch, seen)
            if not batch:
                break
            if changed is None:
                continue
            attempts += 1
            documents = {**self.done.documents, **{document.filename: document for document in changed[1]}}
            after = self.analyse(tuple(documents.values()))
            wrong = _wrong(seen.findings, after.findings, batch)
            if wrong:
                self._take_back(batch, wrong, seen)
                continue
            self.done.contents |= changed[0]
            self.done.documents = documents
            self.done.fixed.update(finding.code for finding in batch)
            rounds += not self.alone
            seen = after
        return self.done

    def _batch(self, seen: Seen) -> tuple[Finding, ...]:
        able = [
            finding
            for finding in seen.findings
            if applicable(finding, self.unsafe) and self.wanted(finding) and _key(finding, seen) not in self.refused
        ]
        chosen: list[Finding] = []
        busy: set[str] = set()
        for finding in compatible(able):
            files = _files(finding)
            if files & busy:
                continue
            busy |= files & self.alone
            chosen.append(finding)
        return tuple(chosen)

    def _apply(self, batch: Sequence[Finding], seen: Seen) -> tuple[dict[str, bytes], list[Document]] | None:
        """The new bytes and documents of the files that the batch changes; None when some fix had to be refused."""
        contents: dict[str, bytes] = {}
        documents: list[Document] = []
        for name in sorted({name for finding in batch for name in _files(finding)}):
            edits = [
                edit
                for finding in batch
                for edit in (finding.fix.edits if finding.fix else ())
                if edit.span.filename == name
            ]
            try:
                old = self.done.contents[name] if name in self.done.contents else self.originals(name)
                change = _EDITORS.get(seen.documents[name].kind, edited)
                contents[name] = change(old, edits)
            except StaleEdit as reason:
                self._refuse([one for one in batch if name in _files(one)], f"{name}: {reason}", seen)
                return None
            document = load_bytes(contents[name], name, seen.documents[name].path)
            if document.problems or (document.kind == "markdown" and _broken(document, seen.documents[name])):
                self._take_back(batch, {name: f"{name} would not parse"}, seen)
                return None
            documents.append(document)
        return contents, documents

    def _take_back(self, batch: Sequence[Finding], wrong: Mapping[str, str], seen: Seen) -> None:
        """Refuse the single fixes that did harm; where several came together, try them one at a time."""
        concerned = [group for group in _groups(batch) if group[0] & wrong.keys()] or _groups(batch)
        for files, group in concerned:
            if len(group) == 1:
                reason = next((wrong[name] for name in sorted(files) if name in wrong), next(iter(wrong.values())))
                self._refuse(group, reason, seen)
            elif files <= self.alone:
                self._refuse(group, next(iter(wrong.values())), seen)
            else:
                self.alone |= files

    def _refuse(self, findings: Iterable[Finding], reason: str, seen: Seen) -> None:
        for finding in findings:
            self.refused.add(_key(finding, seen))
            span = finding.span
            self.done.left.append(f"{span.filename}:{span.start.row}: {finding.code} is not fixed: {reason}")


def _broken(after: Document, before: Document) -> bool:
    """Whether a fence no longer parses: broken fences are no finding, the reader mends what it can."""
    return after.text != after.raw and before.text == before.raw


def _key(finding: Finding, seen: Seen) -> tuple[object, ...]:
    """What a finding is known by although rows move: its code and its text."""
    document = seen.documents[finding.span.filename]
    row = document.row_of(finding.span.cell, finding.span.start.row)
    lines = document.raw.split("\n")
    text = lines[row - 1] if row <= len(lines) else ""
    return (finding.code, finding.span.filename, text, finding.span.start.column)


def _files(finding: Finding) -> frozenset[str]:
    return frozenset(edit.span.filename for edit in finding.fix.edits) if finding.fix else frozenset()


def _groups(batch: Sequence[Finding]) -> list[tuple[set[str], list[Finding]]]:
    """The fixes of a batch grouped so that no two groups change the same file."""
    groups: list[tuple[set[str], list[Finding]]] = []
    for finding in batch:
        files, members = set(_files(finding)), [finding]
        apart = []
        for group in groups:
            if group[0] & files:
                files |= group[0]
                members = group[1] + members
            else:
                apart.append(group)
        groups = [*apart, (files, members)]
    return groups


def _wrong(before: Sequence[Finding], after: Sequence[Finding], batch: Sequence[Finding]) -> dict[str, str]:
    """By file, what is wrong after the batch: findings that stayed although their fix was made, and new ones."""
    mended = Counter((finding.code, finding.span.filename) for finding in batch)
    allowed = Counter((finding.code, finding.span.filename) for finding in before) - mended
    if any(finding.severity is not Severity.NOTE for finding in batch):
        after = [one for one in after if one.severity is not Severity.NOTE or (one.code, one.span.filename) in mended]
    wrong: dict[str, str] = {}
    for place, number in Counter((finding.code, finding.span.filename) for finding in after).items():
        if number <= allowed[place]:
            continue
        code, name = place
        reason = "the change does not mend it" if mended[place] else f"the change brings {code} to {name}"
        wrong[name] = reason
        for finding in after:
            if (finding.code, finding.span.filename) == place:
                wrong.update({entry.span.filename: reason for entry in finding.trace})
    return wrong
