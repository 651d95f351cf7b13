"""A process that has collected all tests tries mutants: each in a fork, by the tests that can notice it, one by one.

pytest is started once; instead of running the tests it serves requests (`Server` is a plugin). What each test reads is
learned in a first fork: the rows of code that it executes, and the contracts whose fields it asks for.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from .patching import Unpatchable, replace_code, replace_names

KILLED, SURVIVED, TIMEOUT, ANEW, SAME = "killed", "survived", "timeout", "anew", "equivalent"


@dataclass(slots=True)
class Knowledge:
    """What a run of all tests has shown."""

    durations: dict[str, float] = field(default_factory=dict)
    rows: dict[str, dict[int, list[str]]] = field(default_factory=dict)  # of the target files, by test
    contracts: dict[str, list[str]] = field(default_factory=dict)  # whose fields are read, by test
    failed: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, told: dict[str, Any]) -> Knowledge:
        """From JSON, where keys are words."""
        rows = {name: {int(row): tests for row, tests in per.items()} for name, per in told["rows"].items()}
        return cls(told["durations"], rows, told["contracts"], told["failed"])

    def limited(self, files: Sequence[str]) -> Knowledge:
        """What is known of the tests in these files."""
        kept = {test for test in self.durations if test.partition("::")[0] in set(files)}
        rows = {name: {row: [t for t in tests if t in kept] for row, tests in per.items()}
                for name, per in self.rows.items()}  # fmt: skip
        contracts = {name: [test for test in tests if test in kept] for name, tests in self.contracts.items()}
        return Knowledge({test: time for test, time in self.durations.items() if test in kept}, rows, contracts)

    def joined(self, other: Knowledge) -> Knowledge:
        """With what is known of other tests."""
        rows = {name: {row: [*self.rows.get(name, {}).get(row, ()), *other.rows.get(name, {}).get(row, ())]
                       for row in self.rows.get(name, {}).keys() | other.rows.get(name, {}).keys()}
                for name in self.rows.keys() | other.rows.keys()}  # fmt: skip
        contracts = {name: [*self.contracts.get(name, ()), *other.contracts.get(name, ())]
                     for name in self.contracts.keys() | other.contracts.keys()}  # fmt: skip
        return Knowledge({**self.durations, **other.durations}, rows, contracts, [*self.failed, *other.failed])


class Learner:
    """Runs every test once, traced."""

    def __init__(self, root: Path, prefixes: Sequence[str]) -> None:
        self.root = root
        self.prefixes = tuple(str(root / prefix) + os.sep for prefix in prefixes)
        self.rows: dict[str, dict[int, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
        self.contracts: dict[str, dict[str, None]] = defaultdict(dict)
        self.test = ""

    def learned(self, items: Sequence[Any]) -> Knowledge:
        """What all items read."""
        from lossadvisor.contracts import Contract

        plain = object.__getattribute__

        def watched(contract: Any, name: str) -> Any:
            self.contracts[plain(contract, "id")][self.test] = None
            return plain(contract, name)

        Contract.__getattribute__ = watched  # type: ignore[method-assign]
        known = Knowledge()
        for item in items:
            self.test = item.nodeid
            sys.settrace(self._call)
            try:
                start = time.perf_counter()
                passed = _passes(item)
                known.durations[item.nodeid] = time.perf_counter() - start
            finally:
                sys.settrace(None)
            if not passed:
                known.failed.append(item.nodeid)
        known.rows = {name: {row: list(tests) for row, tests in per.items()} for name, per in self.rows.items()}
        known.contracts = {name: list(tests) for name, tests in self.contracts.items()}
        return known

    def _call(self, frame: FrameType, event: str, _: object) -> Any:
        return self._line if frame.f_code.co_filename.startswith(self.prefixes) else None

    def _line(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            self.rows[os.path.relpath(frame.f_code.co_filename, self.root)][frame.f_lineno][self.test] = None
        return self._line


def _passes(item: Any) -> bool:
    from _pytest.runner import runtestprotocol

    given = getattr(getattr(item, "callspec", None), "params", {})
    marked = any(mark.name in ("xfail", "skip", "skipif") for mark in item.iter_markers())
    if item.cls is None and set(item.fixturenames) == set(given) and not marked:
        try:  # no fixture takes part: its arguments are all that it needs
            item.obj(**given)
        except BaseException as error:
            return type(error).__name__ == "Skipped"
        return True
    return not any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


class Server:
    """A pytest plugin: lines of JSON come in, one answer goes out for each, until the pipe is closed."""

    def __init__(self, root: Path, prefixes: Sequence[str], asked: int, told: int) -> None:
        self.root, self.prefixes = root, prefixes
        self.asked, self.told = asked, told
        self.caches: list[Any] = []
        self.readers: dict[str, set[str]] = {}  # the tests that ask for a field of a contract

    def pytest_runtestloop(self, session: Any) -> bool:
        """Instead of running the tests."""
        items = {item.nodeid: item for item in session.items}
        gc.collect()
        self.caches = [
            one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)
            and str(one.__module__).startswith("lossadvisor") and one.__name__ not in ("headings", "rule", "rules")
        ]  # fmt: skip
        gc.freeze()
        with os.fdopen(self.asked) as questions, os.fdopen(self.told, "w") as answers:
            for line in questions:
                answer = self.answered(json.loads(line), items)
                print(json.dumps(answer), file=answers, flush=True)
        return True

    def answered(self, question: dict[str, Any], items: dict[str, Any]) -> Any:
        """Either what the tests that are not known read, or the outcome of one mutant with the test that killed it."""
        if question["ask"] == "learn":
            known = set(question["known"])
            asked = [item for test, item in items.items() if test.partition("::")[0] not in known]
            return forked(lambda: vars_of(Learner(self.root, self.prefixes).learned(asked)))
        if question["ask"] == "know":
            self.readers = {name: set(tests) for name, tests in question["contracts"].items()}
            gc.freeze()
            return None
        limit = int(20 * question["seconds"] + 60) * len(question["mutants"])
        return forked(lambda: self.tried_in_turn(question, items), limit)

    def tried_in_turn(self, question: dict[str, Any], items: dict[str, Any]) -> list[list[str]]:
        """In a fork: one mutant of a file after the other, as long as each could be taken back."""
        path, told = Path(question["path"]), []
        before = path.read_text(encoding="utf-8")
        for text, first in question["mutants"]:
            tests = list(dict.fromkeys([*first, *question["tests"]]))
            told.append(self.tried(path, text, question, tests, items))
            if told[-1][0] == ANEW or len(told) == len(question["mutants"]):
                break
            try:
                self.changed(path, before, question["inside"])
            except BaseException:
                break
        return told

    def tried(
        self, path: Path, text: str, question: dict[str, Any], tests: list[str], items: dict[str, Any]
    ) -> list[str]:
        """Put the change in place, then run the tests until one fails."""
        end = time.process_time() + question["seconds"]  # whatever else runs on the machine
        try:
            changed = self.changed(path, text, question["inside"])
        except Unpatchable:
            return [ANEW, ""]
        except BaseException as error:  # the changed module cannot be loaded: every test would fail
            return [KILLED, type(error).__name__]
        if changed is not None:
            if not changed:
                return [SAME, ""]
            read = set().union(*(self.readers.get(name, ()) for name in changed))
            tests = [test for test in tests if test in read]
        for test in tests:
            if time.process_time() > end:
                return [SURVIVED, "out of time"]
            if not _passes(items[test]):
                return [KILLED, test]
        return [SURVIVED, ""]

    def changed(self, path: Path, text: str, inside: bool) -> list[str] | None:
        """The ids of the contracts that were changed, or None where it is not contracts alone."""
        for cache in self.caches:
            cache.cache_clear()
        if path.suffix == ".md":
            return None if self.replace_rule(path, text) else []
        name = ".".join(path.relative_to(self.root).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        if inside:
            replace_code(module, text)
            return None
        rows, others = replace_names(module, text)
        if rows:
            self.look_up_again()
        return None if others or not path.is_relative_to(self.root / "lossadvisor/contracts") else rows

    @staticmethod
    def look_up_again() -> None:
        """The names of rows may have changed."""
        from lossadvisor.contracts import TORCH, by_id, by_name, table

        for lookup, keys in ((by_id, table._ids), (by_name, table._names)):
            lookup._torch = keys(TORCH)
            lookup._others = None

    @staticmethod
    def replace_rule(path: Path, text: str) -> bool:
        """The rule that every test holds says what the changed document says; whether that means anything else."""
        from lossadvisor.catalogue import headings, rules
        from lossadvisor.catalogue.headings import heading
        from lossadvisor.catalogue.parsing import parse

        new = parse(path, text)
        (old,) = (rule for rule in rules() if rule.name == path.stem)
        differs = meaning(old) != meaning(new)
        (head,) = (one for one in headings() if one.path == old.path)
        for before, after in ((old, new), (head, heading(path, text))):
            for name in dataclass_fields(before):
                object.__setattr__(before, name, getattr(after, name))
        return differs


def meaning(rule: Any) -> list[Any]:
    """What a rule says, its match as the cells of the contracts that it names under their defaults and switches."""
    from lossadvisor.contracts import CONTRACTS
    from lossadvisor.values import Domain

    cells = [
        [match.relation.value, sorted(match.causes), sorted(match.options.items()), [
            (contract.id, port.name, want.value, domain.value)
            for contract in CONTRACTS for port in contract.ports if match.of(contract, port)
            for want in {port.want, *(one.want for one in contract.switches if one.port == port.name)}
            if want in match.wants for domain in Domain if domain in match.got
        ]]
        for match in rule.match
    ]  # fmt: skip
    told = [getattr(rule, name) for name in dataclass_fields(rule) if name not in ("body", "match")]
    return [told, [[*one[:-1], sorted(one[-1])] for one in cells]]


def dataclass_fields(value: Any) -> list[str]:
    """The names of the fields."""
    return list(value.__dataclass_fields__)


def vars_of(known: Knowledge) -> dict[str, Any]:
    """As JSON."""
    return {name: getattr(known, name) for name in dataclass_fields(known)}


def forked(work: Callable[[], Any], seconds: int = 0) -> Any:
    """What `work` returns in a process of its own (it must be JSON), or TIMEOUT; whatever it loads is gone after."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
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
