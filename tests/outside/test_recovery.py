"""Python 2 and broken files: mended or blanked, rows kept, one problem told."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scratch import notebook

from lossadvisor.source import load_text

PYTHON2 = '''import torch
def f(a, (b, c)):
    print "x", a
    print >>f, "y %d" % (
        3)
    try:
        raise E, "m"
    except (A, B), e:
        exec "x" in d
    if a <> 0777: print `a`,
    print
    print("hi")
    x.cuda(async=True)
    z = ur"abc" + 10L
    return lambda (k, v): k
'''


def test_python2_is_read_row_by_row() -> None:
    document = load_text(PYTHON2, "old.py")
    (problem,) = document.problems
    assert problem.kind == "syntax"
    rows = document.text.split("\n")
    assert len(rows) == len(PYTHON2.split("\n"))
    assert rows[2] == '    print("x", a)'
    assert rows[7] == "    except (A, B) as e:"
    assert rows[12] == "    x.cuda(asynk=True)"
    function = document.parse().body[1]
    assert isinstance(function, ast.FunctionDef)
    assert [argument.arg for argument in function.args.args] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('print"a"', 'repr("a")'),
        ("print a; print b", "print(a); print(b)"),
        ("if a: print b # c", "if a: print(b) # c"),
        ("raise E, 'x', tb\n", "raise E         \n"),
        ("x = 0xFFL", "x = 0xFF "),
        ("def f():\n  x = 1\n\ty = 2\n", "def f():\n  x = 1\n        y = 2\n"),
    ],
)
def test_one_old_spelling(old: str, new: str) -> None:
    document = load_text(old, "old.py")
    assert document.problems
    if "\t" in old:  # two depths in one block: beyond mending, and still no crash
        assert document.text.count("\n") == old.count("\n")
    else:
        assert document.text == new


def test_tabs_and_spaces_as_python2_counted_them() -> None:
    document = load_text("if a:\n        x = 1\n\ty = 2\n", "old.py")
    assert document.text == "if a:\n        x = 1\n        y = 2\n"


def test_a_broken_statement_does_not_hide_the_others() -> None:
    text = "import torch\nx = 1\ndef g(:\n    pass\n\nclass A:\n    def f(self): return 1\ny = (\n<<<<<<< HEAD\nz = 3\n"
    text += "def last(): return 4\n"
    document = load_text(text, "broken.py")
    (problem,) = document.problems
    assert problem.row == 3
    names = [node.name for node in document.parse().body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    assert names == ["A", "last"]
    assert document.text.count("\n") == text.count("\n")


@pytest.mark.parametrize("text", ["", "\n", "(" * 500, "def", "'''", "x = [\n" * 50, "\\", "if x:\n\\\n"])
def test_any_text_ends_as_text_that_parses(text: str) -> None:
    document = load_text(text, "any.py")
    ast.parse(document.text)
    assert document.text.count("\n") == text.count("\n")


PIECES = st.sampled_from([
    "def f(x):", "class A:", "if x:", "else:", "print", "print >>f,", "exec", "raise E,", "except E, e:",
    "lambda (a, b):", "async", "0777", "10L", "<>", "`", "ur'", "'", '"""', "(", ")", "[", "]", "{", "}", ",", ";", ":",
    "\\\n", "\n", "\n    ", "\n\t", "    ", "\t", " ", "x", "y = 1", "return", "@", "#", "# noqa", "%", "!", "?",
    "\f", "é", "日", "\u2028", "\ufffd", 'f"{',
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_no_text_is_too_odd(text: str) -> None:
    document = load_text(text, "any.py")
    ast.parse(document.text)
    assert document.text.count("\n") == text.count("\n")
    assert bool(document.problems) == (document.text != text)


@given(st.lists(TEXTS, max_size=5))
@settings(max_examples=150, deadline=None)
def test_no_notebook_is_too_odd(cells: list[str]) -> None:
    document = load_text(notebook(*cells), "any.ipynb")
    ast.parse(document.text)
    for row in range(1, document.text.count("\n") + 1):
        cell, inside = document.locate(row)
        assert cell is not None
        assert 1 <= inside <= cells[cell - 1].count("\n") + 1
