"""Files of every kind become one text whose rows lead back to where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from scratch import notebook, write

from lossadvisor.source import Document, ReadError, load, load_text


def found(document: Document, text: str) -> tuple[int | None, int]:
    row = document.text.split("\n").index(text) + 1
    return document.locate(row)


def test_cells_are_counted_among_all_cells() -> None:
    document = load_text(notebook(("markdown", "# Title"), "import torch", ("raw", "x"), "a = 1\nb = 2"), "a.ipynb")
    assert found(document, "import torch") == (2, 1)
    assert found(document, "b = 2") == (4, 2)
    assert document.row_of(4, 2) == document.text.split("\n").index("b = 2") + 1
    assert document.problems == ()


def test_magics_keep_rows_and_columns() -> None:
    cell = "%matplotlib inline\n!pip install \\\n  torch\nx = !ls\n%time y = f(x)\n"
    cell += "s = '''\n%d\n!no\n'''\nz = (a\n % b)\nf?"
    document = load_text(notebook(cell), "a.ipynb")
    assert document.problems == ()
    rows = document.text.split("\n")
    assert rows[:12] == [
        "pass", "pass", "", "x = None", "pass; y = f(x)", "s = '''", "%d", "!no", "'''", "z = (a", " % b)", "pass",
    ]  # fmt: skip
    assert rows[4].index("f(x)") == cell.split("\n")[4].index("f(x)")


@pytest.mark.parametrize("magic", ["%%bash\nls 'it", "%%html\n<b>", "%%writefile x.py\nimport torch"])
def test_cells_that_are_not_python_are_blank(magic: str) -> None:
    document = load_text(notebook(magic, "x = 1"), "a.ipynb")
    assert document.problems == ()
    assert "import" not in document.text
    assert found(document, "x = 1") == (2, 1)


def test_a_timed_cell_is_python() -> None:
    document = load_text(notebook("%%time\nloss = 1"), "a.ipynb")
    assert found(document, "loss = 1") == (1, 2)


def test_a_broken_cell_does_not_hide_the_others() -> None:
    document = load_text(notebook("x = 1", "def (", "print 'old'\ny = 2"), "a.ipynb")
    assert [document.locate(problem.row) for problem in document.problems] == [(2, 1), (3, 1)]
    assert found(document, "x = 1") == (1, 1)
    assert found(document, "y = 2") == (3, 2)


def test_an_indented_cell_keeps_its_columns() -> None:
    document = load_text(notebook("  a = 1\n  b = 2"), "a.ipynb")
    assert document.problems == ()
    assert found(document, "  b = 2") == (1, 2)


def test_notebooks_of_other_languages_are_empty() -> None:
    document = load_text(notebook("x <- 1", language="R"), "a.ipynb")
    assert (document.text, document.problems) == ("", ())


def test_old_notebooks_have_worksheets() -> None:
    text = '{"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\\n", "y = 2"]}]}], "nbformat": 3}'
    assert found(load_text(text, "a.ipynb"), "y = 2") == (1, 2)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 3}', "[" * 100_000])
def test_a_file_that_is_no_notebook(text: str) -> None:
    (problem,) = load_text(text, "a.ipynb").problems
    assert problem.kind == "unreadable"
    assert problem.message.startswith("not a notebook: ")
    assert "\n" not in problem.message


def test_markdown_fences() -> None:
    text = (
        "# T\n```bash\nls\n```\n- a\n  ```python\n  x = 1\n  y = 2\n  ```\n```py title='a'\nfoo(...\n```\n"
        "~~~{.python}\nz = 1\n~~~\n```pycon\n>>> w\n```\n```text\nq\n```\n````python\nv = '''\n```\n'''\n````\n"
    )
    document = load_text(text, "a.md")
    assert document.problems == ()
    assert found(document, "  y = 2") == (2, 2)
    assert found(document, "z = 1") == (4, 1)
    assert found(document, "v = '''") == (7, 1)
    assert "foo" not in document.text
    assert "w" not in document.text


def test_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.py"

    def read(data: bytes) -> Document:
        path.write_bytes(data)
        return load(path, "a.py")

    assert read(b"\xef\xbb\xbfx = 'a'\r\ny = 1\r").text == "x = 'a'\ny = 1\n"
    assert read("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1")).text.endswith("x = 'é'\n")
    assert read(b"# coding: latin-1\n").problems == ()
    (undecodable,) = read(b"x = 1\n# caf\xe9\ny = 2\n").problems
    assert (undecodable.kind, undecodable.row) == ("unreadable", 2)
    assert "y = 2" in load(path, "a.py").text
    (unknown,) = read(b"# coding: klingon\nx = 1\n").problems
    assert "klingon" in unknown.message
    (null,) = read(b"x = 1\n\0\n").problems
    assert (null.kind, null.row) == ("unreadable", 2)
    assert read(b"# coding: rot13\nx = 1\n").problems[0].kind == "unreadable"


def test_files_that_cannot_be_had(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"^gone\.py: No such file"):
        load(tmp_path / "gone.py", "gone.py")
    write(tmp_path, {"big.py": "x = 1\n" * 10})
    with pytest.raises(ReadError, match=r"^big\.py: not analysed: 60 bytes, above the limit of 59"):
        load(tmp_path / "big.py", "big.py", size_limit=59)
    assert load(tmp_path / "big.py", "big.py", size_limit=60).text


def test_the_text_costs_no_parse_until_it_is_asked_for() -> None:
    document = load_text("print 'x'\n", "a.py")
    assert document.raw == "print 'x'\n"
    assert "_checked" not in vars(document)
    assert document.text == "print('x')\n"
    assert document.parse() is document.parse()
