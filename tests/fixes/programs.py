"""Programs mended in memory or on disk, for the tests of fixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lossadvisor.config import Layer, Settings
from lossadvisor.engine import analysis
from lossadvisor.findings import Finding
from lossadvisor.fixes.rounds import Repaired, repair
from lossadvisor.source import Document

EVERY_RULE = (Layer(select=("ALL",)),)


@dataclass(frozen=True)
class Seen:
    findings: tuple[Finding, ...]
    documents: dict[str, Document]


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files below the folder, byte for byte, and hand the folder back."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def analyse(folder: Path, changed: Sequence[Document] = ()) -> Seen:
    """All findings of all rules below a folder, with their fixes."""
    settings = Settings(root=folder, layers=EVERY_RULE, cache=False, jobs=1)
    found = analysis(["."], settings, folder, revised={document.filename: document for document in changed})
    return Seen(found.report.findings, dict(found.documents))


def mended(folder: Path, code: str | None = None, *, unsafe: bool = True) -> Repaired:
    """What the fixes make of the files below a folder; only those of one rule when `code` is given."""
    return repair(
        lambda changed: analyse(folder, changed),
        lambda name: (folder / name).read_bytes(),
        unsafe=unsafe,
        wanted=lambda finding: code in (None, finding.code),
    )


def text_after(folder: Path, text: str, code: str | None = None, *, unsafe: bool = True) -> str:
    """One program after its fixes."""
    write(folder, {"example.py": text})
    return mended(folder, code, unsafe=unsafe).contents.get("example.py", text.encode()).decode()


def codes(seen: Seen) -> Counter[str]:
    return Counter(finding.code for finding in seen.findings)
