
"""Whatever bytes come in: no traceback, a finding or one clear line each, in bounded time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .hostile import TooSlow, files, judge, mutated, mutations, survey, within

ROOT = Path(__file__).resolve().parents[2]
STDLIB_TESTS = Path(sysconfig.get_path("stdlib")) / "test"
GUILTY = "import torch.nn.functional as F\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"


def run(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The command line as users run it; a traceback fails the test."""
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", *args],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", **env},
        timeout=120,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    assert done.returncode in (0, 1, 2), done.stderr
    return done


def check(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return run("check", "--no-cache", "--output-format", "json", *(args or (".",)), cwd=folder)


def test_time_is_that_of_the_processor() -> None:
    with within(1):
        time.sleep(1.2)  # nobody computes
    with pytest.raises(TooSlow), within(1):
        while True:
            pass


def codes(done: subprocess.CompletedProcess[str]) -> set[tuple[str, str]]:
    return {(Path(row["filename"]).name, row["code"]) for row in json.loads(done.stdout)}


def test_files_of_the_standard_library_and_mutations() -> None:
    folder = STDLIB_TESTS if STDLIB_TESTS.is_dir() else Path(sysconfig.get_path("stdlib"))
    some = [item for number, item in enumerate(files([folder])) if number % 40 == 0]
    seen = survey([*some, *mutations(some[::2], 1)], seconds=20, whole=True)
    assert (seen.crashes, seen.slow) == ([], [])
    assert seen.files >= len(some)


def test_mutations_of_programs_with_losses() -> None:
    texts = [(str(path), path.read_bytes()) for path in sorted((ROOT / "rules").glob("*.md"))[::6]]
    seen = survey(mutations(texts, 2), seconds=20)
    assert (seen.crashes, seen.slow) == ([], [])


DEEP = {
    "parentheses": "(" * 10_000 + ")" * 10_000,
    "open": "(" * 10_000,
    "lists": "x = " + "[" * 5_000 + "]" * 5_000,
    "nots": "x = " + "not " * 10_000 + "y",
    "minus": "x = " + "-" * 20_000 + "1",
    "sum": "x = " + "+".join(["1"] * 20_000),
    "attributes": "x" + ".a" * 20_000,
    "calls": "f" + "()" * 10_000,
    "subscripts": "x" + "[0]" * 10_000,
    "lambdas": "x = " + "lambda: " * 5_000 + "1",
    "ifs": "".join("    " * min(i, 95) + "if x:\n" for i in range(95)) + "    " * 95 + "pass",
    "elifs": "if a: pass\n" + "elif a: pass\n" * 5_000,
    "ternaries": "x = " + "a if b else " * 5_000 + "c",
    "strings": "x = " + "'a' " * 50_000,
    "decorators": "@f\n" * 5_000 + "def g(): pass",
    "chain": "x = " + "a = " * 5_000 + "b",
    "comparison": "x = " + " < ".join(["a"] * 10_000),
    "and": "x = " + " and ".join(["a"] * 20_000),
    "powers": "x = " + "**".join(["9"] * 3_000),
    "digits": "x = " + "9" * 100_000,
    "fstrings": "x = " + "f'{" * 90 + "x" + "}'" * 90,
    "softmaxes": "import torch.nn.functional as F\nloss = F.cross_entropy("
    + "F.softmax(" * 900
    + "x"
    + ", 1)" * 900
    + ", y)",
    "word": "x = '" + "a" * 1_000_000 + "'",
    "words": "x = '" + "a." * 300_000 + "'",
    "openings": "x = '" + "x[" * 300_000 + "'\nx.f(y)",
    "keys": "x" + "['a']" * 5_000 + ".requires_grad = 1",
    "calls in a string": "x = '" + "f(" * 300_000 + "'",
    "sequential": "import torch.nn as nn\nm = "
    + "nn.Sequential(" * 900
    + "nn.Linear(2, 2)"
    + ")" * 900
    + "\nloss = nn.CrossEntropyLoss()(m(x), y)",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting(name: str) -> None:
    start = time.process_time()
    judge((GUILTY + DEEP[name] + "\n").encode(), f"{name}.py", whole=True)
    judge((DEEP[name] + "\n" + GUILTY).encode(), f"{name}.py")
    assert time.process_time() - start < 20


RECURSIVE = (
    "def f(x):\n    return f(x)\nloss = F.cross_entropy(f(x), y)\n",
    "def f(x):\n    return g(x)\ndef g(x):\n    return f(f(x))\nloss = F.cross_entropy(f(g(x)), y)\n",
    "class A(A):\n    pass\nclass B(A, B):\n    pass\nloss = F.cross_entropy(B()(x), y)\n",
    "x = []\nx.append(x)\nx = (x, x)\nloss = F.cross_entropy(x, x)\n",
    "d = {}\nd['d'] = d\nd.update(d)\nloss = F.cross_entropy(**d)\n",
    (
        "class N(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.n = N()\n"
        "    def forward(self, x):\n        return self.n(x)\nloss = F.cross_entropy(N()(x), y)\n"
    ),
    "f = lambda g: g(g)\nloss = F.cross_entropy(f(f), y)\n",
    (
        "class P(nn.Module):\n    @property\n    def q(self):\n        return self.q\n    def __getattr__(self, n):\n"
        "        return getattr(self, n)\nloss = F.cross_entropy(P().q, y)\n"
    ),
    (
        "while True:\n    x = F.softmax(x, 1)\n    while True:\n        while True:\n"
        "            loss = F.cross_entropy(x, y)\n"
    ),
    "m = nn.Sequential()\nm.append(m)\nm.train()\nm.apply(m)\nloss = F.cross_entropy(m(x), y)\n",
    "for a in range(10**9):\n    for b in range(10**9):\n        x = x + [a] * 10**9\nloss = F.cross_entropy(x, y)\n",
    "x = 'a' * 10**10\ny = 10 ** 10 ** 10\nz = 1 << 10**9\nloss = F.cross_entropy(x, y)\n",
    "def d(f):\n    return d(f)\n@d\ndef g(x):\n    return x\nloss = F.cross_entropy(g(x), y)\n",
    (
        "from hostile import *\nfrom . import *\nfrom .hostile import hostile\nimport hostile\n"
        "loss = F.cross_entropy(hostile.hostile, y)\n"
    ),
    "h = nn.Linear(2, 2)\nh.register_forward_hook(h)\nh.forward = h\nloss = F.cross_entropy(h(x), y)\n",
)


@pytest.mark.parametrize("number", range(len(RECURSIVE)))
def test_programs_that_go_round_in_circles(number: int) -> None:
    start = time.perf_counter()
    text = "import torch.nn as nn\nimport torch.nn.functional as F\n" + RECURSIVE[number]
    judge(text.encode(), "hostile.py", whole=True)
    assert time.perf_counter() - start < 20


NOTEBOOKS = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"{}",
    b'{"cells": 3}',
    b'{"cells": [3, null, []]}',
    b"[" * 100_000,
    b'{"cells": [{"cell_type": "code", "source": 5}]}',
    b'{"cells": [{"cell_type": "code", "source": [1, null]}]}',
    b'{"cells": [{"cell_type": "code", "source": "x = ("}], "metadata": 7}',
    b'{"worksheets": [{"cells": {}}, 3]}',
    b'{"cells": [{"cell_type": "code"}], "metadata": {"kernelspec": []}}',
    b'{"a":' * 100_000,
    b"\xef\xbb\xbf{}",
    b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}',
    b'{"cells": [{"cell_type": "code", "source": "\\u0000"}]}',
    b'{"cells": [' + b'{"cell_type": "code", "source": "%%x\\n!y"},' * 2_000 + b"{}]}",
    b'{"cells": NaN}',
    b'{"cells": 1e999}',
    b'{"cells": ' + b"9" * 10_000 + b"}",
)


@pytest.mark.parametrize("number", range(len(NOTEBOOKS)))
def test_what_is_no_notebook(number: int) -> None:
    judge(NOTEBOOKS[number], "hostile.ipynb", whole=True)


def test_notebooks_cut_anywhere() -> None:
    cell = {"cell_type": "code", "source": GUILTY.splitlines(keepends=True), "metadata": {}, "outputs": []}
    whole = json.dumps({"cells": [cell, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    assert judge(whole, "whole.ipynb") == 2
    for end in range(0, len(whole), 7):
        assert judge(whole[:end], "cut.ipynb") == 1  # LA902


BYTES = (
    b"\0",
    b"x = 1\0\n",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf\xef\xbb\xbfx",
    b"# coding: nonsense\nx\n",
    b"# coding: utf-16\nx\n",
    b"# coding: rot13\nx\n",
    b"# coding: hex\nx\n",
    b"# -*- coding: idna -*-\nx\n",
    b"# coding: punycode\n\xff\n",
    b"# coding: unicode_escape\n\\x00\n",
    b"# coding: utf-7\n+AAA-\n",
    b"\r\r\n\r",
    b"\x0c\x0c",
    b"\xe9 = 1\n",
    b"# coding: raw_unicode_escape\n\\ud800\n",
    "\u2028x = 1\u2029".encode(),
    b"\x1a",
    b"\\",
    b"'''",
    b"x = '\\N{nonsense}'",
    b"\t if x:\n        y\n",
    b"def f():\n",
    b"# coding: mbcs\n",
    b"# coding: oem\n",
    b"# coding: undefined\nx\n",
)


@pytest.mark.parametrize("number", range(len(BYTES)))
@pytest.mark.parametrize("suffix", [".py", ".pyi", ".md", ".ipynb"])
def test_odd_bytes(number: int, suffix: str) -> None:
    judge(BYTES[number], "odd" + suffix, whole=True)
    judge(BYTES[number] + b"\n" + GUILTY.encode(), "odd" + suffix, whole=True)


_NAMES = st.sampled_from(["x", "y", "f", "F", "nn", "torch", "self", "model", "loss"])
_ATOMS = st.one_of(
    _NAMES,
    st.integers(-3, 300).map(str),
    st.sampled_from(["None", "...", "'a'", "[]", "{}", "()", "1.5", "True", "b''", "f'{x}'"]),
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = st.lists(inner, max_size=3).map(", ".join)
    called = st.sampled_from(
        [
            "F.softmax",
            "F.cross_entropy",
            "nn.Sequential",
            "nn.Linear",
            "nn.BCELoss()",
            "torch.cat",
            "f",
            "model",
            "super()",
            "getattr",
            "dict",
            "sum",
            "map",
            "partial",
            "nn.ModuleList",
            "x.view",
            "F.one_hot",
        ]
    )
    return st.one_of(
        st.tuples(called, some).map(lambda pair: f"{pair[0]}({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]})[{pair[1]}]"),
        inner.map(lambda one: f"(lambda x, *y: {one})"),
        st.tuples(
            inner,
            st.sampled_from(["+", "@", "**", "and", "if x else", "<", "is not", "in", "//", ":=", "or", "%"]),
            inner,
        ).map(lambda three: f"({' '.join(three)})"),
        st.tuples(
            inner,
            st.sampled_from(
                [
                    "softmax(1)",
                    "detach()",
                    "shape",
                    "append(x)",
                    "items()",
                    "pop()",
                    "T",
                    "forward",
                    "__class__",
                    "sigmoid_()",
                    "data",
                    "apply(f)",
                ]
            ),
        ).map(lambda pair: f"({pair[0]}).{pair[1]}"),
        some.map(lambda one: f"[{one}]"),
        some.map(lambda one: f"({one},)" if one else "()"),
        st.tuples(inner, inner).map(lambda pair: f"[{pair[0]} for x in {pair[1]} if x]"),
        st.tuples(inner, inner).map(lambda pair: f"{{{pair[0]}: {pair[1]}}}"),
        st.tuples(_NAMES, inner).map(lambda pair: f"f(*{pair[0]}, **{pair[1]})"),
    )


_EXPRESSIONS = st.recursive(_ATOMS, _wider, max_leaves=12)
_SIMPLE = st.one_of(
    st.tuples(_NAMES, _EXPRESSIONS).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.tuples(_NAMES, _EXPRESSIONS).map(lambda pair: f"{pair[0]} += {pair[1]}"),
    _EXPRESSIONS,
    st.sampled_from(
        [
            "pass",
            "break",
            "continue",
            "return x",
            "global x",
            "del x",
            "del x[0]",
            "import torch as nn",
            "raise",
            "x.a = y",
            "x[0], *y = x",
            "yield x",
            "await x",
        ]
    ),
    st.tuples(_EXPRESSIONS, _EXPRESSIONS).map(lambda pair: f"loss = F.cross_entropy({pair[0]}, {pair[1]})"),
)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(
        lambda rows: "\n".join("    " + row for text in rows for row in text.split("\n"))
    )
    head = st.sampled_from(
        [
            "if x:",
            "while x:",
            "for x in y:",
            "def f(x, *y, z=1, **w):",
            "class f(nn.Module):",
            "with x as y:",
            "try:",
            "async def f(x):",
            "@f\ndef model(self):",
            "match x:\n  case 1:",
            "while True:",
            "for x, y in f:",
            "class x(x):",
            "def forward(self, x):",
        ]
    )
    return st.tuples(head, body).map(
        lambda pair: (
            pair[0] + "\n" + pair[1] + ("\nexcept f as y:\n    pass\nelse:\n    x" if pair[0] == "try:" else "")
        )
    )


_PROGRAMS = st.lists(st.recursive(_SIMPLE, _blocks, max_leaves=8), max_size=6).map("\n".join)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(_PROGRAMS)
def test_programs_of_a_grammar(text: str) -> None:
    judge(
        ("import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n" + text + "\n").encode(),
        "made.py",
        whole=True,
    )


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200), st.sampled_from([".py", ".md", ".ipynb"]), st.integers(0, 1000))
def test_any_bytes(data: bytes, suffix: str, seed: int) -> None:
    judge(data, "made" + suffix, whole=True)
    judge(mutated(data + GUILTY.encode(), Random(seed)), "made" + suffix, whole=True)


# --- the command line on odd folders ------------------------------------------------------------------------------


def test_one_bad_file_harms_no_other(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GUILTY)
    (tmp_path / "null.py").write_bytes(b"\0\0\0")
    (tmp_path / "deep.py").write_text("(" * 10_000 + ")" * 10_000)
    (tmp_path / "open.py").write_text("def f(:\n")
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    (tmp_path / "new\nline.py").write_text(GUILTY)
    (tmp_path / "quote'\" `$(x).py").write_text(GUILTY)
    (tmp_path / "dir.py").mkdir()
    os.symlink(tmp_path, tmp_path / "loop")
    os.symlink(tmp_path / "a.py", tmp_path / "b.py")
    os.symlink(tmp_path / "b.py", tmp_path / "a.py")
    os.symlink("/dev/zero", tmp_path / "zero.py")
    done = check(tmp_path)
    found = codes(done)
    assert {("good.py", "LA101"), ("new\nline.py", "LA101"), ("open.py", "LA900"), ("null.py", "LA902")} <= found
    assert any(name == "broken.ipynb" for name, _ in found)
    for output in ("full", "concise", "github", "gitlab", "sarif", "junit", "json-lines"):
        run("check", "--no-cache", "--output-format", output, ".", cwd=tmp_path)
    run("losses", ".", cwd=tmp_path)


def test_a_name_with_a_newline_stays_on_one_line(tmp_path: Path) -> None:
    """Nobody can write lines of his own into the report by naming a file."""
    (tmp_path / "x\n::error file=a,line=1::owned\nb.py").write_text(GUILTY)
    for output in ("concise", "github"):
        done = run("check", "--no-cache", "--output-format", output, ".", cwd=tmp_path)
        assert not any(line.startswith("::error file=a,line=1") for line in done.stdout.splitlines()), done.stdout


def test_very_long_lines_and_very_large_files(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = [" + "1, " * 1_500_000 + "]\n")
    (tmp_path / "huge.py").write_text("x = '" + "a" * 10_000_000 + "'\n")
    (tmp_path / "good.py").write_text(GUILTY)
    start = time.perf_counter()
    done = check(tmp_path)
    assert ("good.py", "LA101") in codes(done)
    assert done.returncode == 2
    assert "huge.py" in done.stderr and len(done.stderr.splitlines()) == 1
    assert time.perf_counter() - start < 60


def test_folders_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GUILTY)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.py").write_text(GUILTY)
    (tmp_path / "closed.py").write_text(GUILTY)
    os.chmod(tmp_path / "secret", 0)
    os.chmod(tmp_path / "closed.py", 0)
    try:
        done = check(tmp_path)
        assert ("good.py", "LA101") in codes(done)
        if os.geteuid() != 0:
            assert "secret" in done.stderr and "closed.py" in done.stderr
            assert done.returncode == 2
    finally:
        os.chmod(tmp_path / "secret", 0o700)


def test_missing_paths_are_one_line_each(tmp_path: Path) -> None:
    done = check(tmp_path, "nothing.py", "no\0thing.py".replace("\0", "?"), "x" * 5_000)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 3


def test_files_that_change_and_vanish_while_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lossadvisor.config import Settings
    from lossadvisor.engine import run as engine

    for number in range(6):
        (tmp_path / f"m{number}.py").write_text(GUILTY)
    real = engine.load

    def racing(path: Path, filename: str, size_limit: int) -> object:
        if path.name == "m2.py":
            path.unlink()
        if path.name == "m4.py":
            path.unlink()
            path.mkdir()
        return real(path, filename, size_limit)

    monkeypatch.setattr(engine, "load", racing)
    report = engine.analyse(["."], Settings(cache=False), tmp_path)
    assert len(report.problems) == 2
    assert {finding.span.filename for finding in report.findings} == {"m0.py", "m1.py", "m3.py", "m5.py"}
