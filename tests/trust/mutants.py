"""Mutation testing of contracts, checks and rule documents: which small mistakes would no test notice?

    python -m tests.trust.mutants --seconds 3600 --log mutants.jsonl        # a random sample, one process, resumable
    python -m tests.trust.mutants --only lossadvisor/checking/proof.py      # all of one file

The repository is copied; each mutant is written into the copy and judged in a forked process, where the third-party
packages are loaded already, by the tests that execute its row (for rows of tables and documents: by those that read
them), the quickest first. A mutant that no test fails on is printed; docs/mutation-testing.md says what became of them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from .mutations import Mutant, of_module, of_rule

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("lossadvisor", "rules", "fixtures", "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md", "docs")
MODULES = ("lossadvisor/contracts", "lossadvisor/checking", "lossadvisor/catalogue")
# The tests that look at these packages and take seconds, not minutes.
TESTS = (
    "tests/contracts", "tests/rules", "tests/false_alarms", "tests/inference", "tests/outside/test_fixtures.py",
    "tests/outside/test_documents.py", "tests/trust/test_reports.py",
)  # fmt: skip
# These start the program anew, so that no tracing tells what they execute.
OUTSIDE = "tests/outside/test_fixtures.py"
# Which tests read the tables of a package.
READERS = (
    ("lossadvisor/contracts/libraries", ("tests/contracts/test_libraries.py", "tests/rules/test_examples.py")),
    ("lossadvisor/contracts", ("tests/contracts", "tests/rules/test_examples.py")),
    ("lossadvisor/checking", ("tests/rules",)),
    ("lossadvisor/catalogue", ("tests/rules",)),
)
TIMED = ("tests/rules/test_catalogue.py::test_reading_all_documents_takes_a_few_milliseconds",)  # too slow when traced
HEAVY = ("torch", "numpy", "libcst", "pytest", "hypothesis", "click", "tomllib", "pathspec")
KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"


@dataclass(slots=True)
class Knowledge:
    """What a run of all tests has shown: which rows of the target files each test executes, and how long it takes."""

    durations: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[int, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))


class Recorder:
    """A pytest plugin that fills a Knowledge."""

    def __init__(self, root: Path) -> None:
        self.known = Knowledge()
        self.prefixes = tuple(str(root / module) + os.sep for module in MODULES)
        self.root = root
        self.test: str | None = None
        self.failed: list[str] = []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.test = nodeid
        sys.settrace(self._call)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        sys.settrace(None)
        self.test = None

    def pytest_runtest_logreport(self, report: Any) -> None:
        durations = self.known.durations
        durations[report.nodeid] = durations.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    def _call(self, frame: FrameType, event: str, _: object) -> Any:
        return self._line if frame.f_code.co_filename.startswith(self.prefixes) else None

    def _line(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and self.test is not None:
            name = os.path.relpath(frame.f_code.co_filename, self.root)
            self.known.rows[name][frame.f_lineno].add(self.test)
        return self._line


class Chosen:
    """A pytest plugin that keeps some tests only, in the given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: number for number, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.order), key=lambda item: self.order[item.nodeid])


def forked(work: Callable[[], Any], seconds: int = 0) -> Any:
    """What `work` returns in a process of its own (it must be JSON), or TIMEOUT; whatever it loads is gone after."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(seconds)
        resource.setrlimit(resource.RLIMIT_DATA, (8 << 30, 8 << 30))
        try:
            with os.fdopen(writing, "w") as pipe:
                json.dump(work(), pipe)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.__stderr__)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else TIMEOUT


def run_tests(files: Iterable[str], plugin: object, first: bool = True) -> int:
    """pytest in this process, silent; its exit status."""
    import pytest

    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    options = ["-q", "-p", "no:cacheprovider", "--no-header", *(f"--deselect={test}" for test in TIMED)]
    if first:
        options.append("-x")
    return int(pytest.main([*options, *sorted(set(files))], plugins=[plugin]))


def learned(root: Path) -> Knowledge:
    """The tests run once, unchanged and traced."""

    def work() -> Any:
        recorder = Recorder(root)
        run_tests(TESTS, recorder, first=False)
        rows = {name: {row: sorted(t) for row, t in per.items()} for name, per in recorder.known.rows.items()}
        return {"durations": recorder.known.durations, "rows": rows, "failed": recorder.failed}

    told = forked(work)
    if told == TIMEOUT or told["failed"]:
        raise SystemExit(f"the tests fail without any change: {told if told == TIMEOUT else told['failed']}")
    known = Knowledge(durations=told["durations"])
    for name, per in told["rows"].items():
        for row, tests in per.items():
            known.rows[name][int(row)] = set(tests)
    return known


def all_mutants(root: Path) -> list[Mutant]:
    """Every mutant of the packages and of the rule documents."""

    def work() -> Any:
        found: list[Mutant] = []
        for module in MODULES:
            for path in sorted((root / module).rglob("*.py")):
                name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
                found += of_module(path, name)
        for path in sorted((root / "rules").glob("*.md")):
            if path.name != "README.md":
                found += of_rule(path)
        return [[str(m.path), m.row, m.start, m.end, m.old, m.new] for m in found]

    return [Mutant(Path(path), *rest) for path, *rest in forked(work)]


def tests_for(mutant: Mutant, root: Path, known: Knowledge) -> list[list[str]]:
    """Rounds of tests: those that execute the row, then, where that says little, the others; the quickest first."""
    name = str(mutant.path.relative_to(root))
    every = sorted(known.durations, key=lambda test: known.durations[test])
    if name.startswith("rules"):
        code = mutant.path.read_text(encoding="utf-8").split("(", 1)[1][:5]
        own = [test for test in every if code in test or ("test_catalogue.py" in test and "[LA" not in test)]
        return [own]
    covering = known.rows.get(name, {}).get(mutant.row, set())
    own = [test for test in every if test in covering]
    if len(own) > 2:  # what is computed once for all tests is executed by one of them
        return [own, [test for test in every if test.startswith(OUTSIDE)]]
    readers = next(tests for prefix, tests in READERS if name.startswith(prefix))
    rest = [test for test in every if test not in covering and test.startswith(readers) and known.durations[test] < 2]
    return [own, sorted(rest, key=lambda test: not test.startswith(readers[0]))]


def judged(mutant: Mutant, rounds: Sequence[Sequence[str]], seconds: int) -> str:
    """Killed, survived or timeout. The file is as it was when this returns."""
    before = mutant.path.read_text(encoding="utf-8")
    if mutant.path.suffix == ".py":
        shutil.rmtree(mutant.path.parent / "__pycache__", ignore_errors=True)
    mutant.path.write_text(mutant.applied(before), encoding="utf-8")
    try:
        for tests in rounds:
            if not tests:
                continue

            def work(tests: Sequence[str] = tests) -> Any:
                sys.dont_write_bytecode = True
                return run_tests((test.partition("::")[0] for test in tests), Chosen(tests))

            status = forked(work, seconds)
            if status == TIMEOUT:
                return TIMEOUT
            if status not in (0, 5):
                return KILLED
        return SURVIVED
    finally:
        mutant.path.write_text(before, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--log", type=Path, help="one JSON line per mutant; those in it already are not tried again")
    parser.add_argument("--seed", type=int, default=0, help="of the order in which mutants are tried")
    parser.add_argument("--again", action="store_true", help="try those of the log that survived, and no others")
    parser.add_argument("--only", action="append", default=[], help="only files whose path starts so")
    parser.add_argument("--limit", type=int, default=120, help="seconds for one round of tests")
    chosen = parser.parse_args()
    log = chosen.log.absolute() if chosen.log else None
    done: dict[str, str] = {}
    if log is not None and log.exists():
        rows = map(json.loads, log.read_text().splitlines())
        done = {row["mutant"]: row["outcome"] for row in rows}  # the last line of a mutant counts
    start = time.monotonic()
    for name in HEAVY:
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name in COPIED:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, root / name)
        os.chdir(root)
        os.environ["PYTHONPATH"] = sys.path[0] = str(root)
        known = learned(root)
        mutants = [m for m in all_mutants(root) if not chosen.only or m.label(root).startswith(tuple(chosen.only))]
        Random(chosen.seed).shuffle(mutants)
        print(f"{len(mutants)} mutants, {len(known.durations)} tests; ready after {time.monotonic() - start:.0f} s")
        for mutant in mutants:
            label = f"{mutant.label(root)} @{mutant.start}"
            if (done.get(label) != SURVIVED) if chosen.again else label in done:
                continue
            if time.monotonic() - start > chosen.seconds:
                break
            done[label] = outcome = judged(mutant, tests_for(mutant, root, known), chosen.limit)
            if log is not None:
                with log.open("a") as file:
                    print(json.dumps({"mutant": label, "outcome": outcome}), file=file)
            if outcome == SURVIVED:
                print(label, flush=True)
        return told(done, len(mutants))


def told(done: dict[str, str], known: int) -> int:
    """Print what became of the mutants, by package; 1 when one survived."""
    by_package: dict[str, Counter[str]] = defaultdict(Counter)
    for label, outcome in done.items():
        by_package["/".join(label.split("/")[:2]) if label.startswith("loss") else "rules"][outcome] += 1
    for package, counts in sorted(by_package.items()):
        print(f"{package}: {sum(counts.values())} tried, " + ", ".join(f"{n} {o}" for o, n in sorted(counts.items())))
    total = Counter(done.values())
    print(f"{len(done)} of {known} mutants tried, {total[SURVIVED]} survived")
    return 1 if total[SURVIVED] else 0


if __name__ == "__main__":
    sys.exit(main())
