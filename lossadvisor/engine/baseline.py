"""The baseline: findings that were there when a project began to use the tool, and are not reported.

An entry is keyed on file, code, the text of the line (blanks normalised) and the occurrence of that line among equal
ones, so that it survives changes elsewhere in the file.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lossadvisor.config import ConfigError
from lossadvisor.findings import Finding
from lossadvisor.late import dataclass
from lossadvisor.source import Document, regular

_VERSION = 1
_LARGEST = 100_000_000  # bytes
Key = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings that are new, and the entries that no finding matches any more."""

    new: tuple[Finding, ...]
    stale: tuple[Key, ...]


def keys(findings: Sequence[Finding], documents: Mapping[str, Document], root: Path) -> Iterator[tuple[Finding, Key]]:
    """Each finding with its key; file names are relative to `root`."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        span = finding.span
        document = documents.get(span.filename)
        if document is None:
            name, text = span.filename, ""
        else:
            name = os.path.relpath(document.path, root).replace(os.sep, "/")
            rows = document.raw.split("\n")
            row = document.row_of(span.cell, span.start.row)
            text = " ".join(rows[row - 1].split()) if row <= len(rows) else ""
        place = (name, finding.code, text)
        seen[place] += 1
        yield finding, (*place, seen[place])


def write(file: Path, findings: Sequence[Finding], documents: Mapping[str, Document]) -> int:
    """Write the findings as a baseline; the number of entries. Raises ConfigError when the file cannot be written."""
    entries = [
        {"file": name, "code": code, "line": text, "occurrence": occurrence}
        for _, (name, code, text, occurrence) in keys(findings, documents, file.resolve().parent)
    ]
    content = json.dumps({"version": _VERSION, "entries": entries}, indent=2, ensure_ascii=False) + "\n"
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from None
    return len(entries)


def compare(file: Path, findings: Sequence[Finding], documents: Mapping[str, Document]) -> Compared:
    """The findings that the baseline does not know. Raises ConfigError when the file is no baseline.

    An entry is stale only when its file was looked at and no longer has the finding.
    """
    known = set(_read(file))
    root = file.resolve().parent
    new: list[Finding] = []
    met: set[Key] = set()
    for finding, key in keys(findings, documents, root):
        if key in known:
            met.add(key)
        else:
            new.append(finding)
    looked_at = {os.path.relpath(document.path, root).replace(os.sep, "/") for document in documents.values()}
    stale = sorted(key for key in known - met if key[0] in looked_at or not (root / key[0]).exists())
    return Compared(tuple(new), tuple(stale))


def _read(file: Path) -> Iterator[Key]:
    try:
        content = json.loads(regular.read(file, _LARGEST).decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error} (write one with --write-baseline)") from None
    except ValueError as error:
        raise ConfigError(f"{file}: not a baseline: {error}") from None
    except RecursionError:
        raise ConfigError(f"{file}: not a baseline: nested too deeply") from None
    entries = content.get("entries") if isinstance(content, dict) and content.get("version") == _VERSION else None
    if not isinstance(entries, list):
        raise ConfigError(f"{file}: not a baseline of version {_VERSION} (write one with --write-baseline)")
    for entry in entries:
        try:
            yield str(entry["file"]), str(entry["code"]), str(entry["line"]), int(entry["occurrence"])
        except (KeyError, TypeError, ValueError):
            raise ConfigError(f"{file}: not a baseline: malformed entry {entry!r}") from None
