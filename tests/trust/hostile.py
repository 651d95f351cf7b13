"""Hostile input at full size: every file of given folders, whole, mutated and cut, judged without a traceback.

    python -m tests.trust.hostile --stdlib-tests --packages /path/to/site-packages --mutations 3

Prints every crash with the file (and the seed of the mutation) and every file that took longer than the limit.
"""

from __future__ import annotations

import argparse
import signal
import sys
import sysconfig
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from unittest.mock import patch

from lossadvisor.checking import examine
from lossadvisor.config import Settings
from lossadvisor.engine.model import Analysis
from lossadvisor.engine.own import text_findings
from lossadvisor.findings import Report
from lossadvisor.interpreter import plan
from lossadvisor.project import Project
from lossadvisor.project.relevance import Unit
from lossadvisor.reporters import Medium, render
from lossadvisor.source import ReadError
from lossadvisor.source.reading import DEFAULT_SIZE_LIMIT, load_bytes

FORMATS = ("full", "concise", "json", "json-lines", "github", "gitlab", "sarif", "junit")
SUFFIXES = (".py", ".pyi", ".ipynb", ".md")
PATIENCE = 20  # how many times longer than it may compute a file may be waited for


class TooSlow(Exception):
    """One file took longer than the limit."""


@dataclass(slots=True)
class Survey:
    """What became of many files."""

    files: int = 0
    findings: int = 0
    longest: tuple[float, str] = (0.0, "")
    crashes: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """One line for a person."""
        return (
            f"{self.files} inputs, {self.findings} findings, {len(self.crashes)} crashes, {len(self.slow)} too slow, "
            f"longest {self.longest[0]:.1f} s of the processor ({self.longest[1]})"
        )


def everything(project: Project, *_: object) -> list[Unit]:
    """Every statement as a unit: what the relevance test would spare the interpreter is evaluated too."""
    return [
        Unit(document, index, statement, 0)
        for document in project.documents
        for index in [project.index(document)]
        for statement in index.statements
    ]


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raise TooSlow when the block takes longer: of the processor, whatever else runs, or many times that to wait."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = {number: signal.signal(number, stop) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(PATIENCE * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


def judge(data: bytes, name: str, whole: bool = False) -> int:
    """Run one input through reading, analysis and every reporter; the number of findings."""
    document = load_bytes(data, name, Path("/nowhere") / Path(name).name)
    settings = Settings()
    with patch.object(plan, "relevant", everything if whole else plan.relevant):
        examination = examine((document,), settings)
    findings = (*examination.findings, *text_findings(document))
    analysis = Analysis(Report(findings, examination.losses, (), 1), {name: document}, (), ())
    for output in FORMATS:
        render(output, analysis, Medium(colour=False, width=100, folder=Path("/nowhere")))
    return len(findings)


def survey(inputs: Iterable[tuple[str, bytes]], seconds: int = 30, whole: bool = False) -> Survey:
    """Judge all inputs; nothing that one does reaches the next."""
    seen = Survey()
    for name, data in inputs:
        if len(data) > DEFAULT_SIZE_LIMIT:
            continue
        seen.files += 1
        start = time.process_time()
        try:
            with within(seconds):
                seen.findings += judge(data, name, whole)
        except TooSlow:
            seen.slow.append(name)
        except ReadError:
            pass
        except BaseException:
            seen.crashes.append(f"{name}\n{traceback.format_exc(limit=-6)}")
        seen.longest = max(seen.longest, (time.process_time() - start, name))
    return seen


def files(folders: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file that the linter would read in the folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                try:
                    yield str(path), path.read_bytes()
                except OSError:
                    continue


_SPLICES = (
    b"\0", b"\xff\xfe", b"(" * 300, b"\n    ", b"\t", b"\r", b"'''", b"\\\n", b"def f(:\n", b"=", b"lambda: ", b"*" * 9,
    b"\xe2\x80\xae", b"\x0c", b"f'{x!r:{y}}'", b"match x:\n  case", b"async ", b"\n@", b"`", b"{" * 200, b"not " * 2000,
    b"#", b"0777", b"print 'x'", b"\nimport torch.nn.functional as F\nF.cross_entropy(F.softmax(x, 1), y)\n", b";" * 50,
)  # fmt: skip


def mutated(data: bytes, rng: Random) -> bytes:
    """The file cut, doubled, with bytes replaced or something spliced in."""
    for _ in range(rng.randrange(1, 4)):
        at, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
        match rng.randrange(6):
            case 0:
                data = data[:at]
            case 1:
                data = data[:at] + data[min(end, at + 200) :]
            case 2:
                data = data[:at] + rng.choice(_SPLICES) + data[at:]
            case 3:
                data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
            case 4:
                data = data[:at] + data[at : at + 500] * 2 + data[at + 500 :]
            case _:
                rows = data.split(b"\n")
                rng.shuffle(rows)
                data = b"\n".join(rows[: rng.randrange(len(rows)) + 1])
    return data


def mutations(inputs: Iterable[tuple[str, bytes]], count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """So many mutations of each input; the name says which, its end keeps the kind of the file."""
    for name, data in inputs:
        for number in range(count):
            rng = Random(f"{seed}:{number}:{name}")
            yield f"{name}#{number}{Path(name).suffix}", mutated(data, rng)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--stdlib-tests", action="store_true", help="the test suite of this Python, where it is there")
    parser.add_argument("--packages", type=Path, action="append", default=[])
    parser.add_argument("--mutations", type=int, default=0, help="mutations of each file besides the file itself")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th file")
    parser.add_argument("--whole", action="store_true", help="evaluate every statement, whether it names a loss or not")
    parser.add_argument("--seconds", type=int, default=30)
    chosen = parser.parse_args()
    folders = [*chosen.folders, *chosen.packages]
    if chosen.stdlib_tests:
        folders.append(Path(sysconfig.get_path("stdlib")) / "test")
    sys.setrecursionlimit(1000)

    def inputs() -> Iterator[tuple[str, bytes]]:
        for number, (name, data) in enumerate(files(folders)):
            if number % chosen.every == 0:
                if not chosen.mutations:
                    yield name, data
                yield from mutations([(name, data)], chosen.mutations)

    seen = survey(inputs(), chosen.seconds, chosen.whole)
    for line in (*seen.crashes, *(f"too slow: {name}" for name in seen.slow)):
        print(line)
    print(seen.summary())
    return 1 if seen.crashes or seen.slow else 0


if __name__ == "__main__":
    sys.exit(main())
