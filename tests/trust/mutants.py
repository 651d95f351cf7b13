"""Mutation testing of contracts, checks and rule documents: which small mistakes would no test notice?

    python -m tests.trust.mutants --seconds 3600 --log mutants.jsonl        # a random order, resumable
    python -m tests.trust.mutants --only lossadvisor/checking/proof.py      # all of one file

The repository is copied. A process that has loaded the program and collected the tests puts each mutant in place and
tries it in a fork (`serving`), by the tests that execute its row or read its contract, those first that killed its
neighbours. What cannot be put in place is written into the copy and loaded anew. A mutant that no test fails on is
printed; docs/mutation-testing.md says what became of them. `--again` tries survivors once more, and loads everything
anew for those of tables, because something may have been computed from a table before it was changed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TextIO

from .mutations import Mutant, of_module, of_rule
from .serving import ANEW, KILLED, SAME, SURVIVED, TIMEOUT, Knowledge, Server, forked, vars_of

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("lossadvisor", "rules", "fixtures", "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md", "docs")
MODULES = ("lossadvisor/contracts", "lossadvisor/checking", "lossadvisor/catalogue")
# The tests that look at these packages, run in this process and take seconds, not minutes.
TESTS = ("tests/contracts", "tests/rules", "tests/checking", "tests/false_alarms", "tests/inference",
         "tests/outside/test_documents.py")  # fmt: skip
# Which tests read the tables of a package, where tracing tells nothing: what is executed when a module is loaded.
READERS = (
    ("lossadvisor/contracts/libraries", ("tests/contracts/test_measured_rows.py", "tests/contracts/test_libraries.py",
                                         "tests/rules/test_examples.py")),
    ("lossadvisor/contracts", ("tests/contracts", "tests/rules/test_examples.py")),
    ("lossadvisor/checking", ("tests/checking", "tests/rules")),
    ("lossadvisor/catalogue", ("tests/rules",)),
)  # fmt: skip
TIMED = ("tests/rules/test_catalogue.py::test_reading_all_documents_takes_a_few_milliseconds",)  # too slow when traced
HEAVY = ("torch", "numpy", "libcst", "pytest", "hypothesis", "click", "tomllib", "pathspec")
OUTCOMES = (KILLED, SURVIVED, TIMEOUT, SAME)
FIRST = 300  # tests that are named for one mutant of several; what follows is the same for all
TOGETHER = 20  # mutants of one table that are tried in one process
AROUND = 10  # rows before and after a change in which tests that execute rare ones are looked for


class Chosen:
    """A pytest plugin that keeps some tests only, in the given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: number for number, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.order), key=lambda item: self.order[item.nodeid])


def run_pytest(files: Iterable[str], plugin: object) -> int:
    """pytest in this process, silent; its exit status."""
    import pytest

    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    options = ["-q", "-x", "-p", "no:cacheprovider", "--no-header", *(f"--deselect={test}" for test in TIMED)]
    return int(pytest.main([*options, *sorted(set(files))], plugins=[plugin]))


@dataclass(slots=True)
class Line:
    """The way to the process that serves."""

    out: TextIO
    back: TextIO

    def ask(self, **question: Any) -> Any:
        """The answer to one question; TIMEOUT when the process has gone."""
        print(json.dumps(question), file=self.out, flush=True)
        return json.loads(self.back.readline() or f'"{TIMEOUT}"')


def served(root: Path, tests: Sequence[str]) -> Line:
    """A process that has collected all tests."""
    asked, out = os.pipe()
    back, told = os.pipe()
    if os.fork() == 0:
        try:
            os.close(out)
            os.close(back)
            run_pytest(tests, Server(root, MODULES, asked, told))
        finally:
            os._exit(0)
    os.close(asked)
    os.close(told)
    return Line(os.fdopen(out, "w"), os.fdopen(back))


def digest(root: Path, names: Sequence[str]) -> str:
    """Of these files and folders."""
    told = hashlib.sha256()
    for name in names:
        for path in sorted((root / name).rglob("*")) if (root / name).is_dir() else [root / name]:
            if path.is_file() and "__pycache__" not in path.parts:
                told.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return told.hexdigest()[:16]


def learned(line: Line, root: Path, kept: Path | None, tests: Sequence[str]) -> Knowledge:
    """What the tests read, from a run of them; of those whose file is as before, from the run before.

    That holds as long as no row of what is changed has moved.
    """
    now = {"rows": digest(root, (*MODULES, "rules"))}
    files = [str(path.relative_to(root)) for name in tests for path in _test_files(root / name)]
    now |= {name: digest(root, (name,)) for name in files}
    before: dict[str, Any] = json.loads(kept.read_text()) if kept is not None and kept.exists() else {}
    same = before.pop("digests", {})
    known = Knowledge.read(before) if same.get("rows") == now["rows"] else Knowledge()
    fresh = [name for name in files if same.get("rows") == now["rows"] and same.get(name) == now[name]]
    told = line.ask(ask="learn", known=fresh)
    if told == TIMEOUT or told["failed"]:
        raise SystemExit(f"the tests fail without any change: {told if told == TIMEOUT else told['failed']}")
    known = known.limited(fresh).joined(Knowledge.read(told))
    if kept is not None:
        kept.write_text(json.dumps({"digests": now, **vars_of(known)}))
    line.ask(ask="know", contracts=known.contracts)
    return known


def _test_files(path: Path) -> list[Path]:
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]


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
        return [[str(m.path), m.row, m.start, m.end, m.old, m.new, m.inside] for m in found]

    return [Mutant(Path(path), *rest) for path, *rest in forked(work)]


@dataclass(slots=True)
class Trial:
    """Tries mutants one by one and remembers which tests kill."""

    root: Path
    line: Line
    known: Knowledge
    seconds: float
    thorough: bool = False
    order: list[str] = field(default_factory=list)
    killers: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.order = sorted(self.known.durations, key=lambda test: self.known.durations[test])

    def readers(self, mutant: Mutant) -> list[str]:
        """The tests that can notice it, the most promising first."""
        name = str(mutant.path.relative_to(self.root))
        if name.startswith("rules"):
            code = mutant.path.read_text(encoding="utf-8").split("(", 1)[1][:5]
            found = [test for test in self.order if code in test or ("test_catalogue.py" in test and "[LA" not in test)]
        else:
            found = self._covering(name, mutant)
            readers = next(tests for prefix, tests in READERS if name.startswith(prefix))
            if not mutant.inside or not found:
                more = [test for test in self.order if test.startswith(readers) and self.known.durations[test] < 2]
                found = list(dict.fromkeys([*found, *sorted(more, key=lambda test: not test.startswith(readers[0]))]))
        near = sorted(self.killers[name], key=lambda pair: abs(pair[0] - mutant.row))[:12]
        killers = [test for _, test in near]
        functions = {test.partition("[")[0] for test in killers[:4]}
        ours = set(found)
        first = [test for test in dict.fromkeys(killers) if test in ours]
        kin = [test for test in found if test.partition("[")[0] in functions][:400]
        words = re.findall(r"\w{3,}", mutant.old)[:3]
        named = [test for test in found if any(word in test for word in words)][:200]
        return list(dict.fromkeys([*first, *mixed(named), *kin, *mixed(found)]))

    def _covering(self, name: str, mutant: Mutant) -> list[str]:
        rows = self.known.rows.get(name, {})
        last = mutant.row + mutant.old.count("\n")
        covering = {test for row in range(mutant.row, last + 1) for test in rows.get(row, ())}
        if not covering and mutant.inside:  # a part of a statement that begins above
            covering = set(next((rows[row] for row in range(mutant.row, mutant.row - 12, -1) if row in rows), ()))
        weights = self._near(name, mutant.row)
        cost = self.known.durations
        return sorted((t for t in self.order if t in covering), key=lambda t: -weights.get(t, 0.0) / (0.02 + cost[t]))

    def _near(self, name: str, row: int) -> dict[str, float]:
        """By test, how much of what few others execute it executes around a row."""
        weights: dict[str, float] = defaultdict(float)
        rows = self.known.rows.get(name, {})
        for other in range(row - AROUND, row + AROUND + 1):
            tests = rows.get(other, ())
            for test in tests:
                weights[test] += 1 / len(tests)
        return weights

    def outcomes(self, mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, str, str]]:
        """What became of mutants that are of one file and all of tables, or one alone; with the test that killed it."""
        text = mutants[0].path.read_text(encoding="utf-8")
        tests = [self.readers(mutant) for mutant in mutants]
        left = list(zip(mutants, tests, strict=True))
        while left:
            mutant, first = left[0]
            if mutant.inside and not self._covering(str(mutant.path.relative_to(self.root)), mutant):
                told: Any = [[ANEW, ""]]  # executed while modules are loaded, or never
            else:
                several = [[m.applied(text), found[:FIRST]] for m, found in left]
                told = self.line.ask(ask="try", path=str(mutant.path), mutants=several, inside=mutant.inside,
                                     tests=first, seconds=self.seconds)  # fmt: skip
            if told == TIMEOUT:
                told = [[TIMEOUT, ""]]
                if len(left) > 1:  # one of them, nobody knows which
                    for one, _ in left:
                        yield from self.outcomes([one])
                    return
            for (one, found), (outcome, killer) in zip(left, told, strict=False):
                yield one, *self.settled(one, one.applied(text), found, outcome, killer)
            left = left[len(told) :]

    def settled(self, mutant: Mutant, text: str, tests: Sequence[str], outcome: str, killer: str) -> tuple[str, str]:
        """The outcome, after everything was loaded anew where that is necessary."""
        unsure = self.thorough and outcome == SURVIVED and (not mutant.inside or mutant.row not in self._rows(mutant))
        if outcome == ANEW or (unsure and mutant.path.suffix == ".py"):
            return self.anew(mutant, text, tests), "anew"
        if outcome == KILLED and killer in self.known.durations:
            self.killers[str(mutant.path.relative_to(self.root))].append((mutant.row, killer))
        return outcome, killer

    def _rows(self, mutant: Mutant) -> dict[int, list[str]]:
        return self.known.rows.get(str(mutant.path.relative_to(self.root)), {})

    def anew(self, mutant: Mutant, text: str, tests: Sequence[str]) -> str:
        """Everything loaded again with the change, then as many of the tests as the time allows."""
        left, some = self.seconds, []
        for test in tests:
            cost = self.known.durations[test] + 0.005
            if cost < min(left, self.seconds / 5):  # one slow test must not keep out a hundred others
                left -= cost
                some.append(test)
        before = mutant.path.read_text(encoding="utf-8")
        shutil.rmtree(mutant.path.parent / "__pycache__", ignore_errors=True)
        mutant.path.write_text(text, encoding="utf-8")

        def work() -> int:
            sys.dont_write_bytecode = True
            return run_pytest((test.partition("::")[0] for test in some), Chosen(some))

        try:
            status = forked(work, int(4 * self.seconds) + 30)
        finally:
            mutant.path.write_text(before, encoding="utf-8")
        if status == TIMEOUT:
            return TIMEOUT
        return SURVIVED if status in (0, 5) else KILLED


def mixed(tests: Sequence[str]) -> list[str]:
    """The first of every test function, then the second of every one, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for test in tests:
        name = test.partition("[")[0]
        turns.append(seen[name])
        seen[name] += 1
    return [test for _, test in sorted(zip(turns, tests, strict=True), key=lambda pair: pair[0])]


def label_of(mutant: Mutant, root: Path) -> str:
    """One line that names the mutant, the same in every run on the same text."""
    return f"{mutant.label(root)} @{mutant.start}"


def tried(trial: Trial, mutants: Sequence[Mutant], end: float) -> Iterator[tuple[str, str, str]]:
    """Label, outcome and killer of each until the time is over."""
    done: set[int] = set()
    tables: dict[Path, list[int]] = defaultdict(list)
    for number, mutant in enumerate(mutants):
        if not mutant.inside and mutant.path.suffix == ".py":
            tables[mutant.path].append(number)
    for number, mutant in enumerate(mutants):
        if number in done or time.monotonic() > end:
            continue
        group = [number]
        if number in tables.get(mutant.path, ()):
            group = [other for other in tables[mutant.path] if other not in done][:TOGETHER]
        done.update(group)
        for one, outcome, killer in trial.outcomes([mutants[other] for other in group]):
            yield label_of(one, trial.root), outcome, killer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--log", type=Path, help="one JSON line per mutant; those in it already are not tried again")
    parser.add_argument("--knowledge", type=Path, help="where to keep what the tests read, for the next run")
    parser.add_argument("--seed", type=int, default=0, help="of the order in which mutants are tried")
    parser.add_argument("--again", action="store_true", help="try those of the log that survived, and no others")
    parser.add_argument("--only", action="append", default=[], help="only files whose path starts so")
    parser.add_argument("--sample", type=int, help="at most so many")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="files and folders of tests")
    parser.add_argument("--limit", type=float, default=4, help="seconds of tests for one mutant")
    chosen = parser.parse_args()
    log, kept = (path.absolute() if path else None for path in (chosen.log, chosen.knowledge))
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
        line = served(root, chosen.tests)
        trial = Trial(root, line, learned(line, root, kept, chosen.tests), chosen.limit, chosen.again)
        mutants = [m for m in all_mutants(root) if not chosen.only or m.label(root).startswith(tuple(chosen.only))]
        Random(chosen.seed).shuffle(mutants)
        mutants = mutants[: chosen.sample]
        left = [m for m in mutants if (done.get(label_of(m, root)) == SURVIVED if chosen.again
                                       else label_of(m, root) not in done)]  # fmt: skip
        print(f"{len(left)} of {len(mutants)} mutants to try, {len(trial.order)} tests; "
              f"ready after {time.monotonic() - start:.0f} s", flush=True)  # fmt: skip
        for label, outcome, killer in tried(trial, left, start + chosen.seconds):
            done[label] = outcome
            if log is not None:
                with log.open("a") as file:
                    print(json.dumps({"mutant": label, "outcome": outcome, "by": killer}), file=file)
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
