"""Fixes inside notebooks: the JSON around the changed string stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import mended, write

from lossadvisor.findings import Edit
from lossadvisor.fixes.apply import StaleEdit
from lossadvisor.fixes.notebooks import edited
from lossadvisor.values import Location, Span

FORM = """{
 "metadata": {"cells": [{"source": "x"}], "note": "caf\\u00e9 \\"source\\": "},
 "cells": [
  {"cell_type": "markdown", "source": ["# torch.log(torch.sigmoid(x))"]},
  {"outputs": [{"source": ["no"], "data": {"cells": []}}],   "cell_type": "code", "metadata": {},
   "source": [
    "import torch\\n",
    "%matplotlib inline\\n",
    "net = torch.nn.Linear(3, 3); s = \\"é\\u00e9\\ud83d\\ude00\\"; y = LOG(net(torch.randn(2, 3)))\\n"
   ]},
  {"cell_type": "code", "source": "a = 1\\nz = LOG(y)"}
 ],
 "nbformat": 4}
"""
BEFORE = FORM.replace("LOG(net(torch.randn(2, 3)))", "torch.log(torch.sigmoid(net(torch.randn(2, 3))))")
AFTER = FORM.replace("LOG(net(torch.randn(2, 3)))", "torch.nn.functional.logsigmoid(net(torch.randn(2, 3)))")


def test_a_cell_changes_and_nothing_else(tmp_path: Path) -> None:
    before, after = (text.replace("LOG(y)", "y").replace(' "nb', ' "nb') for text in (BEFORE, AFTER))
    write(tmp_path, {"lesson.ipynb": before})
    json.loads(before)
    assert mended(tmp_path, unsafe=False).contents["lesson.ipynb"].decode() == after


def _edit(cell: int, row: int, start: int, end: int, content: str, last: int | None = None) -> Edit:
    return Edit(Span("a.ipynb", cell, Location(row, start), Location(last or row, end)), content)


@given(st.lists(st.text(st.characters(blacklist_characters="\r\n")), min_size=1, max_size=4), st.booleans(),
       st.booleans(), st.text(max_size=5), st.data())
@settings(max_examples=150, deadline=None)
def test_any_text(rows: list[str], ascii_only: bool, listed: bool, content: str, data: st.DataObject) -> None:
    source = "\n".join(rows)
    lines = [row + "\n" for row in rows[:-1]] + [rows[-1]]
    cells = [{"cell_type": "markdown", "source": []}, {"source": lines if listed else source, "cell_type": "code"}]
    text = json.dumps({"cells": cells}, ensure_ascii=ascii_only)
    row = data.draw(st.integers(1, len(rows)))
    start = data.draw(st.integers(1, len(rows[row - 1]) + 1))
    end = data.draw(st.integers(start, len(rows[row - 1]) + 1))
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which no file can hold unescaped
        return
    after = json.loads(edited(raw, [_edit(2, row, start, end, content)]).decode("utf-8", "surrogatepass"))
    changed = rows[row - 1][: start - 1] + content + rows[row - 1][end - 1 :]
    expected = "\n".join([*rows[: row - 1], changed, *rows[row:]])
    got = after["cells"][1]["source"]
    assert ("".join(got) if listed else got) == expected


def test_rows_and_cells_that_are_not_there() -> None:
    data = b'{"cells": [{"source": ["a\\n", "b"]}]}'
    for edit in (_edit(3, 1, 1, 1, "x"), _edit(1, 9, 1, 1, "x"), _edit(1, 1, 1, 9, "x"), _edit(1, 1, 1, 1, "x", 2)):
        with pytest.raises(StaleEdit):
            edited(data, [edit])
